r"""Regressors of the mean and of the log-variance: what a sweep makes of an observation.

With coefficients b and g, a return at t is

.. math:: y_t = \text{mean} + x_t' b + e^{h_t / 2} \epsilon_t, \qquad h_t = z_t' g + s_t

and the chain is s. So, given b and g, :math:`y^*_t = \text{mean} + (y_t - \text{mean} - x_t' b)
e^{-z_t' g / 2}` observes :math:`s_t` by the model that an observation without regressors has, and
the density of :math:`y_t` is that of :math:`y^*_t` times :math:`e^{-z_t' g / 2}`. A sweep hands
:math:`y^*_t` of its eight proposals to the parts of any observation model, in place of
:math:`y_t`.

The Gaussian that stands for the states moves with b and g, at t by :math:`d_t`, linear in how far
these are from the guide's. An observation of :math:`s_t` that is :math:`y^*_t` is one of
:math:`s_t - d_t`, whose Gaussian does not move, that is :math:`y^*_t`, less its mean, times
:math:`e^{-d_t / 2}`: that is what the terms of the Gaussian are formed of, by the same parts.

An observation model that has something of a size of its own beside the volatility, as jumps are, is
told the unit of y* too, :math:`e^{-z_t' g / 2}`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.compiling.elementary import exp_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import Lanes, load
from puffin.inference.latent_ar1.coordinates import MEAN

__all__ = [
    "BY_REGRESSORS",
    "NO_REGRESSORS",
    "WITH_UNITS",
    "Following",
    "InUnit",
    "RegressorParts",
    "Regressors",
    "chain_observations",
    "explained_log_variance",
    "log_jacobian",
    "observed_at_centre",
]


class Regressors(NamedTuple):
    """Regressors at the times of the observations, perhaps none.

    Attributes
    ----------
    of_mean, of_variance : ndarray of shape (n_times, n)
        x and z.
    first : int
        The row of the natural parameters in which the first coefficient is; b comes before g.
    """

    of_mean: Array
    of_variance: Array
    first: int

    @property
    def n_coefficients(self) -> int:
        """The number of coefficients."""
        return int(self.of_mean.shape[1] + self.of_variance.shape[1])


NO_REGRESSORS = Regressors(np.empty((1, 0)), np.empty((1, 0)), 0)


class Following(NamedTuple):
    """What a kernel with regressors is told of an expansion.

    Attributes
    ----------
    tables : named tuple
        What the observation model's parts are told, as if there were no regressors.
    slopes : ndarray of shape (n_times, n_coefficients)
        Derivatives of the Gaussian's centre in the coefficients.
    """

    tables: Any
    slopes: Array


InUnit = tuple[Lanes, Lanes]
"""y*, and what one is in its unit: exp(-z'g / 2)."""


class RegressorParts(NamedTuple):
    """What a sweep asks of regressors.

    Attributes
    ----------
    tables : (told) -> tables
        What the observation model is told.
    observation : (regressors, rows, n, g, t, y) -> observed
        y* of time t, for eight proposals from flat index `g` of each of the rows, which are of
        length n; with its unit, where the model is told that.
    at_centre : (regressors, told, rows, n, g, t, y) -> (observed, d)
        The same as an observation of the state less d, and d.
    move : (m, d) -> eight floats
        m + d.
    move_gradient : (gradient, curvature, d) -> eight floats
        The gradient at zero of a quadratic in the state less d, in the state itself.
    add_log_variance : (regressors, rows, n, g, t, s) -> eight floats
        z'g + s, which measures of the log-variance are of.
    """

    tables: Callable[..., Any]
    observation: Callable[..., Any]
    at_centre: Callable[..., Any]
    move: Callable[..., Any]
    move_gradient: Callable[..., Any]
    add_log_variance: Callable[..., Lanes]


@part
def _tables(told: Following) -> Any:
    return told.tables


@part
def _observation_in_unit(
    regressors: Regressors, rows: Array, n: int, g: int, t: int, y: float
) -> InUnit:
    return _rescaled(regressors, rows, n, g, t, y, load(rows, g) * 0.0)


@part
def _observation(regressors: Regressors, rows: Array, n: int, g: int, t: int, y: float) -> Lanes:
    return _rescaled(regressors, rows, n, g, t, y, load(rows, g) * 0.0)[0]


@part
def observed_at_centre(
    regressors: Regressors, told: Any, rows: Array, n: int, g: int, t: int, y: float
) -> tuple[InUnit, Lanes]:
    """Return y* as an observation of the state less d, with its unit, and d.

    Parameters
    ----------
    told : named tuple
        With slopes, as `Following` has them.
    """
    moved = load(rows, g) * 0.0
    offset = (rows.shape[1] + regressors.first) * n + g
    for k in range(told.slopes.shape[1]):
        moved = moved + told.slopes[t, k] * load(rows, offset + k * n)
    return _rescaled(regressors, rows, n, g, t, y, moved), moved


@part
def _at_centre(
    regressors: Regressors, told: Following, rows: Array, n: int, g: int, t: int, y: float
) -> tuple[Lanes, Lanes]:
    observed, moved = observed_at_centre(regressors, told, rows, n, g, t, y)
    return observed[0], moved


@part
def _rescaled(
    regressors: Regressors, rows: Array, n: int, g: int, t: int, y: float, log_variance: Lanes
) -> InUnit:
    """Return y*, of which `log_variance` more is explained, and its unit."""
    mean, place = load(rows, MEAN * n + g), regressors.first * n + g
    error = y - mean
    for k in range(regressors.of_mean.shape[1]):
        error = error - regressors.of_mean[t, k] * load(rows, place + k * n)
    explained = _add_log_variance(regressors, rows, n, g, t, log_variance)
    unit = exp_lanes(-0.5 * explained)
    return mean + error * unit, unit


@part
def _add_log_variance(
    regressors: Regressors, rows: Array, n: int, g: int, t: int, state: Lanes
) -> Lanes:
    place = (regressors.first + regressors.of_mean.shape[1]) * n + g
    for k in range(regressors.of_variance.shape[1]):
        state = state + regressors.of_variance[t, k] * load(rows, place + k * n)
    return state


@part
def _move(m: Lanes, moved: Lanes) -> Lanes:
    return m + moved


@part
def _move_gradient(gradient: Lanes, curvature: Lanes, moved: Lanes) -> Lanes:
    return gradient + curvature * moved


@part
def _same_tables(told: Any) -> Any:
    return told


@part
def _same_observation(
    regressors: Regressors, rows: Array, n: int, g: int, t: int, y: float
) -> float:
    return y


@part
def _same_at_centre(
    regressors: Regressors, told: Any, rows: Array, n: int, g: int, t: int, y: float
) -> tuple[float, float]:
    return y, 0.0


@part
def _same_observation_in_unit(
    regressors: Regressors, rows: Array, n: int, g: int, t: int, y: float
) -> tuple[float, float]:
    return y, 1.0


@part
def _same_at_centre_in_unit(
    regressors: Regressors, told: Any, rows: Array, n: int, g: int, t: int, y: float
) -> tuple[tuple[float, float], float]:
    return (y, 1.0), 0.0


@part
def _same(m: Lanes, moved: float) -> Lanes:
    return m


@part
def _same_gradient(gradient: Lanes, curvature: Lanes, moved: float) -> Lanes:
    return gradient


@part
def _same_state(regressors: Regressors, rows: Array, n: int, g: int, t: int, state: Lanes) -> Lanes:
    return state


BY_REGRESSORS = (
    RegressorParts(
        _same_tables, _same_observation, _same_at_centre, _same, _same_gradient, _same_state
    ),
    RegressorParts(_tables, _observation, _at_centre, _move, _move_gradient, _add_log_variance),
)
"""Where there are no regressors, and where there are."""
WITH_UNITS = (
    BY_REGRESSORS[0]._replace(
        observation=_same_observation_in_unit, at_centre=_same_at_centre_in_unit
    ),
    BY_REGRESSORS[1]._replace(
        tables=_same_tables, observation=_observation_in_unit, at_centre=observed_at_centre
    ),
)
"""The same for a model that is told the unit of y*, whose tables have the slopes in them."""


def chain_observations(y: Array, regressors: Regressors, natural: Array) -> Array:
    """Return y* at each time, for one column of natural parameters."""
    mean, (b, _) = natural[MEAN], _coefficients(regressors, natural)
    error = y - mean - regressors.of_mean @ b
    return np.asarray(mean + error * np.exp(-0.5 * explained_log_variance(regressors, natural)))


def explained_log_variance(regressors: Regressors, natural: Array) -> Array:
    """Return z'g at each time, for one column of natural parameters."""
    return np.asarray(regressors.of_variance @ _coefficients(regressors, natural)[1])


def log_jacobian(regressors: Regressors, present: Array, natural: Array) -> Array:
    """Return log dy*/dy, the times with an observation together, for columns of parameters."""
    if not regressors.n_coefficients:
        return np.zeros(natural.shape[1:])
    _, g = _coefficients(regressors, natural)
    return np.asarray(-0.5 * (present @ regressors.of_variance) @ g)


def _coefficients(regressors: Regressors, natural: Array) -> tuple[Array, Array]:
    middle = regressors.first + regressors.of_mean.shape[1]
    return (
        natural[regressors.first : middle],
        natural[middle : middle + regressors.of_variance.shape[1]],
    )
