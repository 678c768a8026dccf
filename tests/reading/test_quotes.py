"""Bars, in the words of many vendors and languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import read_text, returns_of
from puffin.reading.quotes import found_bars
from tests.reading.made import DATES, PRICES, RETURNS, ROWS

OPEN, HIGH, LOW = PRICES * 1.001, PRICES * 1.01, PRICES * 0.99
VOLUME = np.random.default_rng(3).integers(1_000_000, 9_000_000, ROWS)


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("Open High Low Close Volume", "Close"),
        ("OPEN HIGH LOW LTP CLOSE VWAP 52W_H PREV._CLOSE VALUE No_of_trades", "CLOSE"),
        ("Open High Low Last Close Number_of_Shares Turnover", "Close"),
        ("o h l c v vw n", "c"),
        ("open close high low transactions", "close"),
        ("Adj._Open Adj._High Adj._Low Adj._Close Adj._Volume Open High Low Close", "Adj._Close"),
        ("close high low open adjClose adjHigh adjLow adjOpen divCash splitFactor", "adjClose"),
        ("open high low close quote_volume count taker_buy_volume ignore", "close"),
        ("price market_cap total_volume", "price"),
        ("PX_LAST PX_VOLUME", "PX_LAST"),
        ("Zuletzt Eröffn. Hoch Tief Vol. +/-_%", "Zuletzt"),
        ("Erster Hoch Tief Schlusskurs Stuecke Volumen", "Schlusskurs"),
        ("Dernier Ouv. Plus_Haut Plus_Bas Vol. Variation_%", "Dernier"),
        ("Último Apertura Máximo Mínimo Vol. %_var.", "Último"),
        ("Abertura Máxima Mínima Fechamento Volume", "Fechamento"),
        ("Ultimo Apertura Massimo Minimo Vol. Var._%", "Ultimo"),
        ("Laatste Openen Hoog Laag Vol. Verschil_%", "Laatste"),
        ("Otwarcie Najwyższy Najniższy Zamknięcie Wolumen", "Zamknięcie"),
        ("Bid Ask Opening_price High_price Low_price Closing_price Turnover", "Closing price"),
        ("ouv haut bas clot vol devise", "clot"),
        ("Open High Low Close* Adj_Close** Volume", "Adj Close**"),
        ("Open High Low Close SMA50 RSI MACD", "Close"),
    ],
)
def test_one_price_is_taken(header, taken):
    names = [name.replace("_", " ") for name in header.split()]
    bars = found_bars(names)
    assert list(bars.prices) == [taken.replace("_", " ")]
    assert {*bars.prices, *bars.others} == set(names)


@pytest.mark.parametrize(
    "names",
    [
        ["C", "V"],
        ["O", "C", "V"],
        ["High Yield", "Low Vol", "Close to Close"],
        ["Open", "Close"],
        ["max drawdown", "min variance", "last"],
    ],
)
def test_strategies_and_tickers_are_no_bars(names):
    assert not found_bars(names).prices


@pytest.mark.parametrize("style", ["{1}_{0}", "{1} {0}", "('{0}', '{1}')", "{0}.{1}", "{0}|{1}"])
def test_several_instruments_in_one_row(style):
    adjusted = "Adjusted" if "." in style else "Adj Close"
    fields = {"Open": OPEN, "High": HIGH, "Low": LOW, adjusted: PRICES, "Volume": VOLUME}
    frame = pd.DataFrame({"Date": DATES})
    for ticker in ("AAPL", "MSFT"):
        frame = frame.assign(**{style.format(one, ticker): v for one, v in fields.items()})
    table = read_text(frame.to_csv(index=False))
    found = returns_of(table)
    assert list(found.returns) == ["AAPL", "MSFT"]
    np.testing.assert_allclose(found.returns["MSFT"], RETURNS[1:], atol=1e-9)
    assert "the adjusted close of 2 instruments, turned" in found.line
    assert "the adjusted close, turned" in returns_of(table, ["AAPL"]).line
    assert set(table.bars["MSFT"]) == {"open", "high", "low", "adjusted", "volume"}


def test_results_beside_bars_stay():
    frame = pd.DataFrame(
        {
            "Date": DATES,
            "Open": OPEN,
            "High": HIGH,
            "Low": LOW,
            "Close": PRICES,
            "RSI": 50.0 + 20.0 * np.sin(np.arange(ROWS) / 9.0),
            "Position": (RETURNS > 0).astype(int),
            "strategy_return": RETURNS,
            "Equity": 1e5 * np.cumprod(1.0 + RETURNS),
        }
    )
    found = returns_of(read_text(frame.to_csv(index=False)))
    assert set(found.returns) == {"Close", "strategy_return", "Equity"}
    assert "left out: Open, High, Low, RSI, Position" in found.line
