"""Models of each series, where one that fails leaves the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.progress import Silence
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.findings.volatility_models import compare_models
from puffin.models.stochastic_vol import simulate

SETTINGS = AnalysisSettings(seed=3, volatility=VolatilitySettings(samples=100))


@pytest.mark.slow
@pytest.mark.filterwarnings("error::puffin.models.volatility.NotObservedWarning")
def test_each_series_by_itself():
    dates = pd.bdate_range("2021-01-01", periods=80)
    y = simulate(80, random_seed=1, index=dates)["returns"]
    flat = y.where(np.arange(80) % 7 != 0, 0.0)
    series = {"whole": y, "flat": flat, "short": y[:4]}
    found, rejected = compare_models(series, SETTINGS, 0, Silence())
    assert list(found) == ["whole", "flat"]
    assert rejected["short"].startswith("column 'short': ")
    assert found["whole"].averaged.note == ""
    assert "count as not observed" in found["flat"].notes[-1]
