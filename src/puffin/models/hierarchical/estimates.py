r"""Each asset's alpha and betas by themselves, and an honest covariance of their errors.

Least squares, asset by asset over its own months, with the factors that residuals have in common
beside those given (`puffin.inference.residual_factors`). Returns need not be normal: the estimates
are nearly so, as means are, and the covariance of their errors holds for other returns:

- volatility that changes for all assets at once is weighed in (White's sandwich, the weights being
  the mean of all assets' standardised squares in each month);
- errors that are correlated in a way too diffuse to be found as factors, such as those of many
  industries, count by what they do to the mean of all: an even part of each one's variance is
  common, as large as the mean of the errors varies more than if they were independent;
- residuals that hang together in time, as smoothed returns do, make alpha less certain by the
  long-run ratio of each asset (`puffin.models.sharpe.dependence`), and of each common factor. One
  asset says little of its own ratio: each is drawn to the mean of all.

How wide errors are on average has to be right: what estimates differ by beyond them is what true
alphas differ by.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.residual_factors import (
    LEAST_SHARE,
    ResidualFactors,
    count_factors,
    fit_residual_factors,
)
from puffin.models.sharpe.dependence import ratio_estimate, ratio_posterior

__all__ = ["MORE_ROWS", "AssetEstimates", "estimate_assets"]

MORE_ROWS = 8
"""How many more rows than coefficients an asset needs."""

_SURELY_MORE = 3.0
_MOST_DIFFUSE = 0.9


@dataclass(frozen=True)
class AssetEstimates:
    """Estimates of all assets, in the units of returns and periods.

    Attributes
    ----------
    values : ndarray of shape (n_assets, q)
        Alpha and betas.
    own : ndarray of shape (n_assets, q, q)
    exposures : ndarray of shape (n_assets, k)
    common : ndarray of shape (q * k, q * k)
        As in `puffin.inference.hierarchical.problem.NoisyEstimates`.
    residual_sd, total_sd : ndarray of shape (n_assets,)
        Standard deviations of what the given factors leave of a period's return, and of that.
    skewness, kurtosis : ndarray of shape (n_assets,)
        Of what the factors leave.
    n_observations : ndarray of int of shape (n_assets,)
    """

    values: Array
    own: Array
    exposures: Array
    common: Array
    residual_sd: Array
    total_sd: Array
    skewness: Array
    kurtosis: Array
    n_observations: NDArray[np.intp]

    @property
    def covariances(self) -> Array:
        """Of each asset's estimates, shape (n_assets, q, q): own errors and common ones."""
        q, k = self.values.shape[1], self.exposures.shape[1]
        common = self.common.reshape(q, k, q, k)
        shared = np.einsum("ia,jalb,ib->ijl", self.exposures, common, self.exposures)
        return np.asarray(self.own + shared)

    def scaled(self, by: Array, alpha: float) -> AssetEstimates:
        """Return estimates for returns that are multiplied, and for so many periods of alpha.

        Parameters
        ----------
        by : ndarray of shape (n_assets,)
            What each asset's returns are multiplied by.
        alpha : float
            What alphas are multiplied by, then.
        """
        q, k = self.values.shape[1], self.exposures.shape[1]
        each = np.ones(q)
        each[0] = alpha
        rows = np.repeat(each, k)
        return replace(
            self,
            values=self.values * by[:, None] * each,
            own=self.own * by[:, None, None] ** 2 * each[:, None] * each,
            exposures=self.exposures * by[:, None],
            common=self.common * rows[:, None] * rows,
            residual_sd=self.residual_sd * by,
            total_sd=self.total_sd * by,
        )


