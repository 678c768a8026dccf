r"""Measures of single states: what a sweep adds to the observations' terms.

A measure of the state at t is

.. math:: x_t = \xi + \psi h_t + \tau u_t, \qquad u_t \sim N(0, 1)

independent of all else. Its log-density is quadratic in :math:`h_t`: with
:math:`r = (x_t - \xi - \psi h_t) / \tau` the gradient is :math:`\psi r / \tau`, the curvature
:math:`\psi^2 / \tau^2`, and nothing is left of third order. So it is exact in the Gaussian that
stands for the states, at each proposal's own parameters, for any number of measures and whatever
the observations beside them are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, store
from puffin.inference.latent_ar1.batch import ROWS_OF_A_LAW
from puffin.inference.latent_ar1.expansion import Derivatives

__all__ = [
    "NO_MEASURES",
    "WITHOUT_MEASURES",
    "WITH_MEASURES",
    "MeasureParts",
    "Measures",
    "curvature",
    "log_constants",
    "with_measures",
]


class Measures(NamedTuple):
    """Measures of the states, perhaps none.

    Attributes
    ----------
    values : ndarray of shape (n_times, n_measures)
        x, zero where it is missing.
    known : ndarray of shape (n_times, n_measures)
        1 where there is one, else 0.
    rows : ndarray of shape (n_measures, 3)
        Which rows of the natural parameters are xi, psi and tau of each.
    """

    values: Array
    known: Array
    rows: NDArray[np.int64]

    def less(self, log_variance: Array, natural: Array) -> Measures:
        """Return measures of the states alone, whose log-variances are this much more.

        Parameters
        ----------
        log_variance : ndarray of shape (n_times,)
        natural : ndarray of shape (n_natural,)
        """
        return self._replace(values=self.values - np.outer(log_variance, natural[self.rows[:, 1]]))


NO_MEASURES = Measures(np.empty((1, 0)), np.empty((1, 0)), np.empty((0, 3), np.int64))
"""None at any time: its one row broadcasts to as many as there are."""


class MeasureParts(NamedTuple):
    """What a sweep asks of measures.

    Attributes
    ----------
    prepare : (measures, rows, n, g, constants) -> None
        Leave in `constants` what is the same at all times, for eight proposals from flat index `g`
        of each of the rows, which are of length n.
    add_to_term : (measures, constants, t, h, unit, (gradient, curvature)) -> both
        Add `unit` times those of the measures of time t at h.
    add_to_density : (measures, constants, t, h, total) -> total
        Add the log-densities of the measures of time t, but for `log_constants`.
    """

    prepare: Callable[..., None]
    add_to_term: Callable[..., tuple[Lanes, Lanes]]
    add_to_density: Callable[..., Lanes]


@part
def _prepare(measures: Measures, rows: Array, n: int, g: int, constants: Array) -> None:
    """Leave 1 / tau, xi / tau and psi / tau of each measure behind what the law keeps."""
    for j in range(measures.rows.shape[0]):
        place = (ROWS_OF_A_LAW + 3 * j) * LANES
        over_tau = 1.0 / load(rows, measures.rows[j, 2] * n + g)
        store(constants, place, over_tau)
        store(constants, place + LANES, load(rows, measures.rows[j, 0] * n + g) * over_tau)
        store(constants, place + 2 * LANES, load(rows, measures.rows[j, 1] * n + g) * over_tau)


@part
def _residual(measures: Measures, constants: Array, t: int, j: int, h: Lanes) -> Lanes:
    """Return r at h, zero where the measure is missing."""
    place = (ROWS_OF_A_LAW + 3 * j) * LANES
    expected = load(constants, place + LANES) + load(constants, place + 2 * LANES) * h
    residual: Lanes = measures.known[t, j] * (
        measures.values[t, j] * load(constants, place) - expected
    )
    return residual


@part
def _add_to_term(
    measures: Measures, constants: Array, t: int, h: Lanes, unit: Lanes, term: tuple[Lanes, Lanes]
) -> tuple[Lanes, Lanes]:
    gradient, curved = term
    for j in range(measures.rows.shape[0]):
        slope = load(constants, (ROWS_OF_A_LAW + 3 * j + 2) * LANES)
        weighed = unit * slope
        gradient = gradient + weighed * _residual(measures, constants, t, j, h)
        curved = curved + measures.known[t, j] * (weighed * slope)
    return gradient, curved


@part
def _add_to_density(measures: Measures, constants: Array, t: int, h: Lanes, total: Lanes) -> Lanes:
    for j in range(measures.rows.shape[0]):
        r = _residual(measures, constants, t, j, h)
        total = total - 0.5 * (r * r)
    return total


@part
def _prepare_nothing(measures: Measures, rows: Array, n: int, g: int, constants: Array) -> None:
    pass


@part
def _same_term(
    measures: Measures, constants: Array, t: int, h: Lanes, unit: Lanes, term: tuple[Lanes, Lanes]
) -> tuple[Lanes, Lanes]:
    return term


@part
def _same_density(measures: Measures, constants: Array, t: int, h: Lanes, total: Lanes) -> Lanes:
    return total


WITH_MEASURES = MeasureParts(_prepare, _add_to_term, _add_to_density)
WITHOUT_MEASURES = MeasureParts(_prepare_nothing, _same_term, _same_density)
"""A loop over no measures would make a sweep up to a fifth slower."""


def log_constants(measures: Measures, natural: Array) -> Array:
    """Return what log-densities lack, all times together, for columns of natural parameters."""
    counts = measures.known.sum(axis=0)
    log_taus = np.log(natural[measures.rows[:, 2]])
    return np.asarray(-counts @ log_taus - 0.5 * math.log(2.0 * math.pi) * counts.sum())


def with_measures(
    derivatives: Derivatives, measures: Measures, natural: Array, h: Array
) -> Derivatives:
    """Return derivatives at h with those of the measures added."""
    xi, psi, tau = natural[measures.rows].T
    residuals = (measures.values - xi - psi * h[:, None]) / tau
    return derivatives.plus_states(
        (measures.known * residuals) @ (psi / tau), curvature(measures, natural)
    )


def curvature(measures: Measures, natural: Array) -> Array:
    """Return minus the second derivative at each time."""
    _, psi, tau = natural[measures.rows].T
    return np.asarray(measures.known @ (psi / tau) ** 2)
