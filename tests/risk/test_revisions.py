"""What has changed in the past: named where it is little, another series where it is most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.risk.revisions import Overlap
from puffin.validation import ReturnSeries

DATES = pd.bdate_range("2023-01-02", periods=200)
VALUES = np.random.default_rng(1).standard_t(4.0, 200) * 0.01
KNOWN = pd.Series(VALUES[:180], DATES[:180])


def overlap(values, index=DATES, known=KNOWN):
    return Overlap(known, ReturnSeries(np.asarray(values), index, "a"))


def test_nothing_has_changed():
    found = overlap(VALUES)
    assert found.revisions() == ()
    assert not found.is_another_series()
    assert list(found.later) == list(range(180, 200))


@pytest.mark.parametrize(("price", "said"), [(1000.0, 0), (10.0, 1), (5.0, 1)])
def test_a_dividend_rescales_prices(price, said):
    """Adjusted prices of two decimals, scaled by a dividend since: all returns move a little."""
    prices = (price * np.exp(np.cumsum(VALUES))).round(2)
    adjusted = (prices * 0.987).round(2)
    known = pd.Series(np.diff(np.log(prices))[:180], DATES[1:181])
    found = overlap(np.diff(np.log(adjusted)), DATES[1:], known)
    assert not found.is_another_series()
    assert len(found.revisions()) == said


@pytest.mark.parametrize("length", [1, 2, 50])
def test_the_last_bar_is_revised(length):
    """Even where the file has little of the past."""
    now = np.array(VALUES)
    now[179] += 0.02
    found = overlap(now[180 - length :], DATES[180 - length :])
    assert not found.is_another_series()
    assert found.revisions()[0].startswith("1 return has changed since they were fitted, first ")


def test_another_asset():
    other = np.random.default_rng(2).standard_t(4.0, 200) * 0.01
    for part in (slice(0, 200), slice(100, 200), slice(177, 200)):
        assert overlap(other[part], DATES[part]).is_another_series()
    assert overlap(0.95 * VALUES + 0.3 * other).is_another_series()
    assert overlap(100.0 * VALUES).is_another_series()
    assert overlap(np.roll(VALUES, 1)).is_another_series()


def test_half_of_the_past_is_not_most():
    half = np.where(np.arange(200) % 2, VALUES + 0.01, VALUES)
    assert not overlap(half[:181], DATES[:181]).is_another_series()


def test_flat_days_say_nothing():
    flat = np.random.default_rng(3).uniform(size=200) < 0.7
    one, other = np.where(flat, 0.0, VALUES), np.where(flat, 0.0, VALUES[::-1])
    assert overlap(other, known=pd.Series(one[:180], DATES[:180])).is_another_series()


def test_nothing_overlaps():
    found = overlap(VALUES, DATES + pd.Timedelta(days=3000))
    assert not len(found.labels)
    assert not found.is_another_series()


def test_another_offset_is_the_same_row():
    hours = pd.date_range("2024-03-09", periods=60, freq="h", tz="-05:00")
    known = pd.Series(VALUES[:50], hours[:50])
    found = overlap(VALUES[:60], hours.tz_convert("America/New_York"), known)
    assert found.revisions() == ()
    assert list(found.later) == list(range(50, 60))


def test_rows_without_dates():
    found = overlap(VALUES, None, pd.Series(VALUES[:180]))
    assert found.revisions() == ()
    assert list(found.later) == list(range(180, 200))
    assert overlap(VALUES[20:], None, pd.Series(VALUES[:180])).is_another_series()
