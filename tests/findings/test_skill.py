"""Strategies weighed by each other, as a page asks for it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from puffin.findings.progress import Silence
from puffin.findings.settings import AnalysisSettings
from puffin.findings.skill import skill_of_strategies
from puffin.models.bayesian import BayesianHierarchical
from tests.models.hierarchical.funds import simulated

SETTINGS = AnalysisSettings(risk_free_rate=0.02, periods_per_year=12, samples=100, seed=1)


@pytest.fixture(scope="module")
def funds():
    return simulated(1, n=6)


def test_is_that_of_the_library_on_the_dates_of_the_benchmark(funds):
    market = funds.factors["market"].iloc[10:]
    both = {**{name: funds.returns[name] for name in funds.returns}, "market": market}
    found = skill_of_strategies(both, "market", SETTINGS, Silence())
    rate = 1.02 ** (1.0 / 12.0) - 1.0
    expected = BayesianHierarchical(
        unit="volatility", risk_free_rate=0.02, periods_per_year=12
    ).fit(funds.returns.iloc[10:], market - rate, samples=100, random_seed=1)
    pd.testing.assert_frame_equal(found.first.table, expected.table)
    assert list(found.fits) == ["normal", "spike"]


def test_without_a_benchmark_it_is_of_sharpe_ratios(funds):
    more = replace(SETTINGS, samples=400)
    found = skill_of_strategies(dict(funds.returns.items()), None, more, Silence())
    assert found.fitted.unit.label == "annual Sharpe ratio"
    assert len(found.first.table) == 6


def test_one_strategy_has_nothing_to_be_weighed_by(funds):
    both = {"fund0000": funds.returns["fund0000"], "market": funds.factors["market"]}
    with pytest.raises(ValueError, match="one strategy only"):
        skill_of_strategies(both, "market", SETTINGS, Silence())


def test_other_calendars_are_refused(funds):
    other = AnalysisSettings(periods_per_year=12, calendars={"fund0001": 365.0})
    with pytest.raises(ValueError, match="fund0001 has another number of periods a year"):
        skill_of_strategies(dict(funds.returns.items()), None, other, Silence())
