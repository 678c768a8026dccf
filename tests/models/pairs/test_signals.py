from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puffin.models.bayesian import BayesianPairsTrading
from puffin.models.pairs.signals import Thresholds, rolling_zscore, threshold_positions

ENTRY, EXIT, STOP = 2.0, 0.5, 3.5
# Values on the thresholds, and on both sides of each.
LEVELS = st.sampled_from([0.0, 0.4, 0.5, 0.6, 1.0, 1.9, 2.0, 2.1, 3.0, 3.5, 3.6, 9.0])
SCORES = st.lists(
    st.one_of(
        st.tuples(LEVELS, st.sampled_from([-1.0, 1.0])).map(np.prod),
        st.floats(-5, 5),
        st.just(np.nan),
    ),
    max_size=60,
).map(lambda values: np.array(values, dtype=float))
STOPS = st.sampled_from([None, STOP])
HOLDINGS = st.sampled_from([None, 1, 2, 5])


def plain_positions(z, entry, leave, stop=None, max_holding=None):
    """The rules one trade at a time: for each flat row look for an entry, then for its end."""
    z = list(z)
    positions = [0] * len(z)
    t, barred = 0, None
    while t < len(z):
        if barred is not None and not (barred * z[t] < -entry):
            barred = None
        side = None
        if z[t] > entry:
            side = -1
        elif z[t] < -entry:
            side = +1
        if side is None or side == barred or (stop is not None and abs(z[t]) > stop):
            t += 1
            continue
        first = t
        positions[t] = side
        t += 1
        while t < len(z):
            beyond = side * z[t] < -entry
            if np.isnan(z[t]) or abs(z[t]) < leave or side * z[t] > entry:
                barred = None
                break
            if beyond and stop is not None and abs(z[t]) > stop:
                barred = side
                break
            if max_holding is not None and t - first >= max_holding:
                barred = side if beyond else None
                break
            positions[t] = side
            t += 1
        # Row t is looked at again: it is flat, or turned round.
        if t < len(z) and not (side * z[t] > entry):
            t += 1
    return np.array(positions, dtype=int)


@given(SCORES, STOPS, HOLDINGS)
@settings(max_examples=600)
def test_it_is_the_plain_one(z, stop, max_holding):
    found = threshold_positions(z, Thresholds(ENTRY, EXIT, stop, max_holding))
    np.testing.assert_array_equal(found, plain_positions(z, ENTRY, EXIT, stop, max_holding))


