"""Who peeks is found, whenever and however far; who does not is left alone."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.backtest import LookAheadError, walk_forward
from puffin.backtest.look_ahead import telling_rows
from puffin.validation import as_prices
from tests.slowly import slowly

ROWS = 900
RUNS, FOUND = 100, 99


def walks(seed, assets=1, rows=ROWS):
    """Prices with fat tails whose volatility wanders, as it does."""
    stream = np.random.default_rng(seed)
    volatility = 0.01 * np.exp(np.cumsum(0.05 * stream.standard_normal((rows, assets)), axis=0))
    volatility = np.clip(volatility, 0.003, 0.04)
    steps = volatility * stream.standard_t(5, (rows, assets))
    names = [f"asset {i}" for i in range(assets)]
    index = pd.bdate_range("2018-01-01", periods=rows)
    return pd.DataFrame(100.0 * np.exp(np.cumsum(steps, axis=0)), index, names)


class Rule:
    """A strategy of one function."""

    def __init__(self, rule):
        self.rule = rule

    def weights(self, prices):
        return self.rule(prices)


def always(bars):
    return lambda p: np.sign(p.shift(-bars) / p - 1.0).fillna(0.0)


def one_move(bars):
    return lambda p: np.sign(p.pct_change().shift(-bars)).fillna(0.0)


def before_large_moves(bars, sizes, whole=False):
    """Decide only before a move beyond so many standard deviations; hold nothing at first."""

    def rule(p):
        move = p.pct_change(bars if whole else 1).shift(-bars)
        found = np.sign(move).where(move.abs() > sizes * move.std())
        found.iloc[0] = 0.0
        return found

    return rule


def before_unusual_moves(p):
    move = p.pct_change()
    unusual = move.shift(-1).abs() > 2.5 * move.rolling(20).std()
    return np.sign(move.shift(-1)).where(unusual, 0.0)


def calm_only(p):
    """Out of the market before large moves, whichever way they go."""
    move = p.pct_change().shift(-1)
    return (move.abs() < 2.0 * move.std()).astype(float)


PEEKERS = {
    **{f"always {k}": always(k) for k in (1, 2, 3, 4, 5)},
    "the fifth move": one_move(5),
    **{f"2 sd, {k} ahead": before_large_moves(k, 2.0) for k in (1, 2, 5)},
    **{f"3 sd, {k} ahead": before_large_moves(k, 3.0) for k in (1, 3, 5)},
    "3 sd over 3 bars": before_large_moves(3, 3.0, whole=True),
    "2.5 sd over 5 bars": before_large_moves(5, 2.5, whole=True),
    "unusual moves": before_unusual_moves,
    "out before large moves": calm_only,
    "centred average of 3": lambda p: np.sign(p.rolling(3, center=True).mean().ffill().bfill() - p),
    "centred average of 11": lambda p: np.sign(p.rolling(11, center=True).mean().ffill() - p),
    "mean of all": lambda p: -np.sign(p - p.mean()),
    "z-score of all": lambda p: (-(p - p.mean()) / p.std()).clip(-1.0, 1.0),
    "rank among all": lambda p: 0.5 - p.rank(pct=True),
    "quantile of all": lambda p: (p < p.quantile(0.2)).astype(float),
    "full-sample volatility": lambda p: 0.0 * p + 0.01 / p.pct_change().std(),
    "the last price": lambda p: np.sign(p.iloc[-1] - p),
}
QUICK_PEEKERS = ["always 1", "2 sd, 1 ahead", "the last price"]


@pytest.mark.parametrize(
    "name", [*QUICK_PEEKERS, *slowly(*(name for name in PEEKERS if name not in QUICK_PEEKERS))]
)
def test_a_peeker_is_found(name):
    found = 0
    for seed in range(RUNS):
        try:
            walk_forward(Rule(PEEKERS[name]), walks(seed), train=250, test=63)
        except LookAheadError:
            found += 1
    assert found >= FOUND


@pytest.mark.parametrize("name", slowly("2 sd, 1 ahead", "3 sd, 3 ahead", "centred average of 3"))
def test_a_peeker_that_is_fitted_is_found(name):
    class Fitted(Rule):
        def fit(self, prices):
            return self

    found = 0
    for seed in range(RUNS):
        try:
            walk_forward(Fitted(PEEKERS[name]), walks(seed), train=250, test=63)
        except LookAheadError:
            found += 1
    assert found >= FOUND


def test_peeking_at_one_of_twenty_assets_is_found():
    def rule(p):
        weights = 0.0 * p
        weights["asset 13"] = before_large_moves(2, 3.0)(p[["asset 13"]]).fillna(0.0)
        return weights

    for seed in range(10):
        with pytest.raises(LookAheadError, match=r"when the prices after .* are other ones"):
            walk_forward(Rule(rule), walks(seed, assets=20), train=250, test=63)


def test_knowing_who_survives_is_found():
    prices = walks(1, assets=3)
    prices.iloc[700:, 1] = np.nan

    def survivors(p):
        alive = p.dropna(axis=1)
        return alive * 0.0 + 1.0 / alive.shape[1]

    with pytest.raises(LookAheadError):
        walk_forward(Rule(survivors), prices, train=250, test=63)


@pytest.mark.parametrize("gap", [slice(500, 503), slice(0, 400)])
def test_filling_backwards_is_found(gap):
    prices = walks(2, assets=2)
    prices.iloc[gap, 1] = np.nan

    def filled(p):
        return pd.DataFrame({"asset 0": 10.0 / p["asset 1"].bfill()})

    with pytest.raises(LookAheadError):
        walk_forward(Rule(filled), prices, train=250, test=63)


class Seeded:
    """Decides at random, by a generator of its own that goes on from call to call."""

    def __init__(self):
        self.stream = np.random.default_rng(3)

    def weights(self, prices):
        draws = self.stream.permuted(self.stream.uniform(-1.0, 1.0, prices.shape), axis=0)
        return pd.DataFrame(draws, prices.index, prices.columns)


class GloballySeeded:
    def weights(self, prices):
        draws = np.random.uniform(size=prices.shape)  # noqa: NPY002
        return pd.DataFrame(draws, prices.index, prices.columns)


class Remembers:
    """Begins where its last call ended."""

    def __init__(self):
        self.level = 0.1

    def weights(self, prices):
        weights = self.level + 0.0 * prices
        self.level += 0.1
        return weights


class RowByRow:
    """A position that is opened, held and closed by the row's own price."""

    def weights(self, prices):
        values = prices.to_numpy()
        held = np.zeros_like(values)
        for row in range(20, len(values)):
            mean = values[row - 20 : row + 1].mean(axis=0)
            held[row] = np.where(values[row] > 1.03 * mean, -1.0, held[row - 1])
            held[row] = np.where(values[row] < mean, 0.0, held[row])
        return pd.DataFrame(held, prices.index, prices.columns)


