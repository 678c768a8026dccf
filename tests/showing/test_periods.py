"""What periods are called."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.showing.periods import period_label, period_noun, periods_a_year, periods_name


@pytest.mark.parametrize(
    ("label", "said"),
    [
        (pd.Timestamp("2024-01-31"), "2024-01-31"),
        (pd.Timestamp("2024-01-31 09:30"), "2024-01-31 09:30"),
        (pd.Timestamp("2024-01-31", tz="Europe/Berlin"), "2024-01-31"),
        (np.int64(0), "row 1"),
        (41, "row 42"),
    ],
)
def test_label(label, said):
    assert period_label(label) == said


@pytest.mark.parametrize(
    ("periods", "name", "noun"),
    [
        (252.0, "daily", "day"),
        (365.0, "daily", "day"),
        (12.0, "monthly", "month"),
        (7.0, "", "period"),
    ],
)
def test_names(periods, name, noun):
    assert (periods_name(periods), period_noun(periods)) == (name, noun)


def test_periods_of_several_calendars():
    assert periods_a_year([252.0, 252.0]) == "252 periods a year"
    assert periods_a_year([365.0, 252.0, 365.0]) == "252 or 365 periods a year"
