"""Crossings of moving averages, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.strategies import (
    MovingAverageCross,
)
from tests.strategies.random_prices import NAN


def test_moving_averages_by_hand():
    prices = pd.Series([3.0, 2, 1, 2, 4, 6, 5, 2, 1], name="A")
    # fast of 2: -, 2.5, 1.5, 1.5,   3, 5, 5.5,  3.5, 1.5
    # slow of 3: -,   -,   2, 5/3, 7/3, 4,   5, 13/3, 8/3
    weights = MovingAverageCross(fast=2, slow=3).weights(prices)["A"]
    np.testing.assert_array_equal(weights, [NAN, NAN, -1, NAN, 1, NAN, NAN, -1, NAN])
    only = MovingAverageCross(2, 3, "long-only").weights(prices)["A"]
    np.testing.assert_array_equal(only, [NAN, NAN, 0, NAN, 1, NAN, NAN, 0, NAN])


def test_moving_averages_of_a_price_that_stands_still_say_nothing():
    still = pd.Series(np.full(400, 100.1))
    still[:100] = np.linspace(50, 100.1, 100)
    weights = MovingAverageCross(20, 50).weights(still).dropna()
    assert weights.iloc[:, 0].tolist() == [1.0, 0.0]
