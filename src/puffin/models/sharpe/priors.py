"""Priors of the Sharpe ratio's model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from puffin.arrays import Array
from puffin.inference.location_scale import LocationScalePrior
from puffin.models.settings import Scale, check_scale
from puffin.validation import positive_number

__all__ = ["SharpePriors"]


@dataclass(frozen=True)
class SharpePriors:
    """Priors of the Sharpe ratio's model, on excess returns divided by `scale`.

    They are about what a user means: the mean and the standard deviation of returns, whatever the
    law, and how far from symmetric and from normal it may be.

    Attributes
    ----------
    mu_sd : float
        mu ~ Normal(0, mu_sd).
    sd_sd : float
        sd ~ HalfNormal(sd_sd).
    asymmetry_sd : float
        asymmetry ~ Normal(0, asymmetry_sd): log of the left side's scale over the right one's.
    nu_mean, nu_least : float
        nu - nu_least ~ Gamma(shape 2, this mean), for each tail. Below 2.5 most of the standard
        deviation would come of returns larger than any observed: on daily returns of equities it
        is then 20 to 40% above the sample's, and the Sharpe ratio too near to zero.
    rho_sd : float
        rho ~ Normal(0, rho_sd) within (-1, 1), where autocorrelation is modelled.
    scale : "data" or float
        The standard deviation of the returns (ddof 0; weakly informative, and it does use the
        data), or the size of their mean where that is larger: of twelve returns of a money market
        the mean is a hundred standard deviations, which a prior in units of one would not believe.
        Or a number in their units, which makes the model generative.
    """

    mu_sd: float = 2.0
    sd_sd: float = 2.0
    asymmetry_sd: float = 0.5
    nu_mean: float = 10.0
    nu_least: float = 2.5
    rho_sd: float = 0.3
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("mu_sd", "sd_sd", "asymmetry_sd", "nu_mean", "nu_least", "rho_sd"):
            positive_number(name, getattr(self, name))
        if self.nu_least < 2.0:
            raise ValueError(
                f"nu_least must be at least 2, since returns have a variance; found "
                f"{self.nu_least:g}."
            )
        check_scale(self.scale)

    def unit(self, returns: Array) -> float:
        """Return what returns, those of active periods, are divided by."""
        if self.scale == "data":
            return max(float(returns.std()), abs(float(returns.mean())))
        return float(self.scale)

    @property
    def sharpe_scale(self) -> float:
        """The scale of the Cauchy distribution that is the prior of mu over sd."""
        return self.mu_sd / self.sd_sd

    @property
    def of_sampler(self) -> LocationScalePrior:
        """What the samplers are told."""
        return LocationScalePrior(
            self.mu_sd, self.sd_sd, self.asymmetry_sd, self.nu_mean, self.nu_least, self.rho_sd
        )

    def log_density(self, variables: Mapping[str, Array], scale: float) -> Array:
        """Return the log density of the prior at each draw, but for a constant.

        Parameters
        ----------
        variables : mapping of str to ndarray of shape (n_chains, n_draws)
            `mu` and `sd` in the units of the returns, and of the law's shape and `rho` what there
            is. The share of active periods has a uniform prior.
        scale : float
            The unit, as `unit` returns it.
        """
        tail = partial(_log_gamma_of_shape_2, least=self.nu_least, mean=self.nu_mean)
        known: dict[str, Callable[[Array], Array]] = {
            "mu": partial(_log_normal_density, sd=scale * self.mu_sd),
            "sd": partial(_log_normal_density, sd=scale * self.sd_sd),
            "asymmetry": partial(_log_normal_density, sd=self.asymmetry_sd),
            "nu": tail,
            "nu_left": tail,
            "nu_right": tail,
            "rho": partial(_log_normal_density, sd=self.rho_sd),
        }
        present = [log_pdf(variables[name]) for name, log_pdf in known.items() if name in variables]
        return np.asarray(sum(present))

    def __str__(self) -> str:
        unit = "the returns' standard deviation" if self.scale == "data" else f"{self.scale:g}"
        return (
            f"excess returns in units of {unit}:\n"
            f"  mu ~ Normal(0, {self.mu_sd:g})\n"
            f"  sd ~ HalfNormal({self.sd_sd:g})\n"
            f"  asymmetry ~ Normal(0, {self.asymmetry_sd:g})\n"
            f"  nu - {self.nu_least:g} ~ Gamma(shape 2, mean {self.nu_mean:g}), for each tail\n"
            f"  rho ~ Normal(0, {self.rho_sd:g}) within (-1, 1), if modelled"
        )


def _log_normal_density(values: Array, *, sd: float) -> Array:
    return np.asarray(-0.5 * np.square(values / sd))


def _log_gamma_of_shape_2(values: Array, *, least: float, mean: float) -> Array:
    beyond = values - least
    return np.asarray(np.log(beyond) - 2.0 * beyond / mean)
