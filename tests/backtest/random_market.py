"""Prices that walk, and weights that someone might decide."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAN = np.nan


def random_market(seed, rows=120, assets=3):
    """Prices that move a lot, and weights of all kinds that change on a third of the bars."""
    stream = np.random.default_rng(seed)
    prices = 50.0 * np.exp(np.cumsum(0.02 * stream.standard_normal((rows, assets)), axis=0))
    weights = stream.normal(0.2, 0.5, (rows, assets))
    weights[stream.random(rows) > 1 / 3] = NAN
    weights[stream.random(rows) < 0.05] = 0.0
    weights[0] = [0.5, -0.4, 0.3][:assets]
    index = pd.bdate_range("2021-01-01", periods=rows)
    names = list("ABC")[:assets]
    return pd.DataFrame(weights, index, names), pd.DataFrame(prices, index, names)
