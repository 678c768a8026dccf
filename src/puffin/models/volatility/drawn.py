"""Draws of a volatility model, each as probable as the other or with weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.resampling import systematic
from puffin.laws import Law
from puffin.models.volatility.next_return import log_density, log_mean
from puffin.models.volatility.states import States
from puffin.posterior.diagnostics import monte_carlo_error

__all__ = ["VolatilityDraws", "efficiency", "equal_draws"]


@dataclass(frozen=True)
class VolatilityDraws:
    """Draws in the units of the returns.

    Attributes
    ----------
    draws : Draws
        Variables of shape (n_chains, n_draws): those of mean, mu, phi, sigma, nu and rho that the
        model has, `h_last` and `h_next`, the log-variances of the last period and of the next.
    states : States
        Log-variances h of every `thin` draws.
    scale : float
        What the returns were divided by: the unit of the priors.
    step : float
        To within what returns that tie are taken to be known.
    start : Start or None
        Where the next fit can start.
    law : Law
        Of the errors.
    log_weights : ndarray of shape (n_chains, n_draws), optional
        Of the draws, given returns that came after they were made.
    """

    draws: Draws
    states: States
    thin: int
    scale: float
    step: float
    start: Start | None
    law: Law
    log_weights: Array | None = None

    def log_predictive_density(self, value: float) -> float:
        """Return the log density of the next period's return, averaged over the draws."""
        densities = log_density(value, self.draws.variables, self.law)
        if self.log_weights is None:
            return log_mean(densities)
        return log_mean(self.log_weights + densities) - log_mean(self.log_weights)


def equal_draws(drawn: VolatilityDraws, seed: int) -> tuple[Draws, States]:
    """Return draws that are each as probable as the other, and their states.

    Those with weights are taken as often as their weights say, but for rounding, chain by chain and
    in order, so that effective sample sizes see which draws are the same.
    """
    log_weights = drawn.log_weights
    if log_weights is None or drawn.start is None:
        return drawn.draws, drawn.states
    draws, thin, n_times = drawn.draws, drawn.thin, drawn.states.shape[2]
    [stream] = streams(seed, 1, purpose=Purpose.EQUAL_DRAWS, part=n_times)
    taken = np.array([_take(row, thin, stream) for row in log_weights])
    variables = {
        name: np.take_along_axis(values, taken, axis=1) for name, values in draws.variables.items()
    }
    changed = np.diff(variables["mu"], axis=1, prepend=np.nan) != 0.0
    report = dict(draws.report)
    report["returns_since_fit"] = n_times - drawn.start.states.size
    report["efficiency_since_fit"] = efficiency(log_weights)
    if "log_marginal_likelihood" in report:
        report["log_marginal_likelihood"] += log_mean(log_weights)
        report["log_marginal_likelihood_se"] = math.hypot(
            report["log_marginal_likelihood_se"], _error_of_log_mean(log_weights)
        )
    statistics = {"accepted": changed.astype(np.float64)}
    states = drawn.states.take(taken[:, ::thin] // thin)
    return Draws(variables, draws.method, statistics, report), states


def efficiency(log_weights: Array) -> float:
    """Return how many equal weights these are worth, a draw (Kong 1992)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.mean() ** 2 / np.mean(weights**2))


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
