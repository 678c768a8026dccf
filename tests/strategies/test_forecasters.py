"""Forecasts of volatility, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.strategies import (
    ewma_volatility,
    rolling_volatility,
)


def test_ewma_by_hand():
    returns = pd.Series([0.01, -0.02, 0.03])
    expected = np.sqrt((0.25 * 1 + 0.5 * 4 + 9) * 1e-4 / 1.75)
    assert ewma_volatility(returns, decay=0.5, minimum=3) == pytest.approx(expected)
    assert np.isnan(ewma_volatility(returns))
    assert ewma_volatility(returns, 1.0, 1) == pytest.approx(np.sqrt(14e-4 / 3))
    long = pd.Series(np.random.default_rng(1).normal(size=3000))
    weights = 0.94 ** np.arange(2999, -1, -1)
    full = np.sqrt(np.average(long**2, weights=weights))
    assert ewma_volatility(long) == pytest.approx(full, rel=1e-12)
    assert rolling_volatility(long, 63) == pytest.approx(long.iloc[-63:].std())
    assert np.isnan(rolling_volatility(returns, 4))
