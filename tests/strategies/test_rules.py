"""What holds of every strategy: it knows the past only, and says what it cannot use."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import puffin as pf
from puffin.strategies import (
    BuyAndHold,
    CrossSectionalMomentum,
    Momentum,
    MovingAverageCross,
    Strategy,
    VolatilityTarget,
    ewma_volatility,
    rolling_volatility,
)
from tests.strategies.random_prices import NAN, random_prices

ALL = [
    BuyAndHold(),
    BuyAndHold({"B": 0.7, "A": -0.2}),
    Momentum(10, 2, 5),
    Momentum(10, 0, 1, "long-only", 2.0),
    CrossSectionalMomentum(10, 2, 5),
    CrossSectionalMomentum(8, 1, 7, 0.5, "long-only"),
    MovingAverageCross(3, 9),
    MovingAverageCross(2, 20, "long-only"),
    VolatilityTarget(BuyAndHold(), forecaster=partial(ewma_volatility, minimum=5)),
    VolatilityTarget(
        Momentum(10, 2, 5), 0.2, partial(rolling_volatility, window=6), band=0.0, every=3
    ),
    VolatilityTarget(MovingAverageCross(3, 9, "long-only"), max_leverage=1.0),
]


each = pytest.mark.parametrize("strategy", ALL, ids=lambda strategy: repr(strategy)[:40])


@each
@given(seed=st.integers(0, 2**32), rows=st.integers(25, 79), gaps=st.booleans())
@settings(max_examples=12)
def test_the_future_changes_nothing(strategy, seed, rows, gaps):
    prices = random_prices(seed, gaps=gaps)
    if isinstance(strategy, VolatilityTarget):  # their backtests need prices of what they hold
        prices = prices.ffill().bfill()
    whole, cut = strategy.weights(prices), strategy.weights(prices.iloc[:rows])
    assert whole.iloc[:rows].equals(cut)


@each
def test_weights_are_on_the_rows_and_columns_of_prices(strategy):
    prices = random_prices(1)
    weights = strategy.weights(prices)
    assert isinstance(strategy, Strategy)
    assert weights.index.equals(prices.index)
    assert weights.columns.equals(prices.columns)
    missing = weights.isna()
    assert (missing.all(axis=1) == missing.any(axis=1)).all()
    decided = weights.dropna()
    assert len(decided) > 0
    result = pf.backtest.walk_forward(strategy, prices, train=30, test=10, commission_bps=1)
    assert np.isfinite(result.equity).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: BuyAndHold({}), "allocation names no asset"),
        (lambda: BuyAndHold({"A": NAN}), r"allocation\['A'\] must be finite"),
        (lambda: BuyAndHold(["A"]), "must map assets to weights; found list"),
        (lambda: Momentum(lookback=0), "lookback must be a whole number of at least 1"),
        (lambda: Momentum(skip=252), "skip must be below lookback; found 252 and 252"),
        (lambda: Momentum(every=0), "every must be"),
        (lambda: Momentum(direction="short"), "direction must be one of 'long-short', 'long-only'"),
        (lambda: Momentum(gross=-1.0), "gross must be above zero"),
        (lambda: CrossSectionalMomentum(share=0.6), "share must be above 0 and at most 0.5"),
        (lambda: MovingAverageCross(200, 50), "fast must be below slow; found 200 and 50"),
        (lambda: VolatilityTarget("momentum"), "strategy must have a method weights"),
        (lambda: VolatilityTarget(Momentum(), 0.0), "target must be above zero"),
        (lambda: VolatilityTarget(Momentum(), band=-0.1), "band must be at least zero"),
        (
            lambda: VolatilityTarget(Momentum(), forecaster=0.2),
            "must be a function of past returns",
        ),
    ],
)
def test_parameters_are_checked(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_prices_are_checked():
    prices = random_prices(6)
    with pytest.raises(ValueError, match="allocation has assets that prices lacks: 'Z'"):
        BuyAndHold({"Z": 1.0}).weights(prices)
    with pytest.raises(ValueError, match="a cross-section needs at least two"):
        CrossSectionalMomentum().weights(prices["A"])
    with pytest.raises(ValueError, match="prices must be above zero"):
        Momentum().weights(-prices)


@given(
    st.sampled_from(ALL),
    hnp.arrays(
        float,
        st.tuples(st.integers(0, 40), st.integers(1, 3)),
        elements=st.one_of(
            st.floats(0.5, 2), st.sampled_from([NAN, 1.0, 1e300, 1e-300, 0.0, -1.0, np.inf])
        ),
        fill=st.floats(0.5, 2),
    ),
)
@settings(max_examples=200)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_anything_gives_weights_or_a_clear_error(strategy, prices):
    try:
        weights = strategy.weights(prices)
    except (ValueError, TypeError) as error:
        assert len(str(error)) > 10
        return
    assert weights.shape == prices.shape
    missing = weights.isna()
    assert (missing.all(axis=1) == missing.any(axis=1)).all()
    assert np.isfinite(weights.dropna().to_numpy()).all()


@pytest.mark.parametrize("rows", [1, 2, 3, 19, 20, 21, 22, 23])
@pytest.mark.parametrize(
    "strategy",
    [
        Momentum(22, 21, 1),
        CrossSectionalMomentum(22, 21, 1),
        Momentum(5, 0, 1),
        MovingAverageCross(3, 22),
        BuyAndHold(),
    ],
)
def test_a_short_history_decides_nothing(strategy, rows):
    """The rows of a history are those of a longer one, however short it is."""
    prices = random_prices(7)
    short, whole = strategy.weights(prices.iloc[:rows]), strategy.weights(prices)
    pd.testing.assert_frame_equal(short, whole.iloc[:rows])
