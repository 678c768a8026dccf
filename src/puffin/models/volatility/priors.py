"""Priors of the stochastic volatility models."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.laws.parameter import (
    BetaPrior,
    ExponentialPrior,
    HalfNormalPrior,
    LogNormalPrior,
    NormalPrior,
    Prior,
    SharePrior,
)
from puffin.models.settings import Scale, check_scale
from puffin.validation import number_within, positive_number

__all__ = ["VolatilityPriors"]

_NUMBERS = (
    "mean_sd", "mu_sd", "phi_a", "phi_b", "sigma_sd", "nu_mean", "asymmetry_sd", "rho_a", "rho_b",
    "kappa_a", "kappa_b", "jump_mean_sd", "jump_sd_median", "jump_sd_spread",
    "xi_sd", "psi_sd", "tau_sd", "mean_coefficient_sd", "variance_coefficient_sd",
)  # fmt: skip

_LIMITS = (
    ("phi_a", 0.5, 1e6),
    ("phi_b", 0.5, 1e6),
    ("sigma_sd", 1e-6, 20.0),
    ("nu_mean", 1e-3, 1e6),
    ("asymmetry_sd", 1e-6, 1.0),
    ("kappa_a", 0.5, 1e6),
    ("kappa_b", 0.5, 1e6),
    ("jump_sd_median", 1e-3, 1e3),
    ("jump_sd_spread", 1e-3, 2.0),
)
"""Beyond these a prior has mass where the samplers have none."""


@dataclass(frozen=True)
class VolatilityPriors:
    """Priors of a stochastic volatility model, on returns divided by `scale`.

    Attributes
    ----------
    mean_sd : float
        mean ~ Normal(0, mean_sd), where it is estimated.
    mu_sd : float
        mu, the mean log-variance, ~ Normal(0, mu_sd).
    phi_a, phi_b : float
        (phi + 1) / 2 ~ Beta(phi_a, phi_b): persistence.
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd): volatility of log-variance.
    nu_mean : float
        nu - 2 ~ Exponential with this mean, for Student-t errors; for asymmetric ones, nu of each
        of the two tails, independently.
    asymmetry_sd : float
        asymmetry ~ Normal(0, asymmetry_sd), for asymmetric errors: log of the left side's scale
        over the right one's.
    rho_a, rho_b : float
        (rho + 1) / 2 ~ Beta(rho_a, rho_b), for leverage.
    kappa_a, kappa_b : float
        kappa ~ Beta(kappa_a, kappa_b), the probability of a jump, for jumps; as in Chib, Nardari &
        Shephard (2002).
    jump_mean_sd : float
        jump_mean ~ Normal(0, jump_mean_sd).
    jump_sd_median, jump_sd_spread : float
        log(jump_sd) ~ Normal(log(jump_sd_median), jump_sd_spread).
    xi_sd, psi_sd, tau_sd : float
        Of each realised measure, where there are any (`RealizedVolatilityBayes`): its logarithm
        when returns are as usual, xi ~ Normal(0, xi_sd); how far it moves with log-variance, psi ~
        Normal(1, psi_sd), where it is estimated; its noise, tau ~ HalfNormal(tau_sd). A measure is
        divided by its geometric mean before, or, where `scale` is a number, by the square of it.
    mean_coefficient_sd, variance_coefficient_sd : float
        Of each regressor, where there are any, divided by its standard deviation: how far it moves
        the mean, ~ Normal(0, mean_coefficient_sd), and the log-variance, ~ Normal(0,
        variance_coefficient_sd).
    scale : "data" or float
        The standard deviation of the returns (ddof 0; weakly informative, and it does use the
        data), or the size of their mean where that is larger, as it is of cash; or a number in
        their units, which makes the model generative.
    """

    mean_sd: float = 1.0
    mu_sd: float = 10.0
    phi_a: float = 20.0
    phi_b: float = 1.5
    sigma_sd: float = 1.0
    nu_mean: float = 10.0
    asymmetry_sd: float = 0.5
    rho_a: float = 4.0
    rho_b: float = 4.0
    kappa_a: float = 2.0
    kappa_b: float = 100.0
    jump_mean_sd: float = 1.0
    jump_sd_median: float = 3.0
    jump_sd_spread: float = 0.5
    xi_sd: float = 10.0
    psi_sd: float = 0.5
    tau_sd: float = 1.0
    mean_coefficient_sd: float = 1.0
    variance_coefficient_sd: float = 1.0
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in _NUMBERS:
            positive_number(name, getattr(self, name))
        for name, least, most in _LIMITS:
            number_within(name, getattr(self, name), least, most)
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "the returns' standard deviation" if self.scale == "data" else f"{self.scale:g}"
        return (
            f"returns in units of {unit}:\n"
            f"  mean ~ Normal(0, {self.mean_sd:g}), if estimated\n"
            f"  mu ~ Normal(0, {self.mu_sd:g})\n"
            f"  (phi + 1) / 2 ~ Beta({self.phi_a:g}, {self.phi_b:g})\n"
            f"  sigma ~ HalfNormal({self.sigma_sd:g})\n"
            f"  nu - 2 ~ Exponential(mean {self.nu_mean:g}), for Student-t errors, or each tail\n"
            f"  asymmetry ~ Normal(0, {self.asymmetry_sd:g}), for asymmetric errors\n"
            f"  (rho + 1) / 2 ~ Beta({self.rho_a:g}, {self.rho_b:g}), for leverage\n"
            f"  kappa ~ Beta({self.kappa_a:g}, {self.kappa_b:g}), for jumps\n"
            f"  jump_mean ~ Normal(0, {self.jump_mean_sd:g}), for jumps\n"
            f"  log(jump_sd) ~ Normal(log({self.jump_sd_median:g}), {self.jump_sd_spread:g}), "
            "for jumps\n"
            f"  xi ~ Normal(0, {self.xi_sd:g}), psi ~ Normal(1, {self.psi_sd:g}), "
            f"tau ~ HalfNormal({self.tau_sd:g}), for each realised measure\n"
            f"  coefficients ~ Normal(0, {self.mean_coefficient_sd:g}) of the mean, "
            f"Normal(0, {self.variance_coefficient_sd:g}) of the log-variance, for each regressor "
            "in units of its standard deviation"
        )

    @property
    def on_scaled_returns(self) -> dict[str, Prior]:
        """The same for the samplers, by the parameter's name."""
        nu = ExponentialPrior(self.nu_mean, 2.0)
        return {
            "mean": NormalPrior(self.mean_sd),
            "mu": NormalPrior(self.mu_sd),
            "phi": BetaPrior(self.phi_a, self.phi_b),
            "sigma": HalfNormalPrior(self.sigma_sd),
            "nu": nu,
            "nu_left": nu,
            "nu_right": nu,
            "asymmetry": NormalPrior(self.asymmetry_sd),
            "rho": BetaPrior(self.rho_a, self.rho_b),
            "kappa": SharePrior(self.kappa_a, self.kappa_b),
            "jump_mean": NormalPrior(self.jump_mean_sd),
            "jump_sd": LogNormalPrior(self.jump_sd_median, self.jump_sd_spread),
            "xi": NormalPrior(self.xi_sd),
            "psi": NormalPrior(self.psi_sd, centre=1.0),
            "tau": HalfNormalPrior(self.tau_sd),
            "mean_coefficients": NormalPrior(self.mean_coefficient_sd),
            "variance_coefficients": NormalPrior(self.variance_coefficient_sd),
        }
