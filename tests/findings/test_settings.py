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
