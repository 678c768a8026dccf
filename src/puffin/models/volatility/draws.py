"""Draws of a volatility model: one owner, from the sampler to the last update."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.measures import Measure
from puffin.inference.regressors import (
    NO_COEFFICIENTS,
    NOTHING_EXPLAINED,
    Coefficients,
    Explained,
)
from puffin.inference.resampling import systematic
from puffin.laws import Law
from puffin.models.volatility.kept_states import KeptStates
from puffin.models.volatility.next_return import log_density, log_mean
from puffin.models.volatility.unit import Unit
from puffin.posterior.diagnostics import monte_carlo_error

__all__ = ["VolatilityDraws", "efficiency"]


@dataclass(frozen=True)
class VolatilityDraws(Draws):
    """Draws in the returns' unit, as they were sampled; with weights, if returns came since.

    Attributes
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws)
        Those of mean, mu, phi, sigma, the law's shape and rho that the model has, coefficients of
        regressors, `h_last` and `h_next`, the log-variances of the last period and of the next,
        less what regressors explain. Of a fallback, `h_next`.
    states : KeptStates
        Log-variances h of every `thin` draws, with what regressors explain.
    law : Law
        Of the errors, given the draws.
    unit : Unit
        Of the priors.
    measures : tuple of Measure
        What the model has beside the returns.
    coefficients : Coefficients
        Of the regressors that it has.
    step : float
        To within what returns that tie are taken to be known.
    start : Start or None
        Where the next fit can start; None if none can, or draws cannot be taken by weight.
    is_fallback : bool
        Whether sampling failed: draws are of an exponentially weighted volatility, which has
        neither parameters nor dynamics.
    log_weights : ndarray of shape (n_chains, n_draws), optional
        Of the draws, given returns that came after they were made.
    """

    states: KeptStates = field(kw_only=True)
    thin: int = field(kw_only=True)
    law: Law = field(kw_only=True)
    unit: Unit = field(kw_only=True)
    measures: tuple[Measure, ...] = field(kw_only=True, default=())
    coefficients: Coefficients = field(kw_only=True, default=NO_COEFFICIENTS)
    step: float = field(kw_only=True)
    start: Start | None = field(kw_only=True, default=None)
    is_fallback: bool = field(kw_only=True, default=False)
    log_weights: Array | None = field(kw_only=True, default=None)

    def parameter_names(self) -> list[str]:
        """Return the names of the parameters that there are."""
        of_measures = (name for measure in self.measures for name in measure.names)
        names = (
            "mean", "mu", "phi", "sigma", *self.law.shape_names, "rho", *of_measures,
            *self.coefficients.names,
        )  # fmt: skip
        return [name for name in names if name in self.variables]

    def scalars(self) -> dict[str, Array]:
        """Return what a summary is of: the parameters, and the forecast of volatility.

        There is none where it depends on what regressors will be.
        """
        scalars = {name: self.variables[name] for name in self.parameter_names()}
        if not self.coefficients.of_variance:
            scalars["volatility_forecast"] = np.exp(0.5 * self.variables["h_next"])
        return scalars

    def log_predictive_density(
        self, value: float, explained: Explained = NOTHING_EXPLAINED
    ) -> float:
        """Return the log density of the next period's return, averaged over the draws."""
        densities = log_density(value, self.variables, self.law, explained)
        if self.log_weights is None:
            return log_mean(densities)
        return log_mean(self.log_weights + densities) - log_mean(self.log_weights)

    def equally_weighted(self, seed: int) -> VolatilityDraws:
        """Return draws that are each as probable as the other.

        Those with weights are taken as often as their weights say, but for rounding, chain by chain
        and in order, so that effective sample sizes see which draws are the same.
        """
        if self.log_weights is None or self.start is None:
            return self
        n_times = self.states.shape[2]
        [stream] = streams(seed, 1, purpose=Purpose.EQUAL_DRAWS, part=n_times)
        taken = np.array([_take(row, self.thin, stream) for row in self.log_weights])
        variables = {
            name: np.take_along_axis(values, taken, axis=1)
            for name, values in self.variables.items()
        }
        changed = np.diff(variables["mu"], axis=1, prepend=np.nan) != 0.0
        return dataclasses.replace(
            self,
            variables=variables,
            statistics={"accepted": changed.astype(np.float64)},
            report={
                **_with_weights(self.report, self.log_weights),
                "returns_since_fit": n_times - self.start.states.size,
                "efficiency_since_fit": efficiency(self.log_weights),
            },
            states=self.states.take(taken[:, :: self.thin] // self.thin),
            log_weights=None,
        )


def efficiency(log_weights: Array) -> float:
    """Return how many equal weights these are worth, a draw (Kong 1992)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.mean() ** 2 / np.mean(weights**2))


def _with_weights(report: Mapping[str, float], log_weights: Array) -> dict[str, float]:
    """Return the report with the density of the returns that came since."""
    found = dict(report)
    if "log_marginal_likelihood" in found:
        found["log_marginal_likelihood"] += log_mean(log_weights)
        found["log_marginal_likelihood_se"] = math.hypot(
            found["log_marginal_likelihood_se"], _error_of_log_mean(log_weights)
        )
    return found


def _error_of_log_mean(log_weights: Array) -> float:
    """Return the standard error of the log of the weights' mean, over chains that remember."""
    weights = np.exp(log_weights - log_weights.max())
    return monte_carlo_error(weights) / float(weights.mean())


def _take(log_weights: Array, thin: int, stream: np.random.Generator) -> NDArray[np.int64]:
    """Return the numbers of a chain's draws, taken by weight and in order.

    Where states are kept of every `thin` draws, these take the places of each other, and so do the
    rest.
    """
    places = np.arange(log_weights.size)
    taken = np.empty_like(places)
    for group in (places[::thin], places[places % thin > 0]):
        if group.size:
            taken[group] = group[systematic(log_weights[group], group.size, stream)]
    return taken
