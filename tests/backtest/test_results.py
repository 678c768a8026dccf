"""What a backtest says of itself: numbers, posterior, comparison, figure."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin import backtest
from puffin.backtest.performance import performance

QUICK = {"samples": 200, "chains": 2, "random_seed": 1}


@pytest.fixture(scope="module")
def prices():
    return pf.datasets.load_equities()[["KO", "PEP", "XOM"]].loc["2015":"2018"]


@pytest.fixture(scope="module")
def result(prices):
    weights = np.sign(prices / prices.shift(20) - 1.0).dropna() / 3
    return backtest.run(
        weights, prices, name="trend", commission_bps=1, slippage_bps=2, borrow_rate=0.01,
        risk_free_rate=0.02,
    )  # fmt: skip


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


def test_returns_that_do_not_move_have_no_sharpe(prices):
    table = backtest.run(prices * 0.0, prices, risk_free_rate=0.02).summary()
    assert table.loc["annual_growth", "net"] == pytest.approx(0.02)
    assert np.isnan(table.loc["sharpe", "net"])
    nothing = performance(pd.Series([0.0]), 252)
    assert np.isnan([nothing.annual_volatility, nothing.skewness]).all()
    assert nothing.annual_growth == 0.0


def test_sharpe_is_the_posterior_of_net_returns(result):
    sharpe = result.sharpe(**QUICK)
    expected = pf.bayesian_sharpe(result.returns, risk_free_rate=0.02, **QUICK)
    assert dict(sharpe) == dict(expected)
    assert sharpe.name == "trend"
    assert result.sharpe(risk_free_rate=0.0, **QUICK)["mean"] > sharpe["mean"]


def test_comparison_is_that_of_net_returns_on_common_dates(result, prices):
    held = backtest.run(prices.iloc[:400].notna() / 3, prices.iloc[:400], risk_free_rate=0.02)
    compared = backtest.compare({"trend": result, "held": held}, **QUICK)
    expected = pf.strategy_comparison(
        {"trend": result.returns, "held": held.returns}, risk_free_rate=0.02, **QUICK
    )
    assert compared.table.equals(expected.table)
    assert compared.n_observations == (379, 379)
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


def test_plot(result, prices, tmp_path):
    figure = result.plot()
    figure.savefig(tmp_path / "equity.png")
    upper, lower = figure.axes
    assert upper.get_title(loc="left") == "Backtest of trend"
    assert upper.get_yscale() == "linear"
    assert [line.get_label().split()[0] for line in upper.lines[1:]] == ["before", "after"]
    assert lower.get_ylim()[1] == 0.0
    wide = pd.Series(np.geomspace(1.0, 50.0, 40), name="A")
    free = backtest.run(wide * 0.0 + 1.0, wide).plot()
    assert free.axes[0].get_yscale() == "log"
    assert len(free.axes[0].lines) == 2  # without costs there is one equity
    free.savefig(tmp_path / "free.png")


def test_result_prints_and_names_load_lazily(result):
    assert "commission_bps=1" in repr(result)
    assert len(repr(result)) < 300
    assert pf.backtest is backtest
