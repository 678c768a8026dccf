"""Returns by month and by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.calendar_returns import calendar_returns


def test_months_and_years_compound():
    dates = pd.to_datetime(["2020-12-30", "2020-12-31", "2021-01-04", "2021-03-01"])
    found = calendar_returns(pd.Series([0.1, 0.1, -0.5, 0.2], dates), 252)
    assert found.months.to_numpy() == pytest.approx([0.21, -0.5, 0.2])
    assert found.years.to_numpy() == pytest.approx([0.21, -0.4])
    assert (found.month_to_date, found.year_to_date) == pytest.approx((0.2, -0.4))


def test_grid_has_the_last_year_on_top_and_gaps_where_nothing_is():
    dates = pd.to_datetime(["2020-12-30", "2021-01-04", "2021-03-01"])
    grid = calendar_returns(pd.Series([0.1, -0.5, 0.2], dates), 252).grid
    assert list(grid.index) == [2021, 2020]
    assert list(grid.columns) == list(range(1, 13))
    assert grid.loc[2021].notna().sum() == 2
    assert np.isnan(grid.loc[2021, 2])


def test_all_months_make_the_whole():
    random = np.random.default_rng(2)
    returns = pd.Series(random.normal(0, 0.01, 900), pd.bdate_range("2015-06-10", periods=900))
    found = calendar_returns(returns, 252)
    total = np.prod(1 + returns)
    assert np.prod(1 + found.months) == pytest.approx(total)
    assert np.prod(1 + found.years) == pytest.approx(total)


def test_days_are_those_of_their_own_time_zone():
    dates = pd.to_datetime(["2021-01-31 23:00", "2021-02-01 01:00"]).tz_localize("Asia/Tokyo")
    assert len(calendar_returns(pd.Series([0.1, 0.2], dates), 365).months) == 2


def test_none_without_dates_or_with_quarters():
    assert calendar_returns(pd.Series([0.1, 0.2]), 252) is None
    quarters = pd.Series([0.1, 0.2], pd.to_datetime(["2020-03-31", "2020-06-30"]))
    assert calendar_returns(quarters, 4) is None
