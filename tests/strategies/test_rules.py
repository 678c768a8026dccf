"""Buy and hold, momentum, moving averages, and the overlay: by hand, and by what must be true."""

from __future__ import annotations

from dataclasses import dataclass, field
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

NAN = np.nan


def random_prices(seed, rows=80, assets=4, gaps=False):
    stream = np.random.default_rng(seed)
    prices = np.exp(np.cumsum(0.02 * stream.standard_normal((rows, assets)), axis=0))
    if gaps:
        prices[: rows // 4, 0] = NAN
        prices[stream.random((rows, assets)) < 0.02] = NAN
    index = pd.bdate_range("2021-01-01", periods=rows)
    return pd.DataFrame(prices, index, list("ABCDEFG")[:assets])


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


def test_ewma_by_hand():
    returns = pd.Series([0.01, -0.02, 0.03])
    expected = np.sqrt((0.25 * 1 + 0.5 * 4 + 9) * 1e-4 / 1.75)
    assert ewma_volatility(returns, decay=0.5, minimum=3) == pytest.approx(expected)
    assert np.isnan(ewma_volatility(returns))
    assert ewma_volatility(returns, 1.0, 1) == pytest.approx(np.sqrt(14e-4 / 3))
    long = pd.Series(np.random.default_rng(1).normal(size=3000))
    weights = 0.94 ** np.arange(2999, -1, -1)
    full = np.sqrt(np.average(long**2, weights=weights))
    assert ewma_volatility(long) == pytest.approx(full, rel=1e-12)
    assert rolling_volatility(long, 63) == pytest.approx(long.iloc[-63:].std())
    assert np.isnan(rolling_volatility(returns, 4))


@dataclass(frozen=True)
class Fixed:
    """Weights that are given."""

    rows: dict[int, list[float]] = field(hash=False)

    def weights(self, prices):
        weights = prices * NAN
        for row, values in self.rows.items():
            weights.iloc[row] = values
        return weights


def test_overlay_by_hand():
    """The forecast is 1% after bar 3, 4% after bar 5: 16% and 64% a year of 256 bars."""
    prices = pd.DataFrame({"A": [1.0, 1, 1, 1, 1.5, 1.5, 1.5, 1.5, 1.5], "B": 1.0})

    def forecaster(past):
        assert past.index[-1] == len(past)  # the latest return is that of the deciding bar
        return NAN if len(past) < 3 else 0.01 if len(past) < 6 else 0.04

    overlay = VolatilityTarget(
        Fixed({1: [0.5, 0.5], 7: [0.0, 1.0]}), 0.32, forecaster, 10.0, 0.1, periods_per_year=256
    )
    expected = np.full((9, 2), NAN)
    expected[3] = [1.0, 1.0]  # factor 0.32 / 0.16
    # Bar 4, 5: the factor is the same. Bar 6: a half, of 0.5 that became 0.6 as A rose by half.
    expected[6] = [0.3, 0.2]
    expected[7] = [0.0, 0.5]  # a decision of the strategy's
    np.testing.assert_allclose(overlay.weights(prices), expected)
    capped = VolatilityTarget(
        Fixed({1: [0.5, 0.5]}), 0.32, forecaster, 0.25, periods_per_year=256
    ).weights(prices)
    np.testing.assert_allclose(capped.dropna(), [[0.125, 0.125]])


def test_overlay_knows_the_risk_of_a_new_position():
    """After a time without positions it looks at what the new ones did then."""
    stream = np.random.default_rng(1)
    prices = pd.DataFrame({"A": np.exp(np.cumsum(0.03 * stream.standard_normal(300)))})
    strategy = Fixed({0: [0.0], 250: [1.0]})
    overlay = VolatilityTarget(strategy, 0.1, partial(rolling_volatility, window=100))
    weights = overlay.weights(prices)["A"].dropna()
    assert weights.iloc[0] == 0.0
    spread = prices["A"].pct_change().iloc[151:251].std()
    assert weights.loc[250] == pytest.approx(0.1 / (np.sqrt(252) * spread))


def test_overlay_reaches_its_target():
    prices = pf.datasets.load_equities().loc["2000":"2012"]
    for strategy in (BuyAndHold(), Momentum()):
        overlay = VolatilityTarget(strategy, 0.08, max_leverage=5.0)
        result = pf.backtest.run(overlay.weights(prices), prices)
        assert result.summary().loc["annual_volatility", "net"] == pytest.approx(0.08, rel=0.08)


def test_overlay_with_what_has_no_past_is_flat():
    prices = random_prices(3, rows=60, assets=2)
    prices.iloc[:50, 1] = NAN
    overlay = VolatilityTarget(Fixed({0: [1.0, 0.0], 52: [0.5, 0.5]}))
    weights = overlay.weights(prices)
    assert weights.iloc[:20].isna().all().all()
    assert weights.iloc[20, 0] > 0.0  # twenty returns are what the forecast needs
    assert weights.iloc[52].tolist() == [0.0, 0.0]


class Trained(Momentum):
    def fit(self, prices):
        return Fixed({5: [1.0, 0, 0, 0]})


def test_overlay_is_fitted_where_its_strategy_is():
    assert not hasattr(VolatilityTarget(Momentum()), "fit")
    overlay = VolatilityTarget(Trained())
    fitted = overlay.fit(random_prices(4))
    assert fitted.strategy == Fixed({5: [1.0, 0, 0, 0]})
    assert fitted.target == overlay.target
    result = pf.backtest.walk_forward(overlay, random_prices(4), train=40, test=10)
    assert (result.targets.dropna()[["B", "C", "D"]] == 0.0).all().all()


@pytest.mark.parametrize("answer", [-0.01, np.inf, "much", None])
def test_overlay_refuses_what_is_no_volatility(answer):
    overlay = VolatilityTarget(BuyAndHold(), forecaster=lambda past: answer)
    with pytest.raises(ValueError, match="forecaster must return a volatility"):
        overlay.weights(random_prices(5))


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
