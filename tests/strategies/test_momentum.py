"""Momentum, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.strategies import (
    CrossSectionalMomentum,
    Momentum,
)
from tests.strategies.random_prices import NAN, random_prices


def test_momentum_by_hand():
    prices = pd.DataFrame(
        {
            "up": [1.0, 2, 3, 4, 5, 4, 3, 2],
            "down": [8.0, 7, 6, 5, 4, 5, 6, 7],
            "new": [NAN, NAN, NAN, 1, 2, 3, 4, 5],
        }
    )
    weights = Momentum(lookback=3, skip=1, every=2).weights(prices)
    expected = np.full((8, 3), NAN)
    expected[3] = [0.5, -0.5, 0.0]  # bar 2 over bar 0: 3 > 1, 6 < 8, unknown
    expected[5] = [0.5, -0.5, 0.0]  # bar 4 over bar 2: 5 > 3, 4 < 6, unknown
    expected[7] = [-1 / 3, 1 / 3, 1 / 3]  # bar 6 over bar 4: 3 < 5, 6 > 4, 4 > 2
    np.testing.assert_allclose(weights, expected)
    only = Momentum(3, 1, 2, "long-only", gross=3.0).weights(prices)
    np.testing.assert_allclose(only.iloc[7], [0.0, 1.0, 1.0])


def test_cross_sectional_momentum_by_hand():
    moves = pd.Series({"A": 1.3, "B": 0.9, "C": 1.1, "D": 1.2, "E": 1.0, "F": 1.25})
    prices = pd.DataFrame([moves**0, moves, moves * 0.5])
    weights = CrossSectionalMomentum(lookback=2, skip=1, share=0.34).weights(prices)
    assert weights.iloc[2].tolist() == [0.25, -0.25, 0, 0, -0.25, 0.25]
    only = CrossSectionalMomentum(2, 1, share=0.2, direction="long-only").weights(prices)
    assert only.iloc[2].tolist() == [1.0, 0, 0, 0, 0, 0]
    prices["A"] = NAN, 1.0, 1.0  # without a return then, it is not ranked
    weights = CrossSectionalMomentum(lookback=2, skip=1, share=0.2).weights(prices)
    assert weights.iloc[2].tolist() == [0.0, -0.5, 0, 0, 0, 0.5]


@given(st.integers(0, 2**32), st.floats(0.01, 0.5))
@settings(max_examples=30)
def test_cross_sections_are_neutral_and_as_large_as_asked(seed, share):
    decided = (
        CrossSectionalMomentum(9, 2, 4, share, gross=1.5).weights(random_prices(seed)).dropna()
    )
    np.testing.assert_allclose(decided.sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(decided.abs().sum(axis=1), 1.5)
