"""Years beside the benchmark's, and how months are spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.figures import month_histogram, year_bars

YEARS = pd.Series([0.1, -0.2, 0.3], [2019, 2020, 2021])


def test_a_bar_for_each_year_and_the_benchmark_s_beside_it():
    [ax] = year_bars(YEARS, "mine", YEARS.iloc[:2], "market").axes
    heights = [patch.get_height() for patch in ax.patches]
    assert np.allclose(heights[:3], [10, -20, 30])
    assert np.allclose(heights[3:5], [10, -20])
    assert np.isnan(heights[5])


def test_no_more_years_than_fit():
    many = pd.Series(0.1, range(1950, 2021))
    [ax] = year_bars(many, "mine", None).axes
    assert len(ax.patches) == 30
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert "2020" in labels
    assert len(labels) <= 8


def test_every_month_is_counted():
    months = pd.Series(np.random.default_rng(1).normal(0, 0.03, 100))
    [ax] = month_histogram(months).axes
    assert sum(patch.get_height() for patch in ax.patches) == 100
