"""Priors of the dynamic hedge ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.inference.dynamic_regression import DynamicPrior
from puffin.inference.linear_regression import RegressionPrior
from puffin.models.settings import Scale, check_scale
from puffin.validation import positive_integer, positive_number

__all__ = ["PairsPriors"]

_SIGMA_FLOOR = 1e-6


@dataclass(frozen=True)
class PairsPriors:
    """Priors of `BayesianPairsTrading`, on scaled prices.

    Attributes
    ----------
    alpha_sd, beta_sd : float
        Rolling: intercept ~ Normal(0, alpha_sd), each hedge ratio ~ Normal(0, beta_sd).
    sigma_sd : float
        Rolling: sigma ~ HalfNormal(sigma_sd), above 1e-6.
    start_sd : float
        State space: intercept and hedge ratios at the start ~ Normal(0, (start_sd sigma)^2).
    sigma_freedom, sigma_guess : float
        State space: sigma^2 ~ InvGamma(n / 2, n sigma_guess^2 / 2), n = sigma_freedom.
    alpha_walk, beta_walk : (float, float)
        State space: the least and the greatest variance q of a step of the intercept and of the
        hedge ratios, in units of sigma^2. log q is uniform, on a grid.
    n_walks : int
        Points of each of the two grids.
    scale : "data" or float
        What the priors' units are. "data": each window's own mean and standard deviation
        (rolling), or those of the first `window` rows (state space). A number divides y and x, and
        makes the model generative.
    """

    alpha_sd: float = 1.0
    beta_sd: float = 1.0
    sigma_sd: float = 1.0
    start_sd: float = 10.0
    sigma_freedom: float = 3.0
    sigma_guess: float = 0.3
    alpha_walk: tuple[float, float] = (1e-6, 1e1)
    beta_walk: tuple[float, float] = (1e-7, 1.0)
    n_walks: int = 15
    scale: Scale = "data"

    def __post_init__(self) -> None:
        names = ("alpha_sd", "beta_sd", "sigma_sd", "start_sd", "sigma_guess")
        for name in names:
            positive_number(name, getattr(self, name))
        if positive_number("sigma_freedom", self.sigma_freedom) <= 2.0:
            raise ValueError(
                f"sigma_freedom must be above 2, or sigma has no mean; found {self.sigma_freedom}."
            )
        positive_integer("n_walks", self.n_walks, minimum=2)
        for name in ("alpha_walk", "beta_walk"):
            bounds = getattr(self, name)
            if len(bounds) != 2 or not 0.0 < bounds[0] < bounds[1] < np.inf:
                raise ValueError(
                    f"{name} must be the least and the greatest variance, above zero and in that "
                    f"order; found {bounds!r}."
                )
        check_scale(self.scale)

    def __str__(self) -> str:
        unit = "standardised prices" if self.scale == "data" else f"prices over {self.scale:g}"
        return (
            f"{unit}; rolling:\n"
            f"  intercept ~ Normal(0, {self.alpha_sd:g})\n"
            f"  hedge ratios ~ Normal(0, {self.beta_sd:g})\n"
            f"  sigma ~ HalfNormal({self.sigma_sd:g}), above {_SIGMA_FLOOR:g}\n"
            "  rho ~ Uniform(-1, 1), for AR(1) errors\n"
            "state space, in units of sigma:\n"
            f"  sigma^2 ~ InvGamma({self.sigma_freedom / 2:g}, "
            f"{self.sigma_freedom * self.sigma_guess**2 / 2:g})\n"
            f"  first intercept and hedge ratios ~ Normal(0, {self.start_sd:g})\n"
            f"  q of the intercept ~ LogUniform{self.alpha_walk}\n"
            f"  q of the hedge ratios ~ LogUniform{self.beta_walk}"
        )

    @property
    def rolling(self) -> RegressionPrior:
        """The prior of one window."""
        return RegressionPrior(
            intercept_sd=self.alpha_sd,
            coefficient_sd=self.beta_sd,
            sigma_sd=self.sigma_sd,
            sigma_floor=_SIGMA_FLOOR,
            tail_mean=np.inf,
        )

    def dynamic(self, n_hedges: int) -> DynamicPrior:
        """Return the prior of the state-space model."""
        alpha, beta = (
            np.geomspace(*bounds, self.n_walks) for bounds in (self.alpha_walk, self.beta_walk)
        )
        pairs = np.array([(a, *[b] * n_hedges) for a in alpha for b in beta])
        return DynamicPrior(
            start_variance=self.start_sd**2,
            freedom=self.sigma_freedom,
            sum_of_squares=self.sigma_freedom * self.sigma_guess**2,
            walk_variances=pairs,
        )