def estimate_assets(
    returns: Array, factors: Array, *, residual_factors: int | None, counted: bool
) -> AssetEstimates:
    """Return the estimates.

    Parameters
    ----------
    returns : ndarray of shape (n_periods, n_assets)
        NaN where an asset has none; periods in which none has one are left out.
    factors : ndarray of shape (n_periods, n_factors)
    residual_factors : int or None
        How many factors residuals have in common, and no more than these; None finds out.
    counted : bool
        Whether residuals may hang together in time.
    """
    some = ~np.isnan(returns).all(axis=1)
    returns, factors = returns[some], factors[some]
    present = ~np.isnan(returns)
    X = np.column_stack([np.ones(len(factors)), factors])
    known = np.where(present, returns, 0.0)
    alone = fit_residual_factors(known, present, X, 0)
    n_observations = present.sum(axis=0)
    scale = np.sqrt(alone.squares / (n_observations - X.shape[1]))
    residuals = np.where(present, known - X @ alone.coefficients.T, 0.0) / scale
    size = np.sum(residuals**2, axis=0) / n_observations
    count = count_factors(residuals, present) if residual_factors is None else residual_factors
    fit = fit_residual_factors(known / scale, present, X, count)
    sample = _Sample(known / scale, present, X, fit, found_out=residual_factors is None)
    q = X.shape[1]
    return AssetEstimates(
        values=scale[:, None] * fit.coefficients[:, :q],
        own=scale[:, None, None] ** 2 * sample.own_covariances(counted=counted),
        exposures=scale[:, None] * sample.exposures,
        common=sample.common_covariance(counted=counted),
        residual_sd=scale,
        total_sd=np.nanstd(returns, axis=0),
        skewness=np.sum(residuals**3, axis=0) / n_observations / size**1.5,
        kurtosis=np.sum(residuals**4, axis=0) / n_observations / size**2,
        n_observations=n_observations,
    )


