"""Regimes that the tests of findings, figures and page share."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from puffin.findings.progress import Silence
from puffin.findings.regimes import Regimes, find_regimes
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from tests.inference.regimes.problems import simulate

DATES = pd.bdate_range("2021-01-01", periods=300)
SETTINGS = AnalysisSettings(
    risk_free_rate=0.02, periods_per_year=252, seed=1, regimes=True, samples=500,
    volatility=VolatilitySettings("normal", samples=300),
)  # fmt: skip


def returns() -> pd.Series:
    """Return 300 returns that have two regimes beyond doubt."""
    values, _ = simulate(np.random.default_rng(1), DATES.size)
    return pd.Series(0.01 * values, DATES, name="fund")


@functools.cache
def found() -> Regimes:
    """Return what is found in them."""
    regimes, failed = find_regimes({"fund": returns()}, SETTINGS, 2, Silence())
    assert not failed
    return regimes["fund"]
