"""A GARCH(1, 1) model, as a user may write one: it follows the protocols of `puffin.risk`.

    y = m + s e,  e standard normal,  s'^2 = omega + alpha (y - m)^2 + beta s^2

with omega, alpha and beta given, m and the level of s^2 from the returns.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from puffin.risk import Predictive

ALPHA, BETA = 0.08, 0.9


class NormalPaths(Predictive):
    """Normal given each simulated path up to the last period."""

    def __init__(self, location, spread, simulated, index):
        self.location, self.spread, self.index = location, spread, index
        self._simulated = simulated

    @property
    def draws(self):
        return self._simulated

    def conditional_cdf(self, y):
        return stats.norm.cdf(y, self.location, self.spread)

    def conditional_log_density(self, y):
        return stats.norm.logpdf(y, self.location, self.spread)

    def conditional_tail_expectation(self, y):
        density = np.exp(self.conditional_log_density(y))
        return self.location * self.conditional_cdf(y) - self.spread**2 * density


class Garch:
    """Fitted by moments: what matters is what it says, and how."""

    paths = 4000

    def unfitted(self):
        return Garch()

    def fit(self, returns, samples=0, tune=0, *, chains=1, cores=None, random_seed=None):
        self.index = returns.index if isinstance(returns, pd.Series) else None
        values = np.asarray(returns, float)
        self.mean, level = values.mean(), values.var()
        self.omega, self.variance = level * (1.0 - ALPHA - BETA), level
        for value in values:
            self._step(value)
        return self

    def update(self, new_returns):
        for value in np.asarray(new_returns, float):
            self._step(value)
        return self

    def predictive(self, horizon=1):
        stream = np.random.default_rng(5)
        variance = np.full(self.paths, self.variance)
        returns = np.empty((self.paths, horizon))
        for step in range(horizon):
            spread = np.sqrt(variance)
            returns[:, step] = self.mean + spread * stream.standard_normal(self.paths)
            variance = self._next(variance, returns[:, step])
        # One period ahead all paths say the same.
        given = slice(0, 1) if horizon == 1 else slice(None)
        location = self.mean + returns[given, :-1].sum(axis=1)
        return NormalPaths(location[None], spread[None, given], returns[None], self.index)

    def _next(self, variance, value):
        return self.omega + ALPHA * (value - self.mean) ** 2 + BETA * variance

    def _step(self, value):
        self.variance = self._next(self.variance, value)