@dataclass(frozen=True)
class _Sample:
    """Returns over their residuals' scale, and the regressions on given and common factors."""

    returns: Array
    present: NDArray[np.bool_]
    X: Array
    fit: ResidualFactors
    found_out: bool

    @property
    def regressors(self) -> Array:
        return np.column_stack([self.X, self.fit.scores])

    @property
    def errors(self) -> Array:
        """What is left of returns, 0 where they are not known."""
        expected = self.regressors @ self.fit.coefficients.T
        return np.where(self.present, self.returns - expected, 0.0)

    @property
    def variances(self) -> Array:
        """Of each asset's errors."""
        rows, q, k = self.present.sum(axis=0), self.X.shape[1], self.fit.scores.shape[1]
        freedom = rows - q - k * (1.0 - rows / len(self.X))
        return np.asarray(np.maximum(self.fit.squares / freedom, LEAST_SHARE))

    @functools.cached_property
    def mean_errors(self) -> Array:
        """The mean of the standardised errors in each period, over what it is if independent."""
        sizes = np.sqrt(np.maximum(self.fit.squares / self.present.sum(axis=0), LEAST_SHARE))
        return np.asarray((self.errors / sizes).sum(axis=1) / np.sqrt(self.present.sum(axis=1)))

    @functools.cached_property
    def diffuse(self) -> float:
        """The part of each asset's own variance that is common to all, beside the factors.

        None, unless the mean of the errors varies by more than three standard errors above what
        it would if they were independent.
        """
        ratio = np.mean(self.mean_errors**2)
        if not self.found_out or ratio < 1.0 + _SURELY_MORE * np.sqrt(2.0 / len(self.X)):
            return 0.0
        n_assets = np.mean(self.present.sum(axis=1))
        return float(min((ratio - 1.0) / max(n_assets - 1.0, 1.0), _MOST_DIFFUSE))

    @property
    def exposures(self) -> Array:
        """To the common factors, and to what is diffuse."""
        found = self.fit.coefficients[:, self.X.shape[1] :]
        if not self.diffuse:
            return found
        return np.column_stack([found, np.sqrt(self.diffuse * self.variances)])

    @property
    def scores(self) -> Array:
        """Of the common factors, and of what is diffuse."""
        if not self.diffuse:
            return self.fit.scores
        mean = self.mean_errors / np.sqrt(np.mean(self.mean_errors**2))
        return np.column_stack([self.fit.scores, mean])

    @property
    def sensitivity(self) -> Array:
        """By how much alpha moves with the return of each period, common rows given."""
        return np.asarray(self.X @ np.linalg.inv(self.X.T @ self.X)[0])

    def own_covariances(self, *, counted: bool) -> Array:
        """Return those of own errors: shape (n_assets, q, q)."""
        q, variances = self.X.shape[1], self.variances
        seen, rows = self.present.T.astype(np.float64), self.present.sum(axis=0)
        errors, Z = self.errors, self.regressors
        volatility = (errors**2 / variances).sum(axis=1) / self.present.sum(axis=1)
        products = (Z[:, :, None] * Z[:, None, :] * volatility[:, None, None]).reshape(len(Z), -1)
        meat = (seen @ products).reshape(self.fit.normal.shape)
        meat /= (seen @ volatility / rows)[:, None, None]
        inverse = np.linalg.inv(self.fit.normal)
        sandwich = (inverse @ meat @ inverse)[:, :q, :q]
        sizes = (1.0 - self.diffuse) * variances + self._unknown_scores(rows)
        widths = np.ones((len(rows), q))
        if counted:
            influences = self.sensitivity[:, None] * errors
            widths[:, 0] = _widths(
                [
                    influence[known]
                    for influence, known in zip(influences.T, self.present.T, strict=True)
                ]
            )
        return np.asarray(sizes[:, None, None] * widths[:, :, None] * sandwich * widths[:, None, :])

    def _unknown_scores(self, rows: NDArray[np.intp]) -> Array:
        """Return the variance of what is not known of the scores, in the months of each asset.

        Over all months it is orthogonal to the factors, and moves no estimate.
        """
        n_assets, k = len(rows), self.fit.scores.shape[1]
        exposures = self.fit.coefficients[:, self.X.shape[1] :]
        sums = self.present.T.astype(np.float64) @ self.fit.uncertainty.reshape(len(self.X), -1)
        means = (sums / rows[:, None]).reshape(n_assets, k, k)
        share = 1.0 - rows / len(self.X)
        return np.asarray(share * np.einsum("ia,iab,ib->i", exposures, means, exposures))

    def common_covariance(self, *, counted: bool) -> Array:
        """Return that of G, the chance of the common factors over the whole sample."""
        scores, q = self.scores, self.X.shape[1]
        k, found = scores.shape[1], self.fit.scores.shape[1]
        if k == 0:
            return np.zeros((0, 0))
        squares = scores**2
        squares[:, :found] += np.diagonal(self.fit.uncertainty, axis1=1, axis2=2)
        volatility = np.mean(squares, axis=1)
        volatility /= volatility.mean()
        inverse = np.linalg.inv(self.X.T @ self.X)
        sandwich = inverse @ (self.X.T * volatility) @ self.X @ inverse
        widths = np.ones((q, k))
        if counted:
            widths[0] = _widths([self.sensitivity * one for one in scores.T])
        covariance = np.einsum("jl,ab,ja,lb->jalb", sandwich, np.eye(k), widths, widths)
        return np.asarray(covariance.reshape(q * k, q * k))


def _widths(influences: Sequence[Array]) -> Array:
    """Return how many times as uncertain each sum of influences is as if they were independent.

    The root of each one's long-run ratio, drawn to the mean of all by as much as its estimate is
    noise: an estimate with B degrees of freedom has a variance of 2 / B times its square.
    """
    found = [ratio_estimate(one) for one in influences]
    estimates, cosines = (np.array(part, np.float64) for part in zip(*found, strict=True))
    total = max(cosines.sum(), 1.0)
    mean = ratio_posterior(float(estimates @ cosines / total), int(cosines.sum())).mean
    noise = 2.0 * mean**2 / np.maximum(cosines, 1.0)
    differ = (1.0 - 1.0 / len(found)) * np.mean((estimates - mean) ** 2 - noise)
    weight = max(float(differ), 0.0) / (max(float(differ), 0.0) + noise)
    return np.asarray(np.sqrt(mean + weight * (estimates - mean)))
