"""The arguments of the models."""

from __future__ import annotations

import pandas as pd
import pytest

from puffin.findings.settings import AnalysisSettings, with_periods


def months(start, count):
    return pd.Series(0.01, pd.date_range(start, periods=count, freq="MS"))


def test_periods_are_read_off_all_dates_together():
    settings = AnalysisSettings()
    with pytest.raises(ValueError, match="not known yet"):
        settings.periods  # noqa: B018
    returns = {"a": months("2000-01", 60), "b": months("2010-01", 60)}
    assert with_periods(settings, returns).periods == 12.0


def test_periods_as_given_are_kept():
    settings = AnalysisSettings(periods_per_year=52.0)
    assert with_periods(settings, {"a": months("2000-01", 60)}) is settings


def test_rows_without_dates_are_days():
    undated = months("2000-01", 60).reset_index(drop=True)
    returns = {"a": months("2000-01", 60), "b": undated}
    assert with_periods(AnalysisSettings(), returns).periods == 252.0


def test_each_calendar_has_its_own_periods():
    days = pd.date_range("2020-01-01", "2021-12-31")
    weekdays = days[days.day_of_week < 5]
    month_ends = pd.date_range("2020-01-31", "2021-12-31", freq="ME")
    returns = {
        "coin": pd.Series(0.01, days),
        "share": pd.Series(0.01, weekdays),
        "with gaps": pd.Series(0.01, weekdays[::3]),
        "young": pd.Series(0.01, weekdays[-4:]),
        "fund": pd.Series(0.01, month_ends),
    }
    settings = with_periods(AnalysisSettings(), returns)
    found = {name: settings.periods_of(name) for name in returns}
    assert found == {"coin": 365, "share": 252, "with gaps": 252, "young": 365, "fund": 12}
