"""Prices that walk."""

from __future__ import annotations

import numpy as np
import pandas as pd

NAN = np.nan


def random_prices(seed, rows=80, assets=4, gaps=False):
    stream = np.random.default_rng(seed)
    prices = np.exp(np.cumsum(0.02 * stream.standard_normal((rows, assets)), axis=0))
    if gaps:
        prices[: rows // 4, 0] = NAN
        prices[stream.random((rows, assets)) < 0.02] = NAN
    index = pd.bdate_range("2021-01-01", periods=rows)
    return pd.DataFrame(prices, index, list("ABCDEFG")[:assets])
