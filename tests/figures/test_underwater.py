"""How far below the last peak."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.figures import underwater_curve


@pytest.mark.parametrize("count", [2, 3000])
def test_the_deepest_point_is_not_thinned_away(count):
    below = np.zeros(count)
    below[count // 2] = -0.4
    dates = pd.bdate_range("2000-01-01", periods=count)
    [ax] = underwater_curve(pd.Series(below, dates)).axes
    assert np.min(ax.lines[0].get_ydata()) == pytest.approx(-40.0)
    assert ax.get_ylim()[1] == 0.0


def test_without_a_fall():
    [ax] = underwater_curve(pd.Series(np.zeros(10))).axes
    low, high = ax.get_ylim()
    assert low < high
