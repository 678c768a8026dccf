"""Priors of the regime-switching model."""

from __future__ import annotations

import math
from dataclasses import dataclass

from puffin.inference.regimes.parameters import RegimePrior
from puffin.laws.parameter import ExponentialPrior, NormalPrior
from puffin.models.settings import Scale, check_scale
from puffin.validation import number_within, positive_number

__all__ = ["RegimePriors"]

_NUMBERS = (
    "mean_sd", "sd_median", "sd_spread", "stay", "switch", "nu_mean", "asymmetry_sd",
)  # fmt: skip
_LIMITS = (
    ("sd_spread", 1e-3, 5.0),
    ("stay", 0.1, 1e6),
    ("switch", 0.1, 1e6),
    ("nu_mean", 1e-3, 1e6),
    ("asymmetry_sd", 1e-6, 1.0),
)
"""Beyond these a prior has mass where the sampler has none."""


@dataclass(frozen=True)
class RegimePriors:
    """Priors of `BayesianRegimeSwitching`, on returns divided by `scale`.

    Attributes
    ----------
    mean_sd : float
        The mean of each regime ~ Normal(0, mean_sd).
    sd_median, sd_spread : float
        The log standard deviation of each regime ~ Normal(log(sd_median), sd_spread), regimes in
        ascending order.
    stay, switch : float
        Each row of the transition matrix ~ Dirichlet(`switch`, ..., `stay`, ..., `switch`), with
        `stay` for the regime's own place: sticky. By default, with two regimes, staying has a
        prior mean of 20/21.
    nu_mean : float
        nu - 2 ~ Exponential with this mean, for Student-t errors; for asymmetric ones, nu of each
        of the two tails, independently.
    asymmetry_sd : float
        asymmetry ~ Normal(0, asymmetry_sd), for asymmetric errors.
    scale : "data" or float
        The standard deviation of the returns (ddof 0; weakly informative, and it does use the
        data); or a number in their units, which makes the model generative. An update keeps the
        number of the first fit.
    """

    mean_sd: float = 0.5
    sd_median: float = 1.0
    sd_spread: float = 1.0
    stay: float = 20.0
    switch: float = 1.0
    nu_mean: float = 10.0
    asymmetry_sd: float = 0.5
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
            f"  mean of each regime ~ Normal(0, {self.mean_sd:g})\n"
            f"  log(sd) of each ~ Normal({math.log(self.sd_median):g}, {self.sd_spread:g}), in "
            "ascending order\n"
            f"  rows of the transition matrix ~ Dirichlet({self.stay:g} to stay, {self.switch:g} "
            "to go to each other regime)\n"
            f"  nu - 2 ~ Exponential(mean {self.nu_mean:g}), for Student-t errors, or each tail\n"
            f"  asymmetry ~ Normal(0, {self.asymmetry_sd:g}), for asymmetric errors"
        )

    @property
    def on_scaled_returns(self) -> RegimePrior:
        """The same for the sampler."""
        nu = ExponentialPrior(self.nu_mean, 2.0)
        return RegimePrior(
            float(self.mean_sd), math.log(self.sd_median), float(self.sd_spread),
            float(self.stay), float(self.switch),
            {
                "nu": nu,
                "nu_left": nu,
                "nu_right": nu,
                "asymmetry": NormalPrior(self.asymmetry_sd),
            },
        )  # fmt: skip
