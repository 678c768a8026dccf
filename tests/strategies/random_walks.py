"""Random walks, with a pair among them that is cointegrated."""

from __future__ import annotations

import numpy as np
import pandas as pd


def random_walks(seed, rows, assets):
    steps = 0.01 * np.random.default_rng(seed).standard_normal((rows, assets))
    names = [f"w{i}" for i in range(assets)]
    dates = pd.bdate_range("2015-01-01", periods=rows)
    return pd.DataFrame(50.0 * np.exp(np.cumsum(steps, axis=0)), dates, names)


def cointegrated(seed, rows=800, ratio=0.8, phi=0.9):
    """Six walks and, as `pair`, one that follows the third with an AR(1) error."""
    prices = random_walks(seed, rows, 6)
    stream = np.random.default_rng([seed, 1])
    error = np.zeros(rows)
    for t in range(1, rows):
        error[t] = phi * error[t - 1] + 0.01 * stream.standard_normal()
    prices["pair"] = np.exp(1.0 + ratio * np.log(prices["w2"]) + error)
    return prices
