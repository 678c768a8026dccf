r"""Assets that are one bet: share classes, feeders, and the like.

Errors of near-copies are one and the same: three copies with one alpha say as much of how alphas
differ as one of them, and counted as three, that they hardly do. So only one of them, the one with
the most returns, teaches the others. With e the residuals on factors in the months that both have,
the copy i follows from the original o,

.. math::

    e_{it} = b e_{ot} + v_t, \qquad
    \theta_i = \hat\theta_i - b (\hat\theta_o - \theta_o) + w, \quad
    w \sim N(0, \sigma_v^2 (X'X)^{-1})

which splits the likelihood of both without loss (regression of one normal variable on another).
Given the original's coefficients, and the distribution of alphas in its group, which is the
prior of the copy's alpha too, the copy's coefficients are normal, and are drawn. Its betas have no
prior of their own (a copy may be levered), and what it says of means and spreads is not heard.

Alike are two assets of one group whose residuals are correlated by more than 0.9 either way beside
what most assets have in common (as equity funds have the market, where no factor is given).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from puffin.arrays import Array
from puffin.inference.residual_factors import breadth, fit_residual_factors

__all__ = ["AlphaPrior", "Copy", "find_originals"]

_ALIKE, _LEAST_SHARED, _ASSETS_A_FACTOR = 0.9, 24, 10


def find_originals(returns: Array, factors: Array, groups: NDArray[np.intp]) -> dict[int, int]:
    """Return the original of each asset that is a copy of another one.

    Assets are looked at in the order of how many returns they have: each is a copy of the first
    original of its group that it is like, or an original.

    Parameters
    ----------
    returns : ndarray of shape (n_periods, n_assets)
        NaN where an asset has none.
    factors : ndarray of shape (n_periods, n_factors)
    groups : ndarray of int of shape (n_assets,)
    """
    present = ~np.isnan(returns)
    X = np.column_stack([np.ones(len(factors)), factors])
    fit = fit_residual_factors(np.where(present, returns, 0.0), present, X, 0)
    residuals = np.where(present, returns - X @ fit.coefficients.T, 0.0)
    residuals /= np.sqrt(np.mean(residuals**2, axis=0))
    alike = _alike(_without_what_most_share(residuals, present), present)
    alike &= groups[:, None] == groups
    originals: list[int] = []
    found: dict[int, int] = {}
    for place in np.argsort(-present.sum(axis=0), kind="stable"):
        like = [one for one in originals if alike[place, one]]
        if like:
            found[int(place)] = like[0]
        else:
            originals.append(int(place))
    return found


def _without_what_most_share(residuals: Array, present: NDArray[np.bool_]) -> Array:
    """Take out components that load on more than half of the assets; NaN if they are too many."""
    n_assets = residuals.shape[1]
    left = residuals
    for count in range(n_assets // _ASSETS_A_FACTOR + 1):
        scores, sizes, loadings = np.linalg.svd(left, full_matrices=False)
        if breadth(loadings[0]) <= 0.5 * n_assets:
            return left
        if count < n_assets // _ASSETS_A_FACTOR:
            left = np.where(present, left - sizes[0] * np.outer(scores[:, 0], loadings[0]), 0.0)
    return np.full_like(residuals, np.nan)


def _alike(residuals: Array, present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pairs of assets are alike in the months that both have."""
    seen = present.astype(np.float64)
    squares = (residuals**2).T @ seen
    bound = _ALIKE * np.sqrt(squares * squares.T)
    return np.asarray((np.abs(residuals.T @ residuals) > bound) & (seen.T @ seen >= _LEAST_SHARED))


class AlphaPrior(NamedTuple):
    """Draws of the distribution of alphas in a group, each of shape (n_chains, n_draws).

    Attributes
    ----------
    mean, spread : ndarray
        Of alphas that are not zero.
    share : ndarray
        The probability of that.
    """

    mean: Array
    spread: Array
    share: Array


@dataclass(frozen=True)
class Copy:
    """How a copy follows from its original, in the units of returns and periods.

    Attributes
    ----------
    values, original_values : ndarray of shape (q,)
        Both estimates, in the months that both have.
    slope : float
        b of the module's docstring.
    root : ndarray of shape (q, q)
        A root of the covariance of w.
    """

    values: Array
    original_values: Array
    slope: float
    root: Array

    @classmethod
    def of(cls, copy: Array, original: Array, factors: Array) -> Copy:
        """Regress a copy on its original.

        Parameters
        ----------
        copy, original : ndarray of shape (n_periods,)
            Returns, NaN where there is none.
        factors : ndarray of shape (n_periods, n_factors)
        """
        both = ~(np.isnan(copy) | np.isnan(original))
        X = np.column_stack([np.ones(both.sum()), factors[both]])
        returns = np.column_stack([copy, original])[both]
        values = np.linalg.lstsq(X, returns, rcond=None)[0]
        errors = returns - X @ values
        slope = float(errors[:, 0] @ errors[:, 1] / (errors[:, 1] @ errors[:, 1]))
        left = errors[:, 0] - slope * errors[:, 1]
        variance = left @ left / (len(X) - X.shape[1] - 1)
        root = np.sqrt(variance) * np.linalg.cholesky(np.linalg.inv(X.T @ X))
        return cls(values[:, 0], values[:, 1], slope, root)

    def draw(
        self,
        original: Array,
        scales: tuple[Array, Array],
        prior: AlphaPrior,
        stream: np.random.Generator,
    ) -> Array:
        """Draw the copy's coefficients: as if alpha had no prior, then corrected for it.

        Parameters
        ----------
        original : ndarray of shape (n_chains, n_draws, q)
            Draws of the original's coefficients.
        scales : tuple of ndarray of shape (q,)
            What coefficients of the copy, and of its original, are multiplied by in these draws.
        """
        own, of_original = scales
        root = own[:, None] * self.root
        covariance = root @ root.T
        theta = own * (self.values - self.slope * (self.original_values - original / of_original))
        active = _active(theta[..., 0], covariance[0, 0], prior, stream)
        theta += stream.standard_normal(original.shape) @ root.T
        spread = active * prior.spread
        surprise = (
            active * prior.mean - theta[..., 0] - spread * stream.standard_normal(spread.shape)
        )
        weight = covariance[0] / (covariance[0, 0] + spread[..., None] ** 2)
        return np.asarray(theta + weight * surprise[..., None])


def _active(alpha: Array, variance: float, prior: AlphaPrior, stream: np.random.Generator) -> Array:
    """Draw whether alphas, known with that variance, are not zero: as ones and zeros."""
    if (prior.share == 1.0).all():
        return np.ones_like(alpha)
    total = variance + prior.spread**2
    evidence = alpha**2 / variance - (alpha - prior.mean) ** 2 / total - np.log(total / variance)
    chance = expit(np.log(prior.share) - np.log1p(-prior.share) + 0.5 * evidence)
    return np.asarray(stream.random(alpha.shape) < chance, np.float64)
