"""Strategies against a benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.findings import find
from puffin.findings.settings import AnalysisSettings


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