class Trained:
    def fit(self, prices):
        self.level = prices.mean()
        return self

    def weights(self, prices):
        return np.sign(self.level - prices) / prices.shape[1]


def month_ends(p):
    """Decide on the last day of each month of the calendar, nothing on other days."""
    last = p.index.to_series().groupby(p.index.to_period("M")).transform("max")
    weights = np.sign(p - p.shift(21)).fillna(0.0) / 2.0
    weights.loc[p.index != last] = np.nan
    return weights


def closed_at_the_end(p):
    weights = 0.0 * p + 0.5
    weights.iloc[-1] = 0.0
    return weights


HONEST = {
    "momentum": lambda: pf.strategies.Momentum(lookback=60, skip=5, every=5),
    "cross-section": lambda: pf.strategies.CrossSectionalMomentum(60, 5, 5),
    "averages": lambda: pf.strategies.MovingAverageCross(10, 40),
    "buy and hold": pf.strategies.BuyAndHold,
    "volatility target": lambda: pf.strategies.VolatilityTarget(
        pf.strategies.MovingAverageCross(10, 40)
    ),
    "pair": lambda: pf.strategies.PairsStrategy("asset 0", "asset 1", log_prices=True),
    "pair by state space": lambda: pf.strategies.PairsStrategy(
        "asset 0", "asset 1", method="state-space"
    ),
    "seeded": Seeded,
    "globally seeded": GloballySeeded,
    "remembers": Remembers,
    "row by row": RowByRow,
    "trained": Trained,
    "month ends": lambda: Rule(month_ends),
    "closed at the end": lambda: Rule(closed_at_the_end),
    "own price": lambda: Rule(lambda p: 1.0 / p),
    "today's move": lambda: Rule(lambda p: -np.sign(p.pct_change()).fillna(0.0)),
    "expanding": lambda: Rule(lambda p: np.sign(p.expanding().mean() - p)),
    "exponential": lambda: Rule(lambda p: np.sign(p - p.ewm(halflife=10).mean())),
    "volatility": lambda: Rule(lambda p: 0.001 / p.pct_change().rolling(20).std()),
    "skewness": lambda: Rule(lambda p: np.sign(p.pct_change().rolling(20).skew())),
    "fourier": lambda: Rule(_by_fourier_transform),
}


