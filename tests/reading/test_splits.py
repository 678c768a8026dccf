"""Unadjusted splits: found where they are, and hardly where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.reading import unadjusted_split

DATES = pd.bdate_range("2018-01-01", periods=1000, name="date")


def returns(seed=1, volatility=0.02):
    return pd.Series(volatility * np.random.default_rng(seed).standard_t(4, 1000), DATES, name="A")


@pytest.mark.parametrize(
    ("before", "after", "said"), [(4, 1, "4 for 1"), (2, 1, "2 for 1"), (1, 10, "1 for 10")]
)
def test_found(before, after, said):
    r = returns()
    r.iloc[600] = (1 + r.iloc[600]) * after / before - 1
    sentence = unadjusted_split(r)
    assert said in sentence
    assert f"{DATES[600]:%Y-%m-%d}" in sentence
    assert sentence.startswith("moves by")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (3, 2, "-33% on 2020-04-20, as in a split of 3 for 2 that"),
        (4, 3, "-25% on 2020-04-20, as in a split of 4 for 3 that"),
        (5, 4, "-20% on 2020-04-20, as in a split of 5 for 4 that"),
        (2, 3, "50% on 2020-04-20, as in a split of 2 for 3 (reverse) that"),
    ],
)
def test_small_ratios_are_found_beside_small_returns(before, after, said):
    r = returns(volatility=0.006)
    r.iloc[600] = (1 + 0.1 * r.iloc[600]) * before**-1 * after - 1
    assert said in unadjusted_split(r)


@pytest.mark.parametrize("ratio", [3 / 2, 4 / 3, 5 / 4])
def test_crashes_of_the_size_are_none(ratio):
    """What falls by a third, and then moves as much as after a crash, has another like it, or is
    as volatile as that, has not been split.
    """
    fall = 1 / ratio - 1
    wilder = returns(volatility=0.006)
    wilder.iloc[601:] *= 3.0
    twice = returns(volatility=0.006)
    twice.iloc[650] = 0.6 * fall
    for r in (wilder, twice, returns(volatility=0.022)):
        r.iloc[600] = fall
        assert unadjusted_split(r) is None


def shipped():
    equities = pf.datasets.load_equities().pct_change()
    return {name: equities[name].dropna() for name in equities}


def test_shipped_shares_have_the_two_days_of_a_fall_to_a_half_and_a_third():
    said = {name: unadjusted_split(r) for name, r in shipped().items()}
    assert {name for name, one in said.items() if one is not None} == {"AAPL", "RRC"}


@pytest.mark.slow
def test_splits_put_into_shipped_shares_are_found_as_often_as_said():
    """0.6, 0.4 and 0.25 of splits of 3 for 2, 4 for 3 and 5 for 4, of 300 each; sd 0.03."""
    stream = np.random.default_rng(0)
    shares = list(shipped().values())
    for ratio, share in ((3 / 2, 0.6), (4 / 3, 0.4), (5 / 4, 0.25)):
        found = 0
        for number in range(300):
            whole = shares[number % 20]
            start = stream.integers(200, len(whole) - 200)
            r = whole.iloc[start - 150 : start + 150].copy()
            r.iloc[150] = (1 + r.iloc[150]) / ratio - 1
            found += f"{r.index[150]:%Y-%m-%d}" in str(unadjusted_split(r))
        assert abs(found / 300 - share) < 4.5 * 0.03


def test_errors_in_the_data_are_none():
    r = returns()
    r.iloc[600], r.iloc[601] = -0.5, 1.0
    assert unadjusted_split(r) is None


def test_rare_where_there_is_none():
    # Of 400 histories of four years with t(4) errors, few have a day that only a split explains.
    assert sum(unadjusted_split(returns(seed)) is not None for seed in range(400)) <= 4


def test_real_crashes_are_none(sp500_returns):
    assert unadjusted_split(sp500_returns) is None


def test_short_or_flat():
    assert unadjusted_split(returns().iloc[:10]) is None
    assert unadjusted_split(0.0 * returns()) is None
