"""What alphas are measured in: returns of a year, or these over an asset's residual volatility."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from puffin.arrays import Array
from puffin.models.hierarchical.estimates import AssetEstimates
from puffin.showing.numbers import decimal, interval, percent, percent_interval

__all__ = ["UNITS", "AlphaUnit"]

UNITS = ("return", "volatility")
_MOST_TAKEN = 0.5
"""Of the error of a mean, by what its volatility tells of it."""


@dataclass(frozen=True)
class AlphaUnit:
    """The unit of alphas.

    Attributes
    ----------
    name : {"return", "volatility"}
    has_factors : bool
        Without factors alpha is the mean excess return, and over volatility the Sharpe ratio.
    """

    name: str
    has_factors: bool

    @property
    def label(self) -> str:
        """What an alpha is, in words."""
        if self.name == "return":
            return "annual alpha" if self.has_factors else "annual excess return"
        return "annual appraisal ratio" if self.has_factors else "annual Sharpe ratio"

    def written(self, alpha: float) -> str:
        """Return an alpha as text."""
        return percent(alpha) if self.name == "return" else decimal(alpha)

    def interval(self, low: float, high: float) -> str:
        """Return the bounds of an interval of alphas as text."""
        return percent_interval(low, high) if self.name == "return" else interval(low, high)

    def alphas_a_year(self, periods: float) -> float:
        """Return what the alpha of a period is multiplied by."""
        return periods if self.name == "return" else float(np.sqrt(periods))

    def annual(self, estimates: AssetEstimates, periods: float) -> AssetEstimates:
        """Return estimates with alphas of a year in this unit.

        Over volatility the whole equation of an asset is divided by that of its residuals, and
        what is not known of this volatility is added to the error of alpha (the delta method, with
        the residuals' skewness and kurtosis: Lo 2002, Mertens 2002).
        """
        if self.name == "return":
            return estimates.scaled(np.ones(len(estimates.values)), self.alphas_a_year(periods))
        ratio = estimates.values[:, 0] / estimates.residual_sd
        added = ratio**2 * (estimates.kurtosis - 1.0) / 4.0 - ratio * estimates.skewness
        added *= estimates.residual_sd**2 / estimates.n_observations
        own = estimates.own.copy()
        own[:, 0, 0] += np.maximum(added, -_MOST_TAKEN * own[:, 0, 0])
        divided = replace(estimates, own=own)
        return divided.scaled(1.0 / estimates.residual_sd, self.alphas_a_year(periods))

    def prior_units(self, estimates: AssetEstimates, factors: Array, periods: float) -> Array:
        """Return the units of priors, alpha first: see `HierarchicalPriors`.

        Parameters
        ----------
        estimates : AssetEstimates
            As `annual` returns them.
        factors : ndarray of shape (n_periods, n_factors)
        """
        alpha = np.median(estimates.residual_sd)
        if self.name == "return":
            alpha = alpha * np.sqrt(periods)
        return np.concatenate([[alpha], np.median(estimates.total_sd) / factors.std(axis=0)])
