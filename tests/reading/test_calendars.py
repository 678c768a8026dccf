"""Seven days a week beside five."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import calendar_of, calendars_differ, on_one_calendar, on_shared_dates

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


def test_unknown_returns_make_unknown_rows(series):
    coin = series["coin"].copy()
    coin[DAYS[~WEEKEND][50]] = np.nan
    found = on_shared_dates({**series, "coin": coin})
    assert len(found.returns) == len(series["share"]) - 2


def test_one_calendar_is_that_of_who_rests(series):
    found = on_one_calendar(series)
    assert found.compounded == ("coin",)
    pd.testing.assert_series_equal(found.returns["share"], series["share"], check_freq=False)
    shared = on_shared_dates(series).returns["coin"]
    pd.testing.assert_series_equal(
        found.returns["coin"].iloc[1:], shared, check_names=False, check_freq=False
    )
    assert found.note == (
        "coin trades when share rests: its returns are compounded onto the dates that they share, "
        "and annualised by 252 periods a year."
    )


def test_holidays_gaps_and_short_lives_are_no_calendars(series):
    """Five weekdays beside them stay five: by chance a short one has no row on some weekday."""
    share = series["share"]
    random = np.random.default_rng(1)
    others = {
        "holidays": share.drop(share.index[::23]),
        "three days": share.iloc[-3:],
        "gaps": share[random.random(len(share)) < 0.3],
        "few": share.iloc[np.sort(random.choice(len(share), 12, replace=False))],
        "a month": share[share.groupby(share.index.to_period("M")).cumcount() == 0],
    }
    found = on_one_calendar({"share": share, **others})
    assert found.compounded == ()
    assert found.returns["share"] is share


def test_six_days_and_seven_go_onto_five(series):
    six = series["coin"][DAYS.day_of_week != 5]
    found = on_one_calendar({**series, "six": six})
    assert found.compounded == ("coin", "six")
    assert {one.index.day_of_week.max() for one in found.returns.values()} == {4}


def test_hours_that_never_rest_go_onto_sessions():
    hours = pd.date_range("2024-01-01", "2024-06-30", freq="h", tz="UTC")
    random = np.random.default_rng(2)
    session = (hours.hour >= 14) & (hours.hour < 21) & (hours.day_of_week < 5)
    coin = pd.Series(random.normal(0, 0.005, len(hours)), hours)
    share = pd.Series(random.normal(0, 0.003, session.sum()), hours[session])
    found = on_one_calendar({"coin": coin, "share": share})
    assert found.compounded == ("coin",)
    assert found.returns["coin"].index.equals(share.index)
    assert "1764 periods a year" in found.note


def test_calendar_of_a_column(series):
    share = series["share"].drop(series["share"].index[[100, 101]])
    calendar = calendar_of(share.index, DAYS)
    pd.testing.assert_index_equal(calendar, series["share"].index, exact="equiv")
    months = share[share.groupby(share.index.to_period("M")).cumcount() == 0].index
    assert calendar_of(months, DAYS) is months
    assert calendar_of(pd.Index([2, 5]), pd.Index(range(9))).tolist() == [2, 3, 4, 5]


def test_days_of_different_stamps_meet(series):
    share = series["share"]
    closing = share.set_axis((share.index + pd.Timedelta(hours=16)).tz_localize("America/New_York"))
    found = on_one_calendar({"plain": share.tz_localize("UTC"), "closing": closing})
    assert found.compounded == ()
    assert found.returns["plain"].index.equals(found.returns["closing"].index)
    both = {"a": share, "b": share.iloc[5:]}
    assert all(
        found.index is both[name].index for name, found in on_one_calendar(both).returns.items()
    )


def test_a_coin_beside_two_weeks_has_the_days_of_either(series):
    there = series["coin"][~DAYS.day_of_week.isin([4, 5])]
    found = on_one_calendar({**series, "there": there})
    assert found.compounded == ("coin",)
    assert sorted(set(found.returns["coin"].index.day_of_week)) == [0, 1, 2, 3, 4, 6]
    assert "annualised by 313." in found.note
