"""Seven days a week beside five."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import calendars_differ, on_shared_dates

DAYS = pd.date_range("2020-01-01", "2023-12-31")
WEEKEND = DAYS.day_of_week >= 5


@pytest.fixture
def series():
    random = np.random.default_rng(3)
    coin = random.normal(0, 0.02, len(DAYS)) + np.where(WEEKEND, 0.006, -0.0005)
    share = random.normal(0.0004, 0.01, (~WEEKEND).sum())
    return {"coin": pd.Series(coin, DAYS), "share": pd.Series(share, DAYS[~WEEKEND])}


def test_weekends_are_compounded_into_mondays(series):
    found = on_shared_dates(series)
    expected = (1 + series["coin"]).cumprod()[~WEEKEND].pct_change().dropna()
    pd.testing.assert_series_equal(
        found.returns["coin"], expected, check_names=False, check_freq=False
    )
    pd.testing.assert_series_equal(
        found.returns["share"], series["share"].iloc[1:], check_names=False, check_freq=False
    )
    assert found.frequency.periods_per_year == 252
    assert found.compounded == ("coin",)
    assert found.note.startswith("coin trades on dates that others have not")
    assert "252 periods a year" in found.note
    sharpe = np.sqrt(252) * found.returns["coin"].mean() / found.returns["coin"].std()
    assert sharpe == pytest.approx(1.9, abs=0.1)


def test_no_wealth_is_lost(series):
    found = on_shared_dates(series)
    inside = (DAYS[~WEEKEND][0] < DAYS) & (DAYS[~WEEKEND][-1] >= DAYS)
    assert (1 + found.returns["coin"]).prod() == pytest.approx((1 + series["coin"][inside]).prod())


def test_when_calendars_differ(series):
    assert calendars_differ(series)
    assert not calendars_differ({"a": series["share"], "b": series["share"].iloc[30:]})
    assert not calendars_differ({"a": series["coin"], "b": pd.Series([0.1, 0.2])})


def test_the_same_calendar_is_left_as_it_is(series):
    both = {"a": series["share"], "b": series["share"].iloc[30:]}
    found = on_shared_dates(both)
    assert found.note == ""
    assert len(found.returns) == len(series["share"]) - 30
    np.testing.assert_allclose(found.returns["a"], both["b"], atol=1e-15)


def test_holidays_of_one_are_compounded_too(series):
    holidays = series["share"].drop(series["share"].index[[100, 200, 201]])
    found = on_shared_dates({"a": series["share"], "b": holidays})
    a = series["share"]
    assert found.returns["a"].loc[a.index[202]] == pytest.approx(
        (1 + a.iloc[200]) * (1 + a.iloc[201]) * (1 + a.iloc[202]) - 1
    )


def test_days_are_days_whatever_their_stamp(series):
    moved = series["share"].copy()
    moved.index = (moved.index + pd.Timedelta(hours=16)).tz_localize("America/New_York")
    found = on_shared_dates({"coin": series["coin"].tz_localize("UTC"), "share": moved})
    expected = on_shared_dates(series).returns
    pd.testing.assert_frame_equal(found.returns, expected, check_freq=False)


def test_nothing_shared(series):
    with pytest.raises(ValueError, match="share 0 dates"):
        on_shared_dates({"a": series["share"].iloc[:10], "b": series["share"].iloc[10:]})
