r"""The data's part of a likelihood whose two sides have a scale and a tail each.

For every point it is :math:`\sum_t w_i \log(1 + f_i d_t^2)`, where d is the distance to the mode, f
and w (factor and power) those of the side that the observation is on. Observations in ascending
order make each side a range; the errors of an autoregression are put side by side from both ends.
"""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import kernel
from puffin.inference.student_t_density import sum_log1p

__all__ = ["autoregressive_kernels", "independent_kernels"]


@kernel
def independent_kernels(
    x: Array,
    modes: Array,
    left_factors: Array,
    right_factors: Array,
    left_powers: Array,
    right_powers: Array,
) -> Array:
    """Return the sum for each point; `x` is in ascending order, all else of shape (n_points,)."""
    values = np.empty(modes.size)
    squares = np.empty(x.size)
    for point in range(modes.size):
        mode = modes[point]
        for t in range(x.size):
            distance = x[t] - mode
            squares[t] = distance * distance
        below = np.searchsorted(x, mode)
        values[point] = left_powers[point] * sum_log1p(
            squares[:below], left_factors[point]
        ) + right_powers[point] * sum_log1p(squares[below:], right_factors[point])
    return values


@kernel
def autoregressive_kernels(
    x: Array,
    rhos: Array,
    modes: Array,
    left_factors: Array,
    right_factors: Array,
    left_powers: Array,
    right_powers: Array,
) -> Array:
    """Return the sum over errors x_t - rho x_{t-1} less the mode, for each point."""
    values = np.empty(modes.size)
    squares = np.empty(x.size - 1)
    for point in range(modes.size):
        rho, mode = rhos[point], modes[point]
        below, above = 0, squares.size
        for t in range(squares.size):
            distance = x[t + 1] - rho * x[t] - mode
            if distance < 0.0:
                squares[below] = distance * distance
                below += 1
            else:
                above -= 1
                squares[above] = distance * distance
        values[point] = left_powers[point] * sum_log1p(
            squares[:below], left_factors[point]
        ) + right_powers[point] * sum_log1p(squares[below:], right_factors[point])
    return values
