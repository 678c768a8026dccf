"""A market of two assets and a strategy with two settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from puffin.backtest import look_ahead
from puffin.models.bayesian import BayesianOptimizer

ROWS = 400


@dataclass(frozen=True)
class Lagged:
    """Long or short by the sign of the last move but `lag`, of one asset; cash for a 0 share."""

    lag: int = 1
    share: float = 1.0

    def __post_init__(self):
        if self.lag == 13:
            raise ValueError("lag must not be 13.")

    def weights(self, prices):
        moves = prices.pct_change().shift(self.lag - 1)
        weights = pd.DataFrame(0.0, prices.index, prices.columns)
        weights["a"] = self.share * np.sign(moves["a"]).fillna(0.0)
        return weights


@pytest.fixture(scope="session")
def prices():
    stream = np.random.default_rng(1)
    moves = 0.01 * stream.standard_normal((ROWS, 2))
    moves[2:, 0] += 0.25 * moves[:-2, 0]  # known two rows before: what lag=1 trades
    index = pd.bdate_range("2020-01-01", periods=ROWS)
    return pd.DataFrame(50.0 * np.exp(np.cumsum(moves, axis=0)), index, ["a", "b"])


@pytest.fixture(autouse=True)
def quick_check(monkeypatch):
    """Check four rows for look-ahead, not as many as there is time for in a second."""
    monkeypatch.setattr(look_ahead, "_SECONDS", 0.0)


SPACE = {"lag": (1, 12), "share": (0.5, 1.0)}
QUICK = {"train": 40, "samples": 500, "least_gain": None, "random_seed": 3, "commission_bps": 1.0}


def search(store=None, n_trials=12, strategy=Lagged, space=SPACE, **changed):
    return BayesianOptimizer(
        strategy, space, **(QUICK | {"store": store, "n_trials": n_trials} | changed)
    )
