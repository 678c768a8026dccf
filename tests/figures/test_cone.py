"""Growth as expected, and as it came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.figures import cone_path, drawdown_histogram
from puffin.findings.cone import Cone
from puffin.findings.expected_drawdown import ExpectedDrawdown

DATES = pd.bdate_range("2020-01-01", periods=600)


def test_what_came_is_over_what_was_expected():
    spread = np.linspace(0, 0.3, 600)[:, None] * np.array([-1, -0.4, 0, 0.4, 1])
    actual = pd.Series(1 + np.linspace(0, 0.1, 600), DATES)
    [ax] = cone_path(Cone(DATES[0], pd.DataFrame(1 + spread, DATES), actual, 0.7)).axes
    middle, came, _ = (line for line in ax.lines if line.get_alpha() != 0.0)
    assert np.allclose(middle.get_ydata(), 1.0)
    assert came.get_ydata()[-1] == 1.1
    assert len(ax.collections) == 2


def test_the_fall_that_happened_is_marked():
    [ax] = drawdown_histogram(ExpectedDrawdown(-0.3, np.linspace(-0.5, -0.1, 100))).axes
    assert ax.lines[0].get_xdata()[0] == -30.0
    assert sum(patch.get_height() for patch in ax.patches) == 100