def _by_fourier_transform(p):
    """A causal average of ten rows by a transform, which leaves rounding noise everywhere."""
    from scipy.signal import fftconvolve

    averages = fftconvolve(p.to_numpy(), np.full((10, 1), 0.1), axes=0)[: len(p)]
    return pd.DataFrame(np.sign(averages - p.to_numpy()), p.index, p.columns)


QUICK_HONEST = [
    "momentum",
    "pair",
    "seeded",
    "remembers",
    "trained",
    "closed at the end",
    "fourier",
]


@pytest.mark.parametrize(
    "name", [*QUICK_HONEST, *slowly(*(name for name in HONEST if name not in QUICK_HONEST))]
)
def test_an_honest_strategy_is_not_accused(name):
    for seed in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            walk_forward(HONEST[name](), walks(100 + seed, assets=2), train=250, test=63)


def test_random_without_a_seed_is_said():
    class Random:
        def weights(self, prices):
            draws = np.random.default_rng().uniform(size=prices.shape)
            return pd.DataFrame(draws, prices.index, prices.columns)

    with pytest.warns(RuntimeWarning, match="asked twice about the same prices. Give its random"):
        walk_forward(Random(), walks(1), train=250, test=63)


def test_failing_on_another_future_is_said():
    known = walks(1)

    def rule(p):
        if not p.equals(known):
            raise ArithmeticError("no solution")
        return 0.0 * p

    with pytest.warns(RuntimeWarning, match=r"another future \(ArithmeticError: no solution\)"):
        walk_forward(Rule(rule), known, train=250, test=63)


def test_the_check_leaves_the_global_stream_as_the_strategy_left_it():
    np.random.seed(5)  # noqa: NPY002
    walk_forward(GloballySeeded(), walks(3), train=250, test=63)
    after = np.random.uniform()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    GloballySeeded().weights(walks(3))
    assert after == np.random.uniform()  # noqa: NPY002


def test_a_slow_strategy_is_checked_in_a_bounded_time():
    calls = []

    class Slow:
        def weights(self, prices):
            calls.append(time.perf_counter())
            time.sleep(0.7)
            return 0.0 * prices + 1.0

    walk_forward(Slow(), walks(4), train=250, test=63)
    assert len(calls) == 1 + 4  # its own, and the fewest rows


def test_rows_have_a_future_and_are_not_asked_twice():
    for rows in (252, 253, 260, 900):
        asked = telling_rows(as_prices(walks(5, rows=rows)), 250)
        assert len(set(asked)) == len(asked)
        assert min(asked) >= 250
        assert max(asked) <= rows - 2
