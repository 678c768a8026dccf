"""Strategies against a benchmark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from puffin.findings.findings import find
from puffin.findings.settings import AnalysisSettings
from puffin.findings.sharpe_words import headline
from puffin.models.comparison.comparison import strategy_comparison
from tests.findings.examples import SETTINGS


@pytest.mark.slow
def test_recovers_alpha_and_beta():
    random = np.random.default_rng(4)
    dates = pd.bdate_range("2000-01-01", periods=4000)
    market = 0.0003 + 0.01 * random.normal(size=dates.size)
    rate = 1.05 ** (1 / 252) - 1
    strategy = rate + 0.0004 + 1.3 * (market - rate) + 0.005 * random.normal(size=dates.size)
    findings = find(
        {"a": pd.Series(strategy, dates), "b": pd.Series(market, dates)},
        AnalysisSettings(samples=500, seed=1, risk_free_rate=0.05),
        benchmark="b",
    )
    regression = findings.benchmark.regressions["a"]
    for known, truth in ((regression.alpha, 0.0004 * 252), (regression.beta, 1.3)):
        assert abs(known.mean - truth) < 3 * known.std
    assert regression.alpha.std == pytest.approx(0.005 * 252 / np.sqrt(4000), rel=0.1)
    assert regression.explained == pytest.approx(0.013**2 / (0.013**2 + 0.005**2), abs=0.02)


def test_differences_are_those_of_the_joint_draws(findings):
    comparison, benchmark = findings.comparison, findings.benchmark
    assert set(benchmark.differences) == set(comparison.strategies) - {"market"}
    for name, difference in benchmark.differences.items():
        assert difference.prob_positive == comparison.prob_better.loc[name, "market"]


def test_a_late_starter_is_measured_on_the_dates_that_it_shares(late):
    """The benchmark's years before the strategy say nothing of whether it beats it."""
    both = {name: late.returns[name] for name in ("late", "market")}
    shared = strategy_comparison(pd.DataFrame(both), 500, dates="shared", random_seed=1)
    difference = late.benchmark.differences["late"]
    assert difference.prob_positive == shared.prob_better.loc["late", "market"]
    assert difference.prob_positive != late.comparison.prob_better.loc["late", "market"]
    joint = late.comparison.prob_better.loc["steady", "market"]
    assert late.benchmark.differences["steady"].prob_positive == joint
    assert late.benchmark.by_own_dates == ()


def test_pooled_differences_say_that_they_are_by_own_dates(late):
    pooled = find(late.returns, replace(SETTINGS, pool=True), benchmark="market")
    assert pooled.benchmark.by_own_dates == ("late",)
    assert any("late over dates that are not the benchmark’s" in said for said in headline(pooled))
