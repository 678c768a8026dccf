"""Priors of the hierarchical model, in units that the data set."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from puffin.arrays import Array
from puffin.inference.hierarchical.problem import HierarchicalPrior
from puffin.validation import positive_number

__all__ = ["HierarchicalPriors"]


@dataclass(frozen=True)
class HierarchicalPriors:
    """Scales of the priors of the hierarchical model.

    The unit of alphas is the annual volatility of the median asset's residuals, so that their
    scales read as annual Sharpe ratios of what factors do not explain; the unit of the beta on a
    factor is the median asset's volatility over the factor's. These do use the data; a few numbers
    of all assets together, hardly any of one asset's own.

    Attributes
    ----------
    alpha_mean_sd : float
        The mean of all assets' alphas ~ Normal(0, alpha_mean_sd units).
    alpha_spread_sd : float
        Within each group alphas ~ Normal(the group's mean, tau); tau ~ HalfNormal(s), and s,
        which is common to the groups, ~ HalfNormal(alpha_spread_sd units). Group means ~
        Normal(the mean of all, omega), omega ~ HalfNormal(alpha_spread_sd units).
    beta_mean_sd, beta_spread_sd : float
        The same of each factor's betas.
    share_a, share_b : float
        With ``distribution="spike"`` the share of assets whose alpha is not zero ~ Beta(share_a,
        share_b); all the above is then of these.
    """

    alpha_mean_sd: float = 0.5
    alpha_spread_sd: float = 0.5
    beta_mean_sd: float = 2.0
    beta_spread_sd: float = 0.5
    share_a: float = 1.0
    share_b: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            positive_number(field.name, getattr(self, field.name))

    def __str__(self) -> str:
        return (
            "alphas in annual residual volatilities, betas in volatilities over a factor's:\n"
            f"  mean alpha ~ Normal(0, {self.alpha_mean_sd:g}), "
            f"mean beta ~ Normal(0, {self.beta_mean_sd:g})\n"
            "  spreads within groups tau ~ HalfNormal(s)\n"
            f"  s, and spreads between groups ~ HalfNormal({self.alpha_spread_sd:g}) of alphas, "
            f"HalfNormal({self.beta_spread_sd:g}) of betas\n"
            f"  with a spike, share of alphas not zero ~ Beta({self.share_a:g}, {self.share_b:g})"
        )

    def scaled(self, units: Array, *, spike: bool) -> HierarchicalPrior:
        """Return the prior of coefficients, alpha first, that have these units."""
        n_factors = units.size - 1
        mean_sd = np.array([self.alpha_mean_sd] + [self.beta_mean_sd] * n_factors)
        spread_sd = np.array([self.alpha_spread_sd] + [self.beta_spread_sd] * n_factors)
        share = (self.share_a, self.share_b) if spike else None
        return HierarchicalPrior(mean_sd * units, spread_sd * units, share)
