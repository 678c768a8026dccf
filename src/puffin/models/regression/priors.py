"""Priors of a linear regression, and their units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.regression_units import RegressionUnits
from puffin.models.settings import Scale, check_scale
from puffin.validation import positive_number
from puffin.validation.values import constant_rows, is_constant

__all__ = ["RegressionPriors"]

_SIGMA_FLOOR = 1e-6


@dataclass(frozen=True)
class RegressionPriors:
    """Priors of the linear regression, on scaled data.

    Attributes
    ----------
    alpha_sd : float
        Intercept ~ Normal(0, alpha_sd).
    beta_sd : float
        Each coefficient ~ Normal(0, beta_sd).
    sigma_sd : float
        sigma ~ HalfNormal(sigma_sd), above 1e-6: an exact fit has no proper posterior otherwise.
    nu_mean : float
        nu - 2 ~ Exponential with this mean, for Student-t errors.
    scale : "data" or float
        "data" takes the mean from y and from each feature and divides by its standard deviation
        (ddof 0; weakly informative, and it does use the data). A number divides both y and X and
        takes nothing away, which makes the model generative.
    """

    alpha_sd: float = 1.0
    beta_sd: float = 1.0
    sigma_sd: float = 1.0
    nu_mean: float = 10.0
    scale: Scale = "data"

    def __post_init__(self) -> None:
        for name in ("alpha_sd", "beta_sd", "sigma_sd", "nu_mean"):
            positive_number(name, getattr(self, name))
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "standardised y and X" if self.scale == "data" else f"y and X over {self.scale:g}"
        return (
            f"{unit}:\n"
            f"  alpha ~ Normal(0, {self.alpha_sd:g})\n"
            f"  beta ~ Normal(0, {self.beta_sd:g})\n"
            f"  sigma ~ HalfNormal({self.sigma_sd:g}), above {_SIGMA_FLOOR:g}\n"
            f"  nu - 2 ~ Exponential(mean {self.nu_mean:g}), for Student-t errors"
        )

    @property
    def scaled(self) -> RegressionPrior:
        """The prior of the scaled data, as the samplers take it."""
        return RegressionPrior(
            intercept_sd=self.alpha_sd,
            coefficient_sd=self.beta_sd,
            sigma_sd=self.sigma_sd,
            sigma_floor=_SIGMA_FLOOR,
            tail_mean=self.nu_mean,
        )

    def units(self, X: Array, y: Array) -> RegressionUnits:
        """Return the units of the priors, for these data.

        Raises
        ------
        ValueError
            If y never moves, so that its standard deviation is no unit.
        """
        if self.scale != "data":
            return RegressionUnits.of_number(float(self.scale), X.shape[1])
        if is_constant(y):
            raise ValueError(
                f"y has no variance: all {y.size} values are {y[0]:g}. "
                "A regression needs a target that moves."
            )
        spread = np.where(constant_rows(X.T), 1.0, X.std(axis=0))
        return RegressionUnits(X.mean(axis=0), spread, float(y.mean()), float(y.std()))
