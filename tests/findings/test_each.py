"""One estimate for each series, one after the other or many at once."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from puffin.findings.each import estimate_each
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.findings.sharpe import sharpe_ratios
from puffin.findings.volatility import volatilities

DAYS = pd.bdate_range("2021-01-01", periods=60)
SETTINGS = AnalysisSettings(samples=100, seed=1, volatility=VolatilitySettings(samples=100))
MANY = SETTINGS.many


class Counted:
    """Progress that is counted."""

    def __init__(self):
        self.expected, self.said = 0, []

    def expect(self, steps):
        self.expected += steps

    def begin(self, doing):
        self.said.append(doing)


def several(count):
    values = np.random.default_rng(1).standard_t(5, (60, count)) * 0.01
    return {f"column {n}": pd.Series(values[:, n], DAYS) for n in range(count)}


def first_value(series, settings):
    """Return the first value; refuse one column, and warn of another."""
    if series.name == "column 3":
        raise ValueError("refused.")
    if series.name == "column 2":
        warnings.warn("column 2 is odd", UserWarning, stacklevel=1)
    return float(series.iloc[0]) * settings.samples


@pytest.mark.parametrize(
    ("count", "cores"), [(5, None), (MANY, 1), pytest.param(MANY, 2, marks=pytest.mark.slow)]
)
def test_one_that_fails_leaves_the_others(count, cores):
    returns, progress = several(count), Counted()
    with pytest.warns(UserWarning, match="column 2 is odd"):
        found, rejected = estimate_each(
            returns, "Looking at", first_value, replace(SETTINGS, cores=cores), progress
        )
    assert rejected == {"column 3": "column 'column 3': refused."}
    assert list(found) == [name for name in returns if name != "column 3"]
    assert found["column 4"] == 100 * returns["column 4"].iloc[0]
    assert progress.expected == count
    assert progress.said[0].startswith("Looking at ")


@pytest.mark.slow
def test_processes_find_the_same():
    settings = replace(SETTINGS, many=4)
    returns, one, two = several(4), replace(settings, cores=1), replace(settings, cores=2)
    for find in (sharpe_ratios, volatilities):
        alone, _ = find(returns, one, Counted())
        at_once, _ = find(returns, two, Counted())
        assert list(alone) == list(at_once)
        for name, found in alone.items():
            assert repr(found) == repr(at_once[name])
