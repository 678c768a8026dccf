r"""Sharpe ratios with a common prior whose width they teach: the answer to having tried many.

The prior :math:`S_i \sim N(0, \tau^2)`, :math:`\tau \sim` HalfNormal takes the place of the flat
one of each strategy by itself, whose posteriors, coupled by correlated errors, are known from their
draws. A strategy's own posterior is :math:`S_i = Q_i(z_i)` with z standard normal: its quantile
function of a normal score. Given :math:`\tau` its pooled posterior is that of z tilted,

.. math::

    p(z_i \mid \tau) \propto \phi(z_i) \, \frac{N(Q_i(z_i); 0, \tau^2)}{\pi_i(Q_i(z_i))}
    \, g_i(Q_i(z_i) \mid \tau)

with :math:`\pi_i` the prior that it had, and :math:`g_i` what the other strategies say of it. If
there are no correlations, g is 1, and this is exact, as is

.. math::

    p(\tau) \propto HN(\tau) \prod_i Z_i(\tau), \qquad
    Z_i(\tau) = \int \phi(z) \frac{N(Q_i(z); 0, \tau^2)}{\pi_i(Q_i(z))} \, dz

With correlations, g, what they change in :math:`p(\tau)`, and the dependence of the strategies
given :math:`\tau` are those of normal posteriors :math:`N(\hat s, V)` with the same means,
standard deviations and correlations: exact where the posteriors are normal. All integrals have one
dimension, on a grid of scores. (The more strategies, the more the noise in so many correlations
counts; `denoising` takes it out before.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr, ndtri

from puffin.arrays import Array

__all__ = ["PooledDraws", "pool"]

_SCORES = np.linspace(-8.0, 8.0, 401)
_COARSE, _NEAR = _SCORES[::5], np.linspace(-8.0, 8.0, 121)
_LAST_QUANTILE, _END = 3.0, 20
_WIDTHS, _CORRECTED = 400, 50
_STRATA, _BLOCK = 100, 2000
_LEAST_EIGENVALUE = 1e-8
_TINY, _LEAST_SD = 1e-300, 1e-12


@dataclass(frozen=True)
class PooledDraws:
    """Draws of the pooled posterior.

    Attributes
    ----------
    sharpe : ndarray of shape (n_draws, n_strategies)
    tau : ndarray of shape (n_draws,)
    nearest : ndarray of int of shape (n_draws, n_strategies)
        Which of each strategy's own draws, in ascending order, is nearest to the pooled one: it
        has the rest of what goes with it.
    """

    sharpe: Array
    tau: Array
    nearest: NDArray[np.int64]


def pool(
    own: Array, prior_scale: Array, correlation: Array, pool_sd: float, stream: np.random.Generator
) -> PooledDraws:
    """Draw from the pooled posterior of Sharpe ratios.

    Parameters
    ----------
    own : ndarray of shape (n_draws, n_strategies)
        Draws of each strategy's own posterior, each column in ascending order.
    prior_scale : ndarray of shape (n_strategies,)
        The prior that each ratio had by itself is Cauchy about 0 with this scale.
    correlation : ndarray of shape (n_strategies, n_strategies)
        Of the own posteriors.
    pool_sd : float
        Scale of the half-normal prior of tau.
    stream : Generator
    """
    normal = _NormalPool.of(own, correlation)
    posteriors = [_Own(at, scale) for at, scale in zip(_quantiles(own), prior_scale, strict=True)]
    widths = _widths(pool_sd, posteriors, normal)
    count = len(own)
    # Each stratum of tau has one hundredth of its probability, and of the draws.
    places = stream.permutation((np.arange(count) + stream.random(count)) / count)
    tau = np.interp(places, *widths)
    stratum = np.minimum((places * _STRATA).astype(int), _STRATA - 1)
    middles = np.interp((np.arange(_STRATA) + 0.5) / _STRATA, *widths)
    probabilities = normal.scores(tau, stream)
    ndtr(probabilities, out=probabilities)
    means, variances = normal.moments(middles)
    sharpe, nearest = np.empty(own.shape), np.empty(own.shape, np.int64)
    members = [np.flatnonzero(stratum == s) for s in range(_STRATA)]
    for i, one in enumerate(posteriors):
        scores, ratios, log_weights = one.tilted(middles, means[:, i], variances[:, i])
        told = normal.told_by_others(i, means[:, i], variances[:, i], middles, ratios)
        below = _cumulative(log_weights + told)
        for s, draws in enumerate(members):
            score = np.interp(probabilities[draws, i], below[s], scores[s])
            sharpe[draws, i] = np.interp(score, _SCORES, one.at)
            nearest[draws, i] = np.minimum(ndtr(score) * count, count - 1)
    return PooledDraws(sharpe, tau, nearest)


def _quantiles(own: Array) -> Array:
    """Return the own posteriors' quantiles at all scores: shape (n_strategies, n_scores).

    Beyond the last ones that so many draws know well, lines go on with the slope there.
    """
    last = min(_LAST_QUANTILE, float(-ndtri(0.5 / (len(own) + 1.0))))
    known = np.linspace(-last, last, 121)
    values = np.quantile(own, ndtr(known), axis=0).T
    below = (values[:, 0] - values[:, _END]) / (known[_END] - known[0])
    above = (values[:, -1] - values[:, -1 - _END]) / (known[_END] - known[0])
    inside = np.array([np.interp(_SCORES, known, at) for at in values])
    return np.asarray(
        inside
        + np.outer(below, np.maximum(-last - _SCORES, 0.0))
        + np.outer(above, np.maximum(_SCORES - last, 0.0))
    )


@dataclass(frozen=True)
class _Own:
    """A strategy's own posterior: Sharpe ratios `at` the normal scores, and its prior's scale."""

    at: Array
    prior_scale: float

    def tilted(self, tau: Array, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """Return scores, the ratios there, and log weights of the tilted density, given each tau.

        The scores are close to each other about where a normal pool says that the ratio is.
        """
        near = mean[:, None] + np.sqrt(variance)[:, None] * _NEAR
        coarse = np.broadcast_to(_COARSE, (len(tau), _COARSE.size))
        scores = np.sort(np.hstack([np.interp(near, self.at, _SCORES), coarse]), axis=1)
        ratios = np.interp(scores, _SCORES, self.at)
        log_weights = (
            np.log(np.maximum(np.gradient(scores, axis=1), _TINY))
            - 0.5 * scores**2
            - 0.5 * (ratios / tau[:, None]) ** 2
            + np.log1p((ratios / self.prior_scale) ** 2)
        )
        return scores, ratios, log_weights


def _widths(pool_sd: float, posteriors: list[_Own], normal: _NormalPool) -> tuple[Array, Array]:
    """Return the distribution function of tau, increasing, and the values where it is reached."""
    tau = pool_sd * np.geomspace(1e-4, 8.0, _WIDTHS)
    corrected = pool_sd * np.geomspace(1e-4, 8.0, _CORRECTED)
    correction = np.zeros(_CORRECTED)
    for one, mean, sd in zip(posteriors, normal.mean, normal.sd, strict=True):
        total = sd**2 + corrected**2
        share = corrected**2 / total
        exact = logsumexp(one.tilted(corrected, share * mean, share * sd**2)[2], axis=1)
        correction += exact - np.log(corrected) + 0.5 * np.log(total) + 0.5 * mean**2 / total
    log_density = (
        np.log(tau)
        - 0.5 * (tau / pool_sd) ** 2
        + normal.log_evidence(tau)
        + np.interp(np.log(tau), np.log(corrected), correction)
    )
    weights = np.exp(log_density - log_density.max())
    below = np.cumsum(weights) - 0.5 * weights
    return below / weights.sum(), tau


def _cumulative(log_weights: Array) -> Array:
    """Return the distribution function at each point, row by row."""
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    below = np.cumsum(weights, axis=1) - 0.5 * weights
    return np.asarray(below / weights.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class _NormalPool:
    """The pooled posterior of normal own posteriors N(mean, V), with V = U diag(values) U'."""

    mean: Array
    sd: Array
    values: Array
    vectors: Array
    rotated: Array

    @classmethod
    def of(cls, own: Array, correlation: Array) -> _NormalPool:
        mean, sd = own.mean(axis=0), np.maximum(own.std(axis=0), _LEAST_SD)
        values, vectors = np.linalg.eigh(correlation * np.outer(sd, sd))
        values = np.maximum(values, _LEAST_EIGENVALUE * values[-1])
        return cls(mean, sd, values, vectors, vectors.T @ mean)

    def log_evidence(self, tau: Array) -> Array:
        """Return log N(mean; 0, V + tau^2 I)."""
        total = self.values + tau[:, None] ** 2
        return np.asarray(-0.5 * (np.log(total) + self.rotated**2 / total).sum(axis=1))

    def _shares(self, tau: Array) -> Array:
        return np.asarray(tau[:, None] ** 2 / (self.values + tau[:, None] ** 2))

    def moments(self, tau: Array) -> tuple[Array, Array]:
        """Return means and variances given each tau: shape (n_taus, n_strategies)."""
        shares = self._shares(tau)
        means = (shares * self.rotated) @ self.vectors.T
        return means, (shares * self.values) @ (self.vectors**2).T

    def scores(self, tau: Array, stream: np.random.Generator) -> Array:
        """Draw given each tau, less the mean and over the standard deviation given that tau."""
        scores = np.empty((tau.size, self.mean.size))
        for rows in np.array_split(np.arange(tau.size), -(-tau.size // _BLOCK)):
            variances = self._shares(tau[rows]) * self.values
            errors = np.sqrt(variances) * stream.standard_normal(variances.shape)
            sizes = np.sqrt(variances @ (self.vectors**2).T)
            scores[rows] = errors @ self.vectors.T / sizes
        return scores

    def told_by_others(
        self, i: int, means: Array, variances: Array, tau: Array, ratios: Array
    ) -> Array:
        """Return the log of what the others say of strategy i, given each tau, at its ratios.

        The pooled posterior over what it would be with no correlations.
        """
        alone = 1.0 / (1.0 / self.sd[i] ** 2 + 1.0 / tau**2)
        shrunk = alone * self.mean[i] / self.sd[i] ** 2
        precision = np.maximum(1.0 / variances - 1.0 / alone, 0.0)
        shift = means / variances - shrunk / alone
        return np.asarray(shift[:, None] * ratios - 0.5 * precision[:, None] * ratios**2)
