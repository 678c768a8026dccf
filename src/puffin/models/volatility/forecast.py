"""Volatility and returns in the periods to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.laws import Law

__all__ = ["VolatilityForecast", "simulate_forward"]


@dataclass(frozen=True)
class VolatilityForecast:
    """The predictive distribution of volatility and of returns, step by step.

    Uncertainty of the parameters and of today's volatility is in it. Means are not reported: that
    of a volatility several steps ahead need not exist.

    Attributes
    ----------
    volatility, returns : DataFrame
        A row for each step ahead (1 is the next period), a column for each quantile.
    volatility_draws, return_draws : ndarray of shape (n_draws, horizon)
    """

    volatility: pd.DataFrame
    returns: pd.DataFrame
    volatility_draws: Array
    return_draws: Array

    @classmethod
    def of(
        cls, volatility_draws: Array, return_draws: Array, quantiles: Sequence[float]
    ) -> VolatilityForecast:
        """Return the forecast that these draws are of."""
        return cls(
            _quantile_table(volatility_draws, quantiles),
            _quantile_table(return_draws, quantiles),
            volatility_draws,
            return_draws,
        )

    @property
    def horizon(self) -> int:
        """The number of steps."""
        return int(self.return_draws.shape[1])


def _quantile_table(draws: Array, quantiles: Sequence[float]) -> pd.DataFrame:
    steps = pd.RangeIndex(1, draws.shape[1] + 1, name="step")
    columns: Any = pd.Index(list(quantiles), name="quantile")
    return pd.DataFrame(np.quantile(draws, quantiles, axis=0).T, steps, columns)


def simulate_forward(
    parameters: Mapping[str, Array], law: Law, horizon: int, stream: np.random.Generator
) -> tuple[Array, Array]:
    """Return log-variances and returns of the next periods, shape (n_draws, horizon) each.

    Parameters
    ----------
    parameters : mapping of str to ndarray of shape (n_draws,)
        `h_next`, `mu`, `phi` and `sigma`, what the model has of `mean` and `rho`, and the shape of
        its errors' law.
    """
    h, mu = parameters["h_next"], parameters["mu"]
    rho = parameters.get("rho", np.zeros(1))
    states, returns = np.empty((h.size, horizon)), np.empty((h.size, horizon))
    for step in range(horizon):
        known = stream.standard_normal(h.size)
        error = law.error(known, law.mixing(stream, h.size, parameters), parameters)
        states[:, step] = h
        returns[:, step] = parameters.get("mean", 0.0) + np.exp(0.5 * h) * error
        shock = rho * known + np.sqrt(1.0 - rho**2) * stream.standard_normal(h.size)
        h = mu + parameters["phi"] * (h - mu) + parameters["sigma"] * shock
    return states, returns
