r"""The likelihood of many parameters, the regimes summed out by Hamilton's (1989) filter.

.. math::

    p(y_t \mid y_{<t}) = \sum_j \pi_{t j} f_j(y_t), \qquad
    \pi_{t+1, j} = \sum_i \frac{\pi_{t i} f_i(y_t)}{p(y_t \mid y_{<t})} P_{ij}

with :math:`\pi_1` the stationary distribution. Probabilities are normalised at each period, and
densities divided by the largest of the regimes', so that none of it underflows. Eight sets of
parameters share a vector.

Every law of the package is, up to its scale, one of two kernels: the normal one, and that of a
Student-t with two sides, each with rows of constants that `_normal_rows` and `_two_sided_rows`
make.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import kernel_of, part
from puffin.compiling.lanes import LANES, Lanes, load, maximum, store, where_less
from puffin.inference.regimes.parameters import RegimeParameters
from puffin.laws import Law
from puffin.laws.asymmetric_t import find_sides

__all__ = ["Likelihood", "filter_likelihood"]

_SCRATCH = 3


class Likelihood(NamedTuple):
    """What the filter says of many sets of parameters.

    Attributes
    ----------
    values : ndarray of shape (n_sets,)
        Log likelihoods.
    ahead : ndarray of shape (n_sets, n_regimes)
        Probabilities of the regime of the period after all.
    """

    values: Array
    ahead: Array


def filter_likelihood(y: Array, parameters: RegimeParameters, law: Law) -> Likelihood:
    """Return log likelihoods, and the regimes to come, of many sets of parameters.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing: then it says nothing.
    parameters : RegimeParameters
    law : Law
    """
    face = _FACES[law.name]
    n, k = parameters.mean.shape
    groups = -(-n // LANES)
    constants = face.rows(parameters)
    rows = np.concatenate(
        [
            *(part.T for part in constants),
            parameters.initial.T,
            parameters.transition.reshape(n, k * k).T,
        ]
    )
    padded = np.empty((len(rows), groups * LANES))
    padded[:, :n], padded[:, n:] = rows, rows[:, -1:]
    scratch, values = np.empty((_SCRATCH * k, LANES)), np.empty((groups, LANES))
    ahead = np.empty((k, groups, LANES))
    face.kernel(y, padded.reshape(len(rows), groups, LANES), k, scratch, values, ahead)
    return Likelihood(values.reshape(-1)[:n], ahead.reshape(k, -1).T[:n])


def _normal_rows(parameters: RegimeParameters) -> tuple[Array, ...]:
    """Return mean, 1 / (2 sd^2) and the log density at the mean."""
    mean, sd = parameters.mean, parameters.sd
    return mean, 0.5 / sd**2, -np.log(sd) - 0.5 * math.log(2.0 * math.pi)


def _two_sided_rows(parameters: RegimeParameters) -> tuple[Array, ...]:
    """Return mode, log density there, and 1 / (nu s^2) and (nu + 1) / 2 of both sides."""
    mean, sd, shape = parameters.mean, parameters.sd, parameters.shape
    if "nu" in shape:
        nu = shape["nu"]
        shape = {"asymmetry": np.zeros_like(nu), "nu_left": nu, "nu_right": nu}
    mode, left, right = find_sides(shape)
    sides = [
        row
        for side in (left, right)
        for row in (1.0 / (side.nu * (sd * side.scale) ** 2), 0.5 * (side.nu + 1.0))
    ]
    return mean + sd * mode, np.log(left.peak / sd), *sides


@part
def _normal_density(y: float, rows: Array, place: int, apart: int) -> Lanes:
    """Return the log density in a regime whose constants begin at a flat index of `rows`."""
    distance = y - load(rows, place)
    return load(rows, place + 2 * apart) - distance * distance * load(rows, place + apart)


@part
def _two_sided_density(y: float, rows: Array, place: int, apart: int) -> Lanes:
    """Return the log density in a regime whose constants begin at a flat index of `rows`."""
    distance = y - load(rows, place)
    zero = distance * 0.0
    over = where_less(distance, zero, load(rows, place + 2 * apart), load(rows, place + 4 * apart))
    half = where_less(distance, zero, load(rows, place + 3 * apart), load(rows, place + 5 * apart))
    return load(rows, place + apart) - half * log_lanes(1.0 + distance * distance * over)


_N_ROWS, _log_density = 3, _normal_density
"""What `kernel_of` puts a law's own in the place of: rows of a regime, and the density."""


def _filter(
    y: Array, rows: Array, n_regimes: int, scratch: Array, values: Array, ahead: Array
) -> None:
    """Write log likelihoods and the last predictions; `scratch` has three rows for each regime."""
    groups = rows.shape[1]
    apart, width = n_regimes * groups * LANES, groups * LANES
    predicted, density, filtered = 0, n_regimes * LANES, 2 * n_regimes * LANES
    for group in range(groups):
        first = group * LANES
        initial = first + _N_ROWS * apart
        transition = initial + apart
        for j in range(n_regimes):
            store(scratch, predicted + j * LANES, load(rows, initial + j * width))
        total_log = load(rows, first) * 0.0
        for t in range(y.size):
            if not math.isnan(y[t]):
                highest = _log_density(y[t], rows, first, apart)
                store(scratch, density, highest)
                for j in range(1, n_regimes):
                    value = _log_density(y[t], rows, first + j * width, apart)
                    store(scratch, density + j * LANES, value)
                    highest = maximum(value, highest)
                total = highest * 0.0
                for j in range(n_regimes):
                    at = j * LANES
                    joint = load(scratch, predicted + at) * exp_lanes(
                        load(scratch, density + at) - highest
                    )
                    store(scratch, filtered + at, joint)
                    total = total + joint
                total_log = total_log + highest + log_lanes(total)
                scale = 1.0 / total
            else:
                for j in range(n_regimes):
                    at = j * LANES
                    store(scratch, filtered + at, load(scratch, predicted + at))
                scale = total_log * 0.0 + 1.0
            for j in range(n_regimes):
                entering = total_log * 0.0
                for i in range(n_regimes):
                    place = transition + (i * n_regimes + j) * width
                    entering = entering + load(scratch, filtered + i * LANES) * load(rows, place)
                store(scratch, predicted + j * LANES, entering * scale)
        store(values, group * LANES, total_log)
        for j in range(n_regimes):
            store(ahead, j * width + first, load(scratch, predicted + j * LANES))


class _Face(NamedTuple):
    """A law as the filter needs it: its rows, and the kernel that reads them."""

    rows: Callable[[RegimeParameters], tuple[Array, ...]]
    kernel: Callable[..., Any]


_NORMAL = _Face(
    _normal_rows, kernel_of(_filter, "normal_filter", _N_ROWS=3, _log_density=_normal_density)
)
_TWO_SIDED = _Face(
    _two_sided_rows,
    kernel_of(_filter, "two_sided_filter", _N_ROWS=6, _log_density=_two_sided_density),
)
_FACES = {"normal": _NORMAL, "student": _TWO_SIDED, "asymmetric": _TWO_SIDED}
