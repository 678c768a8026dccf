"""Forecast and what came."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from puffin.findings.cone import cones
from puffin.findings.progress import Silence
from tests.findings.examples import DATES, SETTINGS

RETURNS = pd.Series(np.random.default_rng(5).normal(0.0005, 0.01, 250), DATES)
YEARLY = dataclasses.replace(SETTINGS, periods_per_year=252)


def cone_of(returns):
    found, failed = cones({"a": returns}, YEARLY, Silence())
    assert not failed
    return found["a"]


@pytest.fixture(scope="module")
def cone():
    return cone_of(RETURNS)


def test_the_last_third_of_a_short_series_is_what_is_forecast(cone):
    assert cone.split == DATES[166]
    assert cone.actual.index.equals(DATES[167:])
    assert cone.actual.iloc[-1] == pytest.approx(float(np.prod(1 + RETURNS.iloc[167:])))


def test_knows_nothing_of_what_came(cone):
    changed = RETURNS.copy()
    changed.iloc[167:] = np.random.default_rng(8).normal(0.1, 0.2, 83)
    other = cone_of(changed)
    pd.testing.assert_frame_equal(other.expected, cone.expected)
    assert other.rank > 0.99


def test_widens_with_time_and_is_in_order(cone):
    values = cone.expected.to_numpy()
    assert (np.diff(values, axis=1) > 0).all()
    width = values[:, -1] - values[:, 0]
    assert width[0] < width[20] < width[-1]


def test_is_as_wide_as_returns_and_what_is_not_known_of_their_mean(cone):
    """Log growth over h periods from n returns has variance sd^2 (h + h^2 / n)."""
    sd, h, n = RETURNS.iloc[:167].std(), 83, 167
    expected = 2 * 1.88 * sd * np.sqrt(h + h**2 / n)
    found = np.log(cone.expected.iloc[-1, -1] / cone.expected.iloc[-1, 0])
    assert found == pytest.approx(expected, rel=0.2)


def test_of_a_year_where_there_are_more():
    long = pd.Series(np.random.default_rng(6).normal(0, 0.01, 1200))
    assert len(cone_of(long).actual) == 252


def test_too_short():
    found, failed = cones({"a": RETURNS.iloc[:80]}, YEARLY, Silence())
    assert found == {}
    assert "too few to forecast" in failed["a"]


@pytest.mark.parametrize("split", ["2019-07-01", pd.Timestamp("2019-07-01", tz="UTC")])
def test_from_a_date(split):
    settings = dataclasses.replace(YEARLY, split=split)
    found, _ = cones({"a": RETURNS}, settings, Silence())
    assert found["a"].split == pd.Timestamp("2019-06-28")
    assert found["a"].actual.index[0] == pd.Timestamp("2019-07-01")


def test_from_a_date_that_leaves_too_few():
    settings = dataclasses.replace(YEARLY, split="2019-01-20")
    found, failed = cones({"a": RETURNS}, settings, Silence())
    assert found == {}
    assert "14 returns and 236 after them are too few" in failed["a"]


def test_a_split_without_dates_is_said_not_ignored():
    settings = dataclasses.replace(YEARLY, split="2019-10-01")
    found, failed = cones({"a": RETURNS.reset_index(drop=True)}, settings, Silence())
    assert not found
    assert "a split needs dates" in failed["a"]
