"""Priors of stochastic volatility models, on scaled returns."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["VolatilityPrior"]


@dataclass(frozen=True)
class VolatilityPrior:
    """Numbers of the priors, in the notation of `puffin.models.stochastic_vol`.

    Attributes
    ----------
    mean_sd : float
        mean ~ Normal(0, mean_sd), where it is estimated.
    mu_sd : float
        mu ~ Normal(0, mu_sd).
    phi_a, phi_b : float
        (phi + 1) / 2 ~ Beta(phi_a, phi_b).
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd).
    nu_mean : float
        nu - 2 ~ Exponential with this mean, for Student-t errors.
    rho_a, rho_b : float
        (rho + 1) / 2 ~ Beta(rho_a, rho_b), for leverage.
    """

    mean_sd: float
    mu_sd: float
    phi_a: float
    phi_b: float
    sigma_sd: float
    nu_mean: float
    rho_a: float
    rho_b: float
