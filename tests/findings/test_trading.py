"""How a backtest came by its returns."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import puffin as pf
from puffin.findings.trading import trading, trading_story

DAYS = pd.bdate_range("2023-01-02", periods=120)


@functools.cache
def backtest(**costs):
    random = np.random.default_rng(3)
    prices = pd.DataFrame(
        10.0 * np.exp(np.cumsum(0.01 * random.standard_normal((120, 3)), axis=0)), DAYS, list("ABC")
    )
    weights = pd.DataFrame(0.0, DAYS, list("ABC"))
    weights.loc[DAYS[10:40], "A"] = 0.6
    weights.loc[DAYS[50:70], "A"] = -0.4
    weights.loc[DAYS[60:], "B"] = 0.5
    return pf.backtest.run(weights, prices, name="mine", **costs)


@pytest.fixture(scope="module")
def found():
    return trading(backtest(commission_bps=5, borrow_rate=0.05), 0.94)


def test_assets_are_those_held_with_what_they_added(found):
    assert set(found.assets.index) == {"A", "B"}
    assert found.assets.loc["A", "trips"] == 2
    assert found.assets.loc["A", "share_held"] == pytest.approx(50 / 119)
    assert found.assets["contribution"].sum() == pytest.approx(found.result.gross_returns.sum())
    assert found.assets["contribution"].is_monotonic_decreasing


def test_share_of_gains_has_the_interval_of_its_posterior(found):
    assert len(found.closed) == 2
    gains = int((found.closed["contribution"] > 0).sum())
    share, low, high = found.share_of_gains
    assert share == gains / 2
    assert (low, high) == pytest.approx(stats.beta(gains + 0.5, 2 - gains + 0.5).interval(0.94))


def test_turnover_and_costs_are_those_of_the_summary(found):
    net = found.result.summary()["net"]
    assert found.annual_turnover == pytest.approx(net["annual_turnover"])
    assert found.annual_costs["borrow"] == pytest.approx(net["annual_borrow"])


def test_story(found):
    said = " ".join(trading_story(found, 0.94))
    assert "2 positions were closed" in said
    assert "commission" in said
    assert "slippage" not in said
    free = trading(backtest(), 0.94)
    assert "charged no costs" in " ".join(trading_story(free, 0.94))


def test_nothing_closed_is_said():
    days = DAYS[:30]
    prices = pd.DataFrame({"A": np.linspace(10.0, 12.0, 30)}, days)
    held = pf.backtest.run(prices * 0.0 + 0.5, prices)
    assert "No position was closed." in trading_story(trading(held, 0.94), 0.94)
