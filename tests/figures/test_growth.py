"""What one unit of money became."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from puffin.figures import growth_curves
from puffin.page.svg import to_svg


@pytest.mark.parametrize("n_times", [2, 4, 6, 30, 45, 70, 300, 650, 800, 1000, 1500, 8000])
def test_dates_of_any_span_can_be_labelled(n_times):
    dates = pd.bdate_range("2000-01-01", periods=n_times)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_svg(growth_curves({"a": pd.Series(np.linspace(1, 2, n_times), dates)}), "x", "title")


def test_all_are_drawn_on_the_same_axes():
    dates = pd.bdate_range("2000-01-01", periods=100)
    paths = {
        "mine": pd.Series(np.linspace(1, 2, 100), dates),
        "the market": pd.Series(np.linspace(1, 6, 100), dates),
    }
    [ax] = growth_curves(paths).axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(paths)
    assert ax.get_yscale() == "log"
    tops = [float(np.max(line.get_ydata())) for line in ax.lines]
    assert sorted(tops) == [1.0, 2.0, 6.0]


def test_one_alone_needs_no_legend_nor_log_scale():
    [ax] = growth_curves({"mine": pd.Series(np.linspace(1, 2, 100))}).axes
    assert ax.get_legend() is None
    assert ax.get_yscale() == "linear"
