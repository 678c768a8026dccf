"""Bands, falls and bars, drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.figures import band_path

DATES = pd.bdate_range("2020-01-01", periods=50)
TABLE = pd.DataFrame({"mean": 0.2, "low": 0.1, "high": 0.4}, DATES)


def test_in_percent_from_zero():
    [ax] = band_path(TABLE, "volatility", percent=True).axes
    assert ax.get_ylim()[0] == 0.0
    assert np.max(ax.lines[0].get_ydata()) == pytest.approx(20.0)
    assert ax.yaxis.get_major_formatter()(20.0, 0) == "20%"


def test_the_whole_time_is_a_line():
    [ax] = band_path(TABLE, "Sharpe ratio", whole=0.3).axes
    assert [float(line.get_ydata()[0]) for line in ax.lines if not line.get_gid()] == [0.3]
