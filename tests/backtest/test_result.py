"""What a backtest found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin import backtest

QUICK = {"samples": 200, "chains": 2, "random_seed": 1}


def test_summary_by_hand():
    """Half of equity from the second bar on, bought for 1% of it, +20% then -10%."""
    prices = pd.Series([10.0, 10, 12, 10.8])
    weights = pd.Series([0.5, np.nan, np.nan, np.nan])
    table = backtest.run(weights, prices, commission_bps=100, periods_per_year=2).summary()
    left = 1 / 1.005
    before, after = 1.1 * 1.04 / 1.1, left * 1.04  # 0.5 in the asset became 0.6, then 0.54
    assert table.loc["annual_growth", "gross"] == pytest.approx(before ** (2 / 3) - 1)
    assert table.loc["annual_growth", "net"] == pytest.approx(after ** (2 / 3) - 1)
    assert table.loc["largest_drawdown", "net"] == pytest.approx(1.04 / 1.1 - 1)
    assert table.loc["annual_turnover", "net"] == pytest.approx(2 / 3 * 0.5 * left)
    assert table.loc["annual_commission", "net"] == pytest.approx(2 / 3 * (1 - left))
    assert table.loc["annual_commission", "gross"] == 0.0
    net = np.array([left - 1, 0.1, 1.04 / 1.1 - 1])
    assert table.loc["annual_volatility", "net"] == pytest.approx(np.sqrt(2) * net.std(ddof=1))
    assert table.loc["sharpe", "net"] == pytest.approx(np.sqrt(2) * net.mean() / net.std(ddof=1))


def test_summary_adds_up(result):
    table = result.summary()
    assert table.notna().all().all()
    costs = result.costs.mean().sum() * result.periods_per_year
    assert table.loc["annual_commission":, "net"].sum() == pytest.approx(costs)
    assert table.loc["annual_growth", "net"] < table.loc["annual_growth", "gross"]
    assert table.loc["largest_drawdown", "net"] == pytest.approx(result.drawdown.min())
    assert table.loc["sharpe", "net"] == pytest.approx(result.sharpe(**QUICK)["sample_sharpe"])
    assert list(result.costs) == ["commission", "slippage", "borrow"]


def test_sharpe_is_the_posterior_of_net_returns(result):
    sharpe = result.sharpe(**QUICK)
    expected = pf.bayesian_sharpe(result.returns, risk_free_rate=0.02, **QUICK)
    assert dict(sharpe) == dict(expected)
    assert sharpe.name == "trend"
    assert result.sharpe(risk_free_rate=0.0, **QUICK)["mean"] > sharpe["mean"]


def test_result_prints_and_names_load_lazily(result):
    assert "commission_bps=1" in repr(result)
    assert len(repr(result)) < 300
    assert pf.backtest is backtest
