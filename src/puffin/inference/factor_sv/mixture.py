r"""The log of a squared normal as a mixture of ten normals (Omori, Chib, Shephard & Nakajima 2007).

With :math:`y_t = e^{h_t/2} z_t`, :math:`\log y_t^2 - h_t = \log z_t^2`, which is nearly such a
mixture; given the components, log-variances are the states of a Gaussian model. What "nearly"
leaves out is put right by the acceptance step of `log_variances`.
"""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, store, where_less

__all__ = [
    "COMPONENTS",
    "MEANS",
    "VARIANCES",
    "WEIGHTS",
    "choose_component",
    "running_density",
    "widest",
]

WEIGHTS = np.array(
    [0.00609, 0.04775, 0.13057, 0.20674, 0.22715, 0.18842, 0.12047, 0.05591, 0.01575, 0.00115]
)
MEANS = np.array(
    [1.92677, 1.34744, 0.73504, 0.02266, -0.85173, -1.97278, -3.46788, -5.55246, -8.68384, -14.65]
)
VARIANCES = np.array(
    [0.11265, 0.17788, 0.26768, 0.40611, 0.62699, 0.98583, 1.57469, 2.54498, 4.16591, 7.33342]
)
COMPONENTS = WEIGHTS.size

_PEAKS = WEIGHTS / np.sqrt(2.0 * np.pi * VARIANCES)
_HALVES = 0.5 / VARIANCES
_PRECISIONS = 1.0 / VARIANCES


@part
def widest(x: Lanes) -> Lanes:
    """Return the log of what densities are divided by: the kernel of the widest component.

    Beside it no other is larger by more than exp(19), and far off none is as large, so that nothing
    overflows, and the sum never underflows.
    """
    distance = x - MEANS[COMPONENTS - 1]
    log_kernel: Lanes = -_HALVES[COMPONENTS - 1] * distance * distance
    return log_kernel


@part
def running_density(x: Lanes, sums: Array) -> Lanes:
    """Return the mixture's density at x over exp of `widest`, between 1e-4 and 1e9, in eight lanes.

    `sums`, of shape (10, 8), is left with the running sums over components.
    """
    base, total = widest(x), x * 0.0
    for j in range(COMPONENTS):
        distance = x - MEANS[j]
        total = total + _PEAKS[j] * exp_lanes(-_HALVES[j] * distance * distance - base)
        store(sums, j * LANES, total)
    return total


@part
def choose_component(target: Lanes, sums: Array) -> tuple[Lanes, Lanes]:
    """Return mean and precision of the first component whose running sum exceeds `target`."""
    mean = target * 0.0 + MEANS[COMPONENTS - 1]
    precision = target * 0.0 + _PRECISIONS[COMPONENTS - 1]
    for before in range(COMPONENTS - 1):
        j = COMPONENTS - 2 - before
        bound = load(sums, j * LANES)
        mean = where_less(target, bound, target * 0.0 + MEANS[j], mean)
        precision = where_less(target, bound, target * 0.0 + _PRECISIONS[j], precision)
    return mean, precision
