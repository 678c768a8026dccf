"""Assets that come late, halt and leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import backtest, strategies

NAN = np.nan
DATES = pd.bdate_range("2020-01-01", periods=8)


def prices(**columns):
    return pd.DataFrame(columns, DATES, dtype=float)


def held_from_the_first_row(names, weight):
    return pd.DataFrame({name: [weight] for name in names}, DATES[:1])


def test_a_halt_is_held_through_and_earns_when_it_ends():
    found = prices(a=[10, 10, 10, NAN, NAN, 12, 12, 12], b=[5.0] * 8)
    result = backtest.run(held_from_the_first_row("ab", 0.5), found)
    np.testing.assert_allclose(result.equity, [1, 1, 1, 1, 1, 1.1, 1.1, 1.1])
    np.testing.assert_allclose(result.weights["a"].iloc[4], 0.5)


def test_an_order_without_a_price_is_not_filled_and_what_is_held_stays():
    found = prices(a=[10, 10, 10, NAN, 20, 20, 20, 20], b=[5.0] * 8)
    weights = pd.DataFrame({"a": [0.5, 0.0], "b": [0.5, 0.4]}, DATES[[0, 2]])
    with pytest.warns(UserWarning, match="1 decisions were not traded.*'a' at 2020-01-06"):
        result = backtest.run(weights, found)
    np.testing.assert_allclose(result.weights.loc[DATES[3]], [0.5, 0.4])
    np.testing.assert_allclose(result.equity.iloc[-1], 1.5)
    bought = pd.DataFrame({"a": [0.0, 0.5], "b": [0.5, 0.5]}, DATES[[0, 2]])
    with pytest.warns(UserWarning, match="not traded for want of a price"):
        assert (backtest.run(bought, found).weights["a"] == 0.0).all()


def test_an_asset_that_leaves_is_sold_at_its_last_price():
    found = prices(a=[10, 10, 15, NAN, NAN, NAN, NAN, NAN], b=[5.0] * 8)
    with pytest.warns(UserWarning, match="sold at its last price: a at 2020-01-03"):
        result = backtest.run(held_from_the_first_row("ab", 0.5), found, commission_bps=100)
    assert result.weights["a"].tolist()[3:] == [0.0] * 5
    at_last = 0.5 * 1.5 / 1.25
    assert result.turnover.loc[DATES[3]] == pytest.approx(at_last)
    assert result.costs["commission"].loc[DATES[3]] == pytest.approx(0.01 * at_last)
    assert result.equity.iloc[-1] == pytest.approx(1.25 / 1.01 * (1 - 0.01 * at_last), rel=1e-6)
    cash = 1.0 - result.weights.sum(axis=1)
    assert cash.iloc[-1] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("row", "message"),
    [(1, "'a' at 2020-01-03.*first is at 2020-01-06"), (6, "'a' at 2020-01-10.*last is at")],
)
def test_a_weight_on_what_is_not_there_is_named(row, message):
    found = prices(a=[NAN, NAN, NAN, 10, 11, NAN, NAN, NAN], b=[5.0] * 8)
    weights = pd.DataFrame({"a": [0.0, 0.5], "b": [1.0, 0.5]}, DATES[[0, row]])
    with pytest.raises(ValueError, match=message):
        backtest.run(weights, found)
    assert backtest.run(weights.assign(a=0.0), found).equity.iloc[-1] == 1.0


@pytest.fixture
def market():
    random = np.random.default_rng(1)
    days = pd.bdate_range("2018-01-01", periods=700)
    walks = 100 * np.exp(np.cumsum(random.normal(0.0003, 0.01, (700, 4)), axis=0))
    frame = pd.DataFrame(walks, days, ["full", "late", "dead", "halted"])
    frame.loc[days[:300], "late"] = NAN
    frame.loc[days[500:], "dead"] = NAN
    frame.loc[days[350:360], "halted"] = NAN
    return frame


@pytest.mark.filterwarnings("ignore:prices end while", "ignore:.*not traded for want of a price")
@pytest.mark.parametrize(
    "strategy",
    [strategies.Momentum(), strategies.CrossSectionalMomentum(), strategies.BuyAndHold()],
    ids=lambda one: type(one).__name__,
)
def test_strategies_trade_what_has_a_price(strategy, market):
    for result in (
        backtest.run(strategy.weights(market), market),
        backtest.walk_forward(strategy, market, train=252, test=126),
    ):
        assert np.isfinite(result.equity).all()
        assert (result.weights["late"][market["late"].isna()] == 0.0).all()
        assert (result.weights["dead"][market.index[501] :] == 0.0).all()


def test_assets_beside_them_change_nothing_about_others(market):
    """Two columns, one late and one dead, that are not held."""
    held = pd.DataFrame({"full": [0.6], "halted": [0.4]}, market.index[:1])
    alone = backtest.run(held, market[["full", "halted"]])
    np.testing.assert_allclose(backtest.run(held, market).returns, alone.returns, atol=1e-15)
