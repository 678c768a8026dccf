r"""The parameters of a regime-switching model, and the coordinates in which they are sampled.

Means are as they are. A standard deviation is there by the logarithm of what it would be without
the tails, the scales of the law's sides in the middle of it: with few degrees of freedom a standard
deviation may be anything, and that scale hardly changes. Each row of the transition matrix is there
by the cube roots of the odds of moving against staying,

.. math:: u_{ij} = (P_{ij} / P_{ii})^{1/3}, \qquad j \ne i

in which a Dirichlet prior has the density :math:`\prod_j P_{ij}^{\alpha_{ij}} \prod_{j \ne i} 3 /
u_{ij}` up to a constant. Many moves are never made: what is known of their probabilities is then
much like an exponential distribution, whose cube root is nearly normal, as is that of a gamma
distribution with any other shape (Wilson & Hilferty 1931).
The law's shape parameters have the coordinates that it says, once or for each regime.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, log_softmax

from puffin.arrays import Array
from puffin.laws import Law
from puffin.laws.asymmetric_t import find_sides
from puffin.laws.parameter import NormalPrior, Parameter, Prior

__all__ = ["RegimeCoordinates", "RegimeParameters", "RegimePrior", "stationary"]

_LEAST_ROOT = 1e-30
"""Of odds; below there is nothing."""


@dataclass(frozen=True)
class RegimePrior:
    """What is believed before the returns, in their unit.

    Attributes
    ----------
    mean_sd : float
        Each regime's mean ~ Normal(0, mean_sd).
    log_median, log_sd : float
        Each regime's log standard deviation ~ Normal(log_median, log_sd), regimes in ascending
        order of it.
    stay, switch : float
        Rows of the transition matrix ~ Dirichlet(switch, ..., stay, ..., switch), with `stay` at
        the regime's own place.
    shape : mapping of str to Prior
        Of the law's shape parameters.
    """

    mean_sd: float
    log_median: float
    log_sd: float
    stay: float
    switch: float
    shape: Mapping[str, Prior]


class RegimeParameters(NamedTuple):
    """Parameters of many draws; regimes are along the axis after that of the draws.

    Attributes
    ----------
    mean, sd : ndarray of shape (n_draws, n_regimes)
    transition : ndarray of shape (n_draws, n_regimes, n_regimes)
        Row i has the probabilities of the next regime after regime i.
    initial : ndarray of shape (n_draws, n_regimes)
        Of the first period's regime: the chain's stationary distribution.
    shape : mapping of str to ndarray of shape (n_draws, n_regimes)
    """

    mean: Array
    sd: Array
    transition: Array
    initial: Array
    shape: Mapping[str, Array]

    def log_densities(self, y: Array, law: Law) -> Array:
        """Return the log density of each return in each regime: (n_draws, n_times, n_regimes).

        Of one that is missing, NaN, it is 0 whatever the regime.
        """
        known = np.isfinite(y)
        errors = (np.where(known, y, 0.0)[:, None] - self.mean[:, None]) / self.sd[:, None]
        shape = {name: values[:, None] for name, values in self.shape.items()}
        logs = law.log_density(errors, shape) - np.log(self.sd)[:, None]
        return np.where(known[:, None], logs, 0.0)

    def take(self, draws: slice | NDArray[np.int64]) -> RegimeParameters:
        """Return those of some of the draws."""
        shape = {name: values[draws] for name, values in self.shape.items()}
        return RegimeParameters(
            self.mean[draws], self.sd[draws], self.transition[draws], self.initial[draws], shape
        )


def stationary(transition: Array) -> Array:
    """Return the stationary distribution of Markov chains, shape (..., n_regimes).

    By the elimination of Grassmann, Taksar & Heyman (1985), "Regenerative analysis and steady state
    distributions for Markov chains", Operations Research 33, which subtracts nothing, so that
    small probabilities are exact too.
    """
    rates = transition.copy()
    n = rates.shape[-1]
    for last in range(n - 1, 0, -1):
        leaving = rates[..., last, :last].sum(axis=-1)
        rates[..., :last, last] /= leaving[..., None]
        rates[..., :last, :last] += rates[..., :last, last, None] * rates[..., last, None, :last]
    shares = np.ones(rates.shape[:-1])
    for place in range(1, n):
        shares[..., place] = (shares[..., :place] * rates[..., :place, place]).sum(axis=-1)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def _log_core(shape: Mapping[str, Array]) -> Array:
    """Return the log of the scale of an error of variance 1: of its sides, the geometric mean."""
    if "nu" in shape:
        nu = shape["nu"]
        return np.asarray(0.5 * np.log((nu - 2.0) / nu))
    if "nu_left" in shape:
        sides = find_sides(shape)
        return np.asarray(0.5 * np.log(sides.left.scale * sides.right.scale))
    return np.zeros(())


@dataclass(frozen=True)
class RegimeCoordinates:
    """The map between points, shape (n_points, n_dims), and parameters; and the prior there.

    Attributes
    ----------
    n_regimes : int
    law : Law
    prior : RegimePrior
    own_shape : bool
        Whether each regime has shape parameters of its own.
    """

    n_regimes: int
    law: Law
    prior: RegimePrior
    own_shape: bool

    @functools.cached_property
    def shape(self) -> tuple[Parameter, ...]:
        """The law's shape parameters."""
        return self.law.parameters(self.prior.shape)

    @property
    def _copies(self) -> int:
        return self.n_regimes if self.own_shape else 1

    @property
    def n_dims(self) -> int:
        """How many coordinates there are."""
        k = self.n_regimes
        return k + k * k + self._copies * len(self.shape)

    @functools.cached_property
    def _moves(self) -> tuple[NDArray[np.intp], ...]:
        return np.nonzero(~np.eye(self.n_regimes, dtype=np.bool_))

    def point(self, mean: Array, sd: Array, transition: Array) -> Array:
        """Return the point of one set of parameters, with a usual shape of the law."""
        rows, columns = self._moves
        shape = {one.name: np.asarray(one.starts[0]) for one in self.shape}
        log_sd = np.log(sd) + _log_core(shape)
        odds = np.cbrt(transition[rows, columns] / np.diag(transition)[rows])
        usual = [
            float(one.transform.coordinate(np.asarray(one.starts[0]))) for one in self.shape
        ]  # fmt: skip
        return np.concatenate([mean, log_sd, odds, np.repeat(usual, self._copies)])

    def parameters(self, points: Array) -> RegimeParameters:
        """Return what the coordinates mean."""
        transition = np.exp(self._log_transition(points))
        return RegimeParameters(
            points[:, : self.n_regimes],
            np.exp(self._log_sds(points)),
            transition,
            stationary(transition),
            self._shapes(points),
        )

    def _shapes(self, points: Array) -> dict[str, Array]:
        size = (len(points), self.n_regimes)
        return {
            one.name: np.broadcast_to(one.natural(self._of_shape(points, number)), size)
            for number, one in enumerate(self.shape)
        }

    def _log_sds(self, points: Array) -> Array:
        k = self.n_regimes
        return np.asarray(points[:, k : 2 * k] - _log_core(self._shapes(points)))

    def log_core(self, points: Array) -> Array:
        """Return the log of what is left of each regime's standard deviation without tails."""
        return np.broadcast_to(_log_core(self._shapes(points)), (len(points), self.n_regimes))

    def _of_shape(self, points: Array, number: int) -> Array:
        first = self.n_regimes + self.n_regimes**2 + number * self._copies
        return points[:, first : first + self._copies]

    def _log_transition(self, points: Array) -> Array:
        odds = np.zeros((len(points), self.n_regimes, self.n_regimes))
        rows, columns = self._moves
        odds[:, rows, columns] = 3.0 * np.log(np.maximum(self._roots(points), _LEAST_ROOT))
        return np.asarray(log_softmax(odds, axis=-1))

    def _roots(self, points: Array) -> Array:
        """Return the cube roots of odds of moving."""
        return points[:, 2 * self.n_regimes : self.n_regimes + self.n_regimes**2]

    def log_prior(self, points: Array) -> Array:
        """Return the log prior density of the coordinates, whatever the regimes' order.

        It is that of ordered regimes, and goes on symmetrically where they are not.
        """
        k, prior = self.n_regimes, self.prior
        values = NormalPrior(prior.mean_sd).log_density(points[:, :k]).sum(axis=1)
        log_sds = self._log_sds(points) - prior.log_median
        values += NormalPrior(prior.log_sd).log_density(log_sds).sum(axis=1)
        values += math.lgamma(k + 1.0)
        counts = prior.switch + (prior.stay - prior.switch) * np.eye(k)
        values += k * (gammaln(counts[0].sum()) - gammaln(counts[0]).sum())
        values += (counts * self._log_transition(points)).sum(axis=(1, 2))
        roots = self._roots(points)
        values += np.log(3.0 / np.maximum(roots, _LEAST_ROOT)).sum(axis=1)
        values = np.where((roots > _LEAST_ROOT).all(axis=1), values, -np.inf)
        for number, one in enumerate(self.shape):
            values += one.log_prior(self._of_shape(points, number)).sum(axis=1)
        return np.asarray(values)

    def is_ordered(self, points: Array) -> Array:
        """Return whether standard deviations ascend."""
        return np.asarray((np.diff(self._log_sds(points), axis=1) > 0.0).all(axis=1))

    def order(self, points: Array) -> NDArray[np.intp]:
        """Return each point's regimes in ascending order of their standard deviations."""
        return np.argsort(self._log_sds(points), axis=1, kind="stable")

    def relabelling(self, order: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return which coordinate comes where, as regimes are taken in some order."""
        k = self.n_regimes
        numbers = np.zeros((k, k), dtype=np.intp)
        numbers[self._moves] = np.arange(2 * k, k + k * k)
        shape = np.arange(k + k * k, self.n_dims).reshape(-1, self._copies)
        if self.own_shape:
            shape = shape[:, order]
        moves = numbers[np.ix_(order, order)][self._moves]
        return np.concatenate([order, k + order, moves, shape.ravel()])
