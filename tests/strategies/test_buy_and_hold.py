"""Buy once, and hold."""

from __future__ import annotations

import numpy as np

import puffin as pf
from puffin.strategies import (
    BuyAndHold,
)
from tests.strategies.random_prices import NAN, random_prices


def test_buy_and_hold_buys_once_all_have_prices():
    prices = random_prices(2)
    prices.iloc[:7, 1] = NAN
    weights = BuyAndHold().weights(prices)
    assert weights.dropna().index.tolist() == [prices.index[7]]
    assert weights.iloc[7].tolist() == [0.25] * 4
    weights = BuyAndHold({"C": 0.6, "A": 0.2}).weights(prices)
    assert weights.iloc[0].tolist() == [0.2, 0.0, 0.6, 0.0]
    equity = pf.backtest.run(weights, prices.bfill()).equity
    held = 0.2 + 0.6 * prices["C"] / prices["C"].iloc[1] + 0.2 * prices["A"] / prices["A"].iloc[1]
    np.testing.assert_allclose(equity.iloc[1:], held.iloc[1:])
