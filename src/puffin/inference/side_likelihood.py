r"""The data's part of a likelihood whose two sides have a scale and a tail each.

For every point it is :math:`\sum_t w_i \log(1 + f_i d_t^2)`, where d is the distance to the mode, f
and w (factor and power) those of the side that the observation is on. Observations in ascending
order make each side a range; the errors of an autoregression are put side by side from both ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part
from puffin.inference.student_t_density import sum_log1p

__all__ = ["autoregressive_kernels", "independent_kernels"]


class Sides(NamedTuple):
    """The f and w of each point on either side of its mode; arrays of shape (n_points,)."""

    left_factors: Array
    right_factors: Array
    left_powers: Array
    right_powers: Array


def independent_kernels(
    x: Array,
    modes: Array,
    left_factors: Array,
    right_factors: Array,
    left_powers: Array,
    right_powers: Array,
) -> Array:
    """Return the sum for each point; `x` is in ascending order, all else of shape (n_points,)."""
    sides = Sides(left_factors, right_factors, left_powers, right_powers)
    values = np.empty(modes.size)
    _independent(x, modes, np.searchsorted(x, modes), sides, np.empty(x.size), values)
    return values


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
    sides = Sides(left_factors, right_factors, left_powers, right_powers)
    values = np.empty(modes.size)
    _autoregressive(x, rhos, modes, sides, np.empty(x.size - 1), values)
    return values


@kernel
def _independent(
    x: Array,
    modes: Array,
    numbers_below: NDArray[np.intp],
    sides: Sides,
    squares: Array,
    values: Array,
) -> None:
    """Write the values; `squares` is scratch, `numbers_below` how many of `x` are on the left."""
    for point in range(modes.size):
        for t in range(x.size):
            distance = x[t] - modes[point]
            squares[t] = distance * distance
        values[point] = _sum_of_sides(squares, numbers_below[point], sides, point)


@kernel
def _autoregressive(
    x: Array, rhos: Array, modes: Array, sides: Sides, squares: Array, values: Array
) -> None:
    """Write the values; `squares` is scratch."""
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
        values[point] = _sum_of_sides(squares, below, sides, point)


@part
def _sum_of_sides(squares: Array, below: int, sides: Sides, point: int) -> float:
    left = sum_log1p(squares[:below], sides.left_factors[point])
    right = sum_log1p(squares[below:], sides.right_factors[point])
    total: float = sides.left_powers[point] * left + sides.right_powers[point] * right
    return total
