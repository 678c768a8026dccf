"""What one unit of money became."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from puffin.figures import growth_curve
from puffin.page.svg import to_svg


@pytest.mark.parametrize("n_times", [2, 4, 6, 30, 45, 70, 300, 650, 800, 1000, 1500, 8000])
def test_dates_of_any_span_can_be_labelled(n_times):
    dates = pd.bdate_range("2000-01-01", periods=n_times)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_svg(growth_curve(pd.Series(np.linspace(1, 2, n_times), dates)), "x", "title")
