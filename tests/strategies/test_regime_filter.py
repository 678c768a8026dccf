from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.strategies import BuyAndHold, Momentum, RegimeFilter
from tests.inference.regimes.problems import simulate

QUICK = {"minimum": 120, "every": 60, "samples": 150, "distribution": "normal"}


def prices(size=260, seed=2):
    stream = np.random.default_rng(seed)
    index = pd.bdate_range("2020-01-01", periods=size)
    returns, regimes = simulate(stream, size, sd=(0.4, 2.5))
    other = returns + 0.3 * stream.standard_normal(size)
    frame = pd.DataFrame({"A": returns, "B": other}, index)
    return (1 + 0.01 * frame).cumprod(), regimes


@pytest.fixture(scope="module")
def whole():
    return RegimeFilter(BuyAndHold(), **QUICK).weights(prices()[0])


@pytest.mark.parametrize("rows", [170, 213])
def test_the_future_changes_nothing(whole, rows):
    changed = prices()[0].copy()
    changed.iloc[rows:] *= np.linspace(1.5, 0.4, len(changed) - rows)[:, None]
    other = RegimeFilter(BuyAndHold(), **QUICK).weights(changed)
    pd.testing.assert_frame_equal(whole.iloc[:rows], other.iloc[:rows], rtol=1e-9)


def test_nothing_is_decided_before_the_first_fit(whole):
    assert whole.iloc[:120].isna().all(axis=None)
    assert whole.iloc[121:].notna().any(axis=None)


def test_less_is_held_when_it_is_wild(whole):
    _, regimes = prices()
    held = whole.ffill().sum(axis=1)[125:-1]
    wild = regimes[126:] == 1
    assert held[~wild].mean() > held[wild].mean() + 0.2
    assert (held <= 1.0 + 1e-12).all()


def test_exposures_of_one_leave_the_strategy_alone():
    frame, _ = prices()
    both = RegimeFilter(Momentum(20, 0, 30), exposure=(1.0, 1.0), **QUICK).weights(frame)
    alone = Momentum(20, 0, 30).weights(frame)
    decided = alone.index[alone.notna().any(axis=1)]
    later = decided[decided >= both.dropna().index[0]]
    pd.testing.assert_frame_equal(both.loc[later], alone.loc[later], rtol=1e-6)


@pytest.mark.filterwarnings("ignore::puffin.models.bayesian.UnsupportedRegimesWarning")
def test_it_walks_forward():
    """Fitted to each window's training prices; `walk_forward` checks that it does not look on."""
    frame, _ = prices()
    strategy = RegimeFilter(BuyAndHold(), asset="A", samples=150)
    result = pf.backtest.walk_forward(strategy, frame, train=150, test=55, commission_bps=1)
    assert np.isfinite(result.equity).all()
    fitted = strategy.fit(frame.iloc[:150])
    assert fitted.weights(frame).notna().any(axis=None)
    assert fitted.strategy == strategy.strategy


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strategy": 1}, "weights"),
        ({"exposure": (1.0,)}, "two or more regimes"),
        ({"exposure": (1.0, np.inf)}, "exposure"),
        ({"minimum": 5}, "minimum"),
        ({"every": 0}, "every"),
        ({"band": -0.1}, "band"),
        ({"distribution": "cauchy"}, "distribution"),
    ],
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        RegimeFilter(**{"strategy": BuyAndHold(), **arguments})


def test_an_asset_that_there_is_not():
    with pytest.raises(ValueError, match="asset"):
        RegimeFilter(BuyAndHold(), asset="C", **QUICK).weights(prices()[0])