@given(SCORES, STOPS, HOLDINGS)
@settings(max_examples=400)
def test_properties(z, stop, max_holding):
    thresholds = Thresholds(ENTRY, EXIT, stop, max_holding)
    positions = threshold_positions(z, thresholds)
    assert set(positions) <= {-1, 0, 1}
    assert not positions[np.isnan(z)].any()
    assert not positions[np.abs(z) < EXIT].any()
    before = np.concatenate([[0], positions[:-1]])
    opened = (positions != before) & (positions != 0)
    assert (np.abs(z[opened]) > ENTRY).all()
    np.testing.assert_array_equal(positions[opened], -np.sign(z[opened]))
    # No position is beyond the opposite entry, or its own stop.
    assert not (positions * z > ENTRY).any()
    if stop is not None:
        assert not (positions * z < -stop).any()
    # One that ended had a reason to.
    held = 0
    for t in range(len(z)):
        held = 1 if opened[t] else held + 1
        if before[t] != 0 and positions[t] == 0:
            assert (
                np.isnan(z[t])
                or abs(z[t]) < EXIT
                or before[t] * z[t] > ENTRY
                or (stop is not None and before[t] * z[t] < -stop)
                or (max_holding is not None and held > max_holding)
            )
        if positions[t] != 0 and max_holding is not None:
            assert held <= max_holding
    np.testing.assert_array_equal(threshold_positions(-z, thresholds), -positions)
    for cut in (0, len(z) // 2, max(len(z) - 1, 0)):
        np.testing.assert_array_equal(threshold_positions(z[:cut], thresholds), positions[:cut])


@pytest.mark.parametrize(
    ("z", "expected", "options"),
    [
        # Enter, hold between the thresholds, leave inside the exit.
        ([0, 2.1, 1.9, 0.6, 0.4, 1.9], [0, -1, -1, -1, 0, 0], {}),
        ([-2.1, -1.0, 0.0], [1, 1, 0], {}),
        # On a threshold is not beyond it.
        ([2.0, 2.1, 0.5, 0.49], [0, -1, -1, 0], {}),
        # The opposite entry turns it round at once.
        ([2.5, -2.5, -0.1], [-1, 1, 0], {}),
        # A jump over the exit to less than the opposite entry is held.
        ([2.5, -1.5, -0.1], [-1, -1, 0], {}),
        # Undefined is flat, and forgets.
        ([2.5, np.nan, 1.0, 2.5], [-1, 0, 0, -1], {}),
        # Stopped: nothing on that side until z has been back.
        ([2.5, 4.0, 3.0, 1.9, 2.5], [-1, 0, 0, 0, -1], {"stop": STOP}),
        ([4.0, 3.0], [0, -1], {"stop": STOP}),
        # Beyond the stop of the other side: what was held is closed, nothing is opened.
        ([-2.5, 4.0, 3.0], [1, 0, -1], {"stop": STOP}),
        # The bar on one side is over once z is on the other.
        ([-2.5, -4.0, 2.5, -2.5], [1, 0, -1, 1], {"stop": STOP}),
        # Held for two rows at most, and then as after a stop.
        ([2.5, 2.5, 2.5, 2.5, 1.0, 2.5], [-1, -1, 0, 0, 0, -1], {"max_holding": 2}),
        ([2.5, 1.0, 1.0, 2.5], [-1, -1, 0, -1], {"max_holding": 2}),
        ([2.5, 1.0, -2.5], [-1, -1, 1], {"max_holding": 2}),
    ],
)
def test_by_hand(z, expected, options):
    found = threshold_positions(np.array(z, dtype=float), Thresholds(ENTRY, EXIT, **options))
    assert found.tolist() == expected


def test_zscore_by_hand():
    """Of 1, 2, 6: mean 3, sd with ddof 1 sqrt((4 + 1 + 9) / 2) = 2.6458; its own row included."""
    z = rolling_zscore(np.array([1.0, 2.0, 6.0, 2.0]), 3)
    assert np.isnan(z[:2]).all()
    assert z[2] == pytest.approx(3 / np.sqrt(7))
    assert z[3] == pytest.approx((2 - 10 / 3) / np.std([2, 6, 2], ddof=1))


def test_zscore_leaves_out_what_is_missing():
    spread = np.random.default_rng(1).normal(size=60)
    gaps = np.insert(spread, [5, 5, 30], np.nan)
    z = rolling_zscore(gaps, 10)
    assert np.isnan(z[np.isnan(gaps)]).all()
    np.testing.assert_array_equal(z[~np.isnan(gaps)], rolling_zscore(spread, 10))
    rolling = pd.Series(spread).rolling(10)
    expected = (spread - rolling.mean()) / rolling.std()
    np.testing.assert_allclose(rolling_zscore(spread, 10), expected, rtol=1e-9)


def test_a_spread_that_stands_still_has_no_zscore():
    spread = np.r_[np.full(10, 1e8 / 3), 1.0, np.full(10, 2.0)]
    z = rolling_zscore(spread, 5)
    assert np.isnan(z[:10]).all()
    assert np.isfinite(z[10:15]).all()
    assert np.isnan(z[15:]).all()
    signals = BayesianPairsTrading().generate_signals(spread, 1.5, zscore_window=5)
    # z is -4 / sqrt(5) = -1.79 at row 10, then -1.10, -0.73 and, inside the exit, -1 / sqrt(5).
    assert signals.tolist() == [0] * 10 + [1, 1, 1] + [0] * 8


@given(st.integers(0, 80), st.integers(2, 20))
@settings(max_examples=40)
def test_zscores_and_signals_do_not_know_the_future(cut, window):
    spread = np.cumsum(np.random.default_rng(2).normal(size=80))
    spread[[3, 40]] = np.nan
    z = rolling_zscore(spread, window)
    np.testing.assert_array_equal(rolling_zscore(spread[:cut], window), z[:cut])
    signals = BayesianPairsTrading().generate_signals(spread, 1.0, 0.2, zscore_window=window)
    part = BayesianPairsTrading().generate_signals(spread[:cut], 1.0, 0.2, zscore_window=window)
    np.testing.assert_array_equal(part, signals[:cut])


def test_a_spread_of_the_user_s():
    dates = pd.bdate_range("2020-01-01", periods=50, tz="America/New_York", name="date")
    spread = pd.Series(np.random.default_rng(1).normal(size=50), dates, name="mine")
    spread.iloc[:5] = np.nan
    signals = BayesianPairsTrading().generate_signals(spread, 1.0, 0.2, zscore_window=10)
    assert signals.index.equals(dates)
    assert signals.name == "signal"
    assert signals.dtype == np.int64
    assert not signals.iloc[:14].any()
    assert set(signals) == {-1, 0, 1}
    polars = pytest.importorskip("polars")
    same = BayesianPairsTrading().generate_signals(
        polars.Series(spread.to_numpy()), 1.0, 0.2, zscore_window=10
    )
    np.testing.assert_array_equal(same, signals)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"entry_threshold": 0.5}, ValueError, "exit_threshold must be at least 0 and below entry"),
        ({"entry_threshold": 0.4}, ValueError, r"entry_threshold, which is 0\.4; found 0\.5"),
        ({"exit_threshold": -0.1}, ValueError, "exit_threshold must be at least 0"),
        ({"entry_threshold": np.nan}, ValueError, "entry_threshold must be finite"),
        ({"entry_threshold": "2"}, TypeError, "entry_threshold must be a number; found '2'"),
        ({"stop_threshold": 2.0}, ValueError, "stop_threshold must be above entry_threshold"),
        ({"max_holding": 0}, ValueError, "max_holding must be a whole number of at least 1"),
        ({"max_holding": 1.5}, TypeError, "max_holding must be a whole number"),
        ({"zscore_window": 1}, ValueError, "zscore_window must be a whole number of at least 2"),
        ({"zscore": "other"}, ValueError, "zscore must be one of 'rolling', 'forecast'"),
        ({"zscore": "forecast"}, ValueError, "leave spread out"),
        ({"spread": np.ones((3, 2))}, ValueError, r"spread must be one series; found shape \(3, 2"),
        ({"spread": [0.0, np.inf, 1.0]}, ValueError, "spread has 1 infinite value, first at row 1"),
        ({"spread": ["a"]}, TypeError, "spread must hold numbers"),
    ],
)
def test_errors_say_what_is_wrong(options, error, message):
    with pytest.raises(error, match=message):
        BayesianPairsTrading().generate_signals(**{"spread": np.arange(30.0), **options})
