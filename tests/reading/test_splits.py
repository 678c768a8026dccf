"""Unadjusted splits: found where they are, and hardly where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

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
