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


@pytest.mark.parametrize(
    ("forecast", "message"),
    [
        (lambda r: rolling_volatility(r, 0), "window must be a whole number of at least 2"),
        (lambda r: rolling_volatility(r, 1), "window must be a whole number of at least 2"),
        (lambda r: rolling_volatility(r, -5), "window must be a whole number"),
        (lambda r: rolling_volatility(r, 2.5), "window must be a whole number"),
        (lambda r: ewma_volatility(r, decay=1.5), "decay must be above 0 and at most 1; found 1.5"),
        (lambda r: ewma_volatility(r, decay=0.0), "decay must be above 0"),
        (lambda r: ewma_volatility(r, decay=float("nan")), "decay must be finite"),
        (lambda r: ewma_volatility(r, minimum=0), "minimum must be a whole number"),
        (lambda r: ewma_volatility(np.where(r > 0, r, np.nan)), r"returns has .* NaN"),
        (lambda r: ewma_volatility(np.ma.masked_less(r.to_numpy(), 0.0)), r"returns has .* NaN"),
        (lambda r: rolling_volatility("returns"), "returns must hold numbers"),
    ],
)
def test_arguments_are_checked(forecast, message):
    returns = pd.Series(np.random.default_rng(2).normal(size=100))
    with pytest.raises((ValueError, TypeError), match=message):
        forecast(returns)


def test_arrays_and_lists_will_do():
    returns = pd.Series(np.random.default_rng(3).normal(size=100))
    for forecast in (ewma_volatility, rolling_volatility):
        assert forecast(returns.to_numpy()) == forecast(list(returns)) == forecast(returns)
