"""Which day a price belongs to, and what a day's returns are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.realized import daily_bars, intraday_returns, realized_variance

TIMES = pd.DatetimeIndex(
    ["2024-03-01 09:30", "2024-03-01 12:00", "2024-03-01 16:00", "2024-03-04 09:30",
     "2024-03-04 16:00"]
)  # fmt: skip
PRICES = pd.Series([100.0, 102.0, 101.0, 150.0, 149.0], TIMES)


def test_nights_are_left_out():
    returns = intraday_returns(PRICES)
    np.testing.assert_allclose(returns, np.log([1.02, 101 / 102, 149 / 150]))
    found = realized_variance(returns)
    assert found.index.tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-04")]
    assert found.iloc[1] == pytest.approx(np.log(149 / 150) ** 2)


def test_days_are_local():
    """16:00 in New York is another day in Tokyo."""
    zoned = PRICES.tz_localize("America/New_York")
    found = realized_variance(intraday_returns(zoned))
    pd.testing.assert_series_equal(found, realized_variance(intraday_returns(PRICES)))
    elsewhere = realized_variance(intraday_returns(zoned.tz_convert("Asia/Tokyo")))
    assert elsewhere.index[0] == pd.Timestamp("2024-03-02")
    assert found.index.tz is None


def test_last_price_of_each_interval():
    times = pd.date_range("2024-03-01 09:30", periods=10, freq="min")
    prices = pd.Series(np.arange(100.0, 110.0), times)
    np.testing.assert_allclose(intraday_returns(prices, "5min"), np.log([109 / 104]))


def test_daily_bars():
    found = daily_bars(PRICES)
    assert found.loc["2024-03-01"].tolist() == [100.0, 102.0, 100.0, 101.0]
    bars = pd.DataFrame({"o": PRICES, "h": PRICES + 1, "l": PRICES - 1, "c": PRICES})
    assert daily_bars(bars).loc["2024-03-01"].tolist() == [100.0, 103.0, 99.0, 101.0]
    np.testing.assert_allclose(intraday_returns(bars), intraday_returns(PRICES))


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (PRICES.to_numpy(), TypeError, "pandas Series or DataFrame"),
        (PRICES.reset_index(drop=True), TypeError, "dates with times"),
        (PRICES.set_axis(pd.date_range("2024-01-01", periods=5)), ValueError, "without times"),
        (
            PRICES.set_axis(pd.date_range("2024-01-01 16:00", periods=5)),
            ValueError,
            "no day with two",
        ),
        (PRICES * -1.0, ValueError, "above zero"),
        (PRICES[::-1], ValueError, "order of time"),
    ],
)
def test_what_is_wrong_is_said(given, error, said):
    with pytest.raises(error, match=said):
        intraday_returns(given)


def test_prices_are_no_returns():
    with pytest.raises(ValueError, match="look like prices"):
        realized_variance(PRICES)
    with pytest.raises(TypeError, match="pandas Series"):
        realized_variance(PRICES.to_numpy())
