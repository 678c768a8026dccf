"""Weights that know what comes are pointed out; what honest people have is not."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.backtest.foresight import warn_of_foresight


def walk(rows, seed, assets=1):
    steps = 0.01 * np.random.default_rng(seed).standard_t(5, (rows, assets))
    index = pd.bdate_range("2015-01-01", periods=rows)
    return pd.DataFrame(100.0 * np.exp(np.cumsum(steps, axis=0)), index).add_prefix("A")


def warned(weights, prices):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        pf.backtest.run(weights.fillna(0.0), prices)
    return any("on the right side of" in str(one.message) for one in caught)


def earned(prices):
    """Return the move that a row of weights earns first."""
    return np.log(prices.shift(-2) / prices.shift(-1))


PEEKERS = {
    "the next move": (250, lambda p: np.sign(earned(p))),
    "large ones only": (260, lambda p: np.sign(earned(p).where(earned(p).abs() > 0.02, 0.0))),
    "two bars": (750, lambda p: np.sign(p.shift(-2) - p)),
    "three bars": (1500, lambda p: np.sign(p.shift(-3) - p)),
}


@pytest.mark.parametrize("name", PEEKERS)
def test_a_peeker_is_found(name):
    """In ten of ten, each of which is found in 99.9% of runs and more."""
    rows, rule = PEEKERS[name]
    assert all(warned(rule(walk(rows, seed)), walk(rows, seed)) for seed in range(10))


def test_the_best_of_several_assets_is_found():
    prices = walk(500, 1, assets=5)
    best = earned(prices).rank(axis=1).eq(5.0).astype(float)
    assert warned(best, prices)


HONEST = {
    "trend": lambda p: np.sign(p - p.rolling(20).mean()),
    "reversal": lambda p: -np.sign(p.diff()),
    "held": lambda p: p * 0.0 + 1.0,
    # A row too early, which costs nothing where weights are traded a bar later.
    "the move before the fill": lambda p: np.sign(p.shift(-1) - p),
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_strategy_is_left_alone(name):
    assert not any(warned(HONEST[name](walk(800, seed)), walk(800, seed)) for seed in range(10))


@pytest.mark.parametrize("name", ["interest", "smoothed", "sine"])
def test_prices_that_anybody_can_tell_are_left_alone(name):
    rows = np.arange(800)
    steps = np.random.default_rng(3).normal(size=800)
    logs = {
        "interest": np.cumsum(1e-4 + 2e-5 * steps),
        "smoothed": np.cumsum(0.01 * pd.Series(steps).ewm(alpha=0.1).mean().to_numpy()),
        "sine": 0.1 * np.sin(rows / 15.0),
    }[name]
    prices = pd.DataFrame({"A": np.exp(logs)}, pd.bdate_range("2015-01-01", periods=800))
    assert not warned(np.sign(prices.diff()), prices)


def test_shipped_strategies_on_shipped_prices():
    prices = pf.datasets.load_equities().loc["2005":"2014"].dropna(axis=1)
    for strategy in (pf.strategies.Momentum(), pf.strategies.CrossSectionalMomentum()):
        assert not warned(strategy.weights(prices), prices)


@pytest.mark.parametrize(("periods", "most_hits"), [(252.0, 0.6), (12.0, 0.8759), (1.0, 0.99997)])
def test_false_alarms_of_the_best_that_is_thought_possible(periods, most_hits):
    """One in 10,000 at most: 2,000 have 0.2, and 4 or more with a probability of 6e-5."""
    stream, alarms = np.random.default_rng(0), 0
    moves = 0.01 * stream.standard_normal(301)
    relatives = np.exp(moves - np.median(moves))[:, None]
    for _ in range(2_000):
        right = np.where(stream.random(301) < most_hits, 1.0, -1.0)
        held = (right * np.sign(np.log(relatives[:, 0])))[:, None]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn_of_foresight(relatives, held, periods, stacklevel=1)
        alarms += len(caught)
    assert alarms <= 3
