"""Priors of the comparison of strategies."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.models.settings import Scale, check_scale
from puffin.models.sharpe.sharpe import SharpePriors
from puffin.validation import positive_number

__all__ = ["ComparisonPriors"]


@dataclass(frozen=True)
class ComparisonPriors:
    """Priors of the comparison's model, on excess returns divided by `scale`.

    Attributes
    ----------
    mu_sd : float
        mu ~ Normal(0, mu_sd), unless pooled.
    sigma_sd : float
        Scale A of the Huang-Wand prior of the scale matrix: each sigma is half-t with 2 degrees
        of freedom and this scale, and all correlations are uniform.
    nu_shape, nu_rate : float
        nu - 2 ~ Gamma(nu_shape, rate nu_rate).
    pool_sd : float
        Pooled: annual Sharpe ratios ~ Normal(0, tau) and tau ~ HalfNormal(pool_sd).
    scale : "data" or float
        Each strategy's standard deviation (ddof 0), or one number in the returns' units.
    """

    mu_sd: float = 2.0
    sigma_sd: float = 2.0
    nu_shape: float = 2.0
    nu_rate: float = 0.1
    pool_sd: float = 0.5
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("mu_sd", "sigma_sd", "nu_shape", "nu_rate", "pool_sd"):
            positive_number(name, getattr(self, name))
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "each standard deviation" if self.scale == "data" else f"{self.scale:g}"
        return (
            f"excess returns in units of {unit}:\n"
            f"  mu ~ Normal(0, {self.mu_sd:g}), or pooled: annual Sharpe ~ Normal(0, tau), "
            f"tau ~ HalfNormal({self.pool_sd:g})\n"
            f"  Sigma ~ Huang-Wand(2, {self.sigma_sd:g})\n"
            f"  nu - 2 ~ Gamma({self.nu_shape:g}, rate {self.nu_rate:g})"
        )

    @property
    def alone(self) -> SharpePriors:
        """Those of a strategy that is modelled by itself: by default those of `bayesian_sharpe`.

        nu - 2 is then exponential with mean 1 / `nu_rate`, and sigma half-normal.
        """
        return SharpePriors(
            mu_sd=self.mu_sd, sigma_sd=self.sigma_sd, nu_mean=1.0 / self.nu_rate, scale=self.scale
        )
