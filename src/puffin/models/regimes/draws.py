"""Draws of a regime-switching model, in the returns' unit, and what each says of the next regime.

Where returns came since the draws were made, each draw has a weight (`updating`).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.regimes.parameters import RegimeParameters, stationary
from puffin.inference.resampling import systematic
from puffin.laws import Law

__all__ = ["RegimeDraws", "efficiency", "log_mean", "parameters_of"]


@dataclass(frozen=True)
class RegimeDraws:
    """Draws as the sampler made them, but for the unit.

    Attributes
    ----------
    variables : mapping of str to ndarray of shape (n_chains, n_draws, ...)
        `mean` and `sd` of each regime, `transition`, and the law's shape.
    method : str
    statistics, report : mapping
    law : Law
    scale, step : float
        What is one to the priors, and how exactly equal returns are known.
    n_fitted : int
        How many returns the draws are given, their weights apart.
    ahead : ndarray of shape (n_chains, n_draws, n_regimes)
        Probabilities of the next period's regime, given all returns.
    log_weights : ndarray of shape (n_chains, n_draws), optional
        None where all draws count the same.
    """

    variables: Mapping[str, Array]
    method: str
    statistics: Mapping[str, Array]
    report: Mapping[str, float]
    law: Law
    scale: float
    step: float
    n_fitted: int
    ahead: Array
    log_weights: Array | None = None

    @property
    def n_regimes(self) -> int:
        """How many regimes there are."""
        return int(self.ahead.shape[2])

    @functools.cached_property
    def parameters(self) -> RegimeParameters:
        """All draws, chains in a row, as the filter takes them."""
        return parameters_of(self.variables, self.law)

    @property
    def shares(self) -> Array:
        """The share of time in each regime in the long run: (n_chains, n_draws, n_regimes)."""
        return self.parameters.initial.reshape(self.ahead.shape)

    @property
    def weights(self) -> Array:
        """Log weights of the draws, zeros where all count the same."""
        return np.zeros(self.ahead.shape[:2]) if self.log_weights is None else self.log_weights

    def scalars(self) -> dict[str, Array]:
        """Return every number of interest by a name: regimes are counted from 1."""
        found: dict[str, Array] = {}
        durations = 1.0 / -np.expm1(np.log(_diagonal(self.variables["transition"])))
        columns = {"mean": self.variables["mean"], "sd": self.variables["sd"]}
        if self.n_regimes > 1:
            columns["expected_duration"] = durations
        columns |= {name: self.variables[name] for name in self.law.shape_names}
        for name, values in columns.items():
            if values.ndim == 2:
                found[name] = values
                continue
            for j in range(self.n_regimes):
                found[f"{name}[{j + 1}]"] = values[:, :, j]
        for i in range(self.n_regimes if self.n_regimes > 1 else 0):
            for j in range(self.n_regimes):
                found[f"transition[{i + 1},{j + 1}]"] = self.variables["transition"][:, :, i, j]
        return found

    def equally_weighted(self, seed: int, n_times: int) -> RegimeDraws:
        """Return draws that are each as probable as the other, taken by weight chain by chain."""
        if self.log_weights is None:
            return self
        count = self.log_weights.shape[1]
        [stream] = streams(seed, 1, purpose=Purpose.EQUAL_REGIME_DRAWS, part=n_times)
        taken = np.array([systematic(row, count, stream) for row in self.log_weights])
        chains = np.arange(len(taken))[:, None]
        report = {
            **self.report,
            "returns_since_fit": n_times - self.n_fitted,
            "efficiency_since_fit": efficiency(self.log_weights),
        }
        if "log_marginal_likelihood" in report:
            weights = np.exp(self.log_weights - self.log_weights.max())
            error = float(weights.std() / weights.mean()) / math.sqrt(weights.size)
            report["log_marginal_likelihood"] += log_mean(self.log_weights)
            before = report["log_marginal_likelihood_se"]
            report["log_marginal_likelihood_se"] = math.hypot(before, error)
        return dataclasses.replace(
            self,
            variables={name: values[chains, taken] for name, values in self.variables.items()},
            statistics={},
            report=report,
            ahead=self.ahead[chains, taken],
            log_weights=None,
        )


def parameters_of(variables: Mapping[str, Array], law: Law) -> RegimeParameters:
    """Return draws of shape (n_chains, n_draws, ...), chains in a row, as the filter takes them."""
    mean = variables["mean"]
    n, k = mean.shape[0] * mean.shape[1], mean.shape[2]
    transition = variables["transition"].reshape(n, k, k)
    shape = {
        name: np.broadcast_to(variables[name].reshape(n, -1), (n, k)) for name in law.shape_names
    }
    return RegimeParameters(
        mean.reshape(n, k), variables["sd"].reshape(n, k), transition, stationary(transition), shape
    )


def _diagonal(transition: Array) -> Array:
    """Return probabilities of staying, where none can be told apart from one a little below."""
    staying = np.diagonal(transition, axis1=-2, axis2=-1)
    return np.asarray(np.minimum(staying, 1.0 - 1e-16))


def log_mean(log_values: Array) -> float:
    """Return the logarithm of the mean of values."""
    highest = float(log_values.max())
    return highest + math.log(float(np.exp(log_values - highest).mean()))


def efficiency(log_weights: Array) -> float:
    """Return how many equal weights these are worth, a draw (Kong 1992)."""
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.mean() ** 2 / np.mean(weights**2))
