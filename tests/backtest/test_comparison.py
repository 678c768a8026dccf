"""Backtests compared."""

from __future__ import annotations

import pandas as pd
import pytest

import puffin as pf
from puffin import backtest

QUICK = {"samples": 200, "chains": 2, "random_seed": 1}


def test_comparison_is_that_of_net_returns(result, prices):
    held = backtest.run(prices.iloc[:400].notna() / 3, prices.iloc[:400], risk_free_rate=0.02)
    compared = backtest.compare({"trend": result, "held": held}, **QUICK)
    expected = pf.strategy_comparison(
        {"trend": result.returns, "held": held.returns}, risk_free_rate=0.02, **QUICK
    )
    assert compared.table.equals(expected.table)
    assert compared.n_observations == (result.returns.size, held.returns.size)
    shared = backtest.compare({"trend": result, "held": held}, dates="shared", **QUICK)
    assert shared.n_observations == (379, 379)
    free = backtest.run(prices.notna() / 3, prices)
    with pytest.raises(ValueError, match=r"different rates on cash \(0, 0.02\)"):
        backtest.compare({"trend": result, "free": free})
    backtest.compare({"trend": result, "free": free}, risk_free_rate=0.02, **QUICK)


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([], "must be a dict of names to backtests; found list"),
        ({}, "holds no backtests"),
        ({"a": pd.Series([1.0])}, r"results\['a'\] must be a BacktestResult; found Series"),
    ],
)
def test_comparison_errors(results, message):
    with pytest.raises((ValueError, TypeError), match=message):
        backtest.compare(results)
