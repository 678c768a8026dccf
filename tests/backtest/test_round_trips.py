"""Positions from when they are opened until they are closed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf

DAYS = pd.bdate_range("2024-01-01", periods=8)
PRICES = pd.DataFrame(
    {
        "A": [10.0, 10.0, 11.0, 12.1, 12.1, 11.0, 11.0, 12.0],
        "B": [5.0, 5.0, 5.0, 5.0, 6.0, 6.0, 6.0, 6.6],
    },
    DAYS,
)


def backtest(**weights):
    return pf.backtest.run(pd.DataFrame(weights, DAYS), PRICES)


def test_a_position_is_opened_a_row_after_the_decision_and_lasts_until_it_is_closed():
    weights = {"A": [0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], "B": [0.0] * 8}
    [trip] = backtest(**weights).round_trips().to_dict("records")
    assert trip["asset"] == "A"
    assert trip["side"] == "long"
    assert (trip["entry"], trip["exit"], trip["periods"]) == (DAYS[1], DAYS[3], 2)
    assert trip["price_change"] == pytest.approx(0.21)
    held = [0.5, 0.5]  # rebalanced to the target in the second row
    assert trip["contribution"] == pytest.approx(0.1 * held[0] + 0.1 * held[1])


def test_a_change_of_sides_is_another_position():
    weights = {"A": [0.5, 0.5, -0.5, -0.5, -0.5, 0.0, 0.0, 0.0], "B": [0.0] * 8}
    trips = backtest(**weights).round_trips()
    assert trips["side"].to_list() == ["long", "short"]
    assert trips["exit"].iloc[0] == trips["entry"].iloc[1] == DAYS[3]
    assert trips["price_change"].iloc[1] == pytest.approx(11.0 / 12.1 - 1.0)
    assert trips["contribution"].iloc[1] > 0.0


def test_what_is_still_held_is_open():
    weights = {"A": [0.0] * 8, "B": [0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.4, 0.4]}
    [trip] = backtest(**weights).round_trips().to_dict("records")
    assert trip["exit"] is None
    assert (trip["entry"], trip["periods"]) == (DAYS[6], 1)
    assert trip["price_change"] == pytest.approx(0.1)


def test_contributions_are_the_gross_returns_without_interest():
    random = np.random.default_rng(1)
    prices = 10.0 * np.exp(np.cumsum(0.02 * random.standard_normal((60, 3)), axis=0))
    days = pd.bdate_range("2024-01-01", periods=60)
    prices = pd.DataFrame(prices, days, list("ABC"))
    weights = pd.DataFrame(random.uniform(-0.5, 0.5, (60, 3)).round(), days, list("ABC"))
    weights += 0.2 * (weights == 0.0)
    result = pf.backtest.run(weights, prices, commission_bps=5, borrow_rate=0.02)
    total = result.contributions.sum(axis=1)
    assert total.to_numpy() == pytest.approx(result.gross_returns.to_numpy(), abs=1e-15)
    trips = result.round_trips()
    by_asset = trips.groupby("asset")["contribution"].sum()
    assert by_asset.to_numpy() == pytest.approx(result.contributions.sum().to_numpy())
    assert trips["entry"].is_monotonic_increasing


def test_nothing_held_is_no_position():
    trips = backtest(A=[0.0] * 8, B=[0.0] * 8).round_trips()
    assert list(trips.columns[:2]) == ["asset", "side"]
    assert trips.empty
