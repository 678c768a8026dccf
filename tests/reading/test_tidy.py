"""A row for each date and instrument."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError, read_frame, read_text, returns_of
from tests.reading.made import DATES, PRICES, RETURNS, ROWS

OTHER = PRICES[::-1]
VOLUMES = np.random.default_rng(3).integers(1_000, 9_000, ROWS)


def long(**columns):
    """Return rows of two instruments; a pair is what one and the other have in a column."""
    return pd.concat(
        [
            pd.DataFrame({"date": DATES, **{name: pair[k] for name, pair in columns.items()}})
            for k in (0, 1)
        ]
    )


TICKERS = ("AAPL", "MSFT")


def check(found, names=TICKERS):
    assert list(found.returns) == list(names)
    for name, prices in zip(names, (PRICES, OTHER), strict=True):
        np.testing.assert_allclose(found.returns[name], prices[1:] / prices[:-1] - 1.0, rtol=1e-9)
        assert found.returns[name].index.equals(DATES[1:])


@pytest.mark.parametrize("by", [["ticker", "date"], ["date", "ticker"]])
@pytest.mark.parametrize("index", [True, False])
def test_closes(by, index):
    frame = long(ticker=TICKERS, close=(PRICES, OTHER)).sort_values(by)
    check(returns_of(read_text(frame.to_csv(index=index))))
    check(returns_of(read_frame(frame.set_index(["date", "ticker"]))))
    check(returns_of(read_frame(frame)))


def test_bars_with_a_currency():
    frame = long(
        symbol=TICKERS,
        currency=("USD", "USD"),
        open=(PRICES, OTHER),
        high=(PRICES, OTHER),
        low=(PRICES, OTHER),
        close=(PRICES, OTHER),
        volume=(VOLUMES, VOLUMES),
    )
    table = read_text(frame.to_csv(index=False))
    check(returns_of(table))
    assert list(table.bars["AAPL"]) == ["open", "high", "low", "close", "volume"]


def test_numbered_instruments_and_returns():
    frame = long(PERMNO=(10107, 14593), RET=(RETURNS, -RETURNS))
    found = returns_of(read_text(frame.to_csv(index=False)))
    assert list(found.returns) == ["10107", "14593"]
    np.testing.assert_allclose(found.returns["14593"], -RETURNS)


def test_an_instrument_that_comes_later():
    frame = long(ticker=TICKERS, close=(PRICES, OTHER)).iloc[:-50].iloc[40:]
    found = returns_of(read_text(frame.to_csv(index=False)))
    assert found.returns["AAPL"].index.equals(DATES[41:])
    assert found.returns["MSFT"].index.equals(DATES[1:-50])


def test_a_list_of_trades_is_no_table():
    rng = np.random.default_rng(4)
    trades = pd.DataFrame(
        {
            "date": np.repeat(DATES[:100], 2),
            "symbol": [one for k in range(100) for one in (f"S{k % 7}", f"S{k % 7 + 7}")],
            "price": rng.uniform(10, 20, 200).round(2),
        }
    )
    with pytest.raises(ReadingError, match="repeats 100 dates"):
        read_text(trades.to_csv(index=False))


def test_dates_that_repeat_for_no_reason():
    frame = long(ticker=("AAPL", "AAPL"), close=(PRICES, OTHER))
    with pytest.raises(ReadingError, match="repeats 300 dates"):
        read_text(frame.to_csv(index=False))
