"""What is found of regimes."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from puffin.findings.findings import find
from puffin.findings.progress import Silence
from puffin.findings.regimes import find_regimes
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from tests.findings.regimes_examples import DATES, SETTINGS, found, returns


def test_sharpe_ratios_are_annual_and_beyond_the_risk_free_rate():
    one = found()
    mean, sd = (one.model.posterior.variables[name] for name in ("mean", "sd"))
    ratios = math.sqrt(252) * (mean - (1.02 ** (1 / 252) - 1)) / sd
    for j, regime in enumerate(one.regimes):
        assert regime.sharpe.mean == pytest.approx(ratios[..., j].mean(), rel=1e-10)
        assert regime.sharpe.low < regime.sharpe.mean < regime.sharpe.high
    assert one.calm_is_better == np.mean(ratios[..., 0] > ratios[..., 1])


def test_evidence_against_one_regime_is_that_of_both_models():
    one = found()
    alone = one.model.fitted.one_regime
    assert one.against_one == one.model.log_marginal_likelihood.value - alone > 3


def test_one_regime_has_no_other_to_be_compared_with():
    regimes, _ = find_regimes({"fund": returns()}, SETTINGS, 1, Silence())
    assert math.isnan(regimes["fund"].calm_is_better)
    assert regimes["fund"].against_one is None


def test_of_too_few_returns_there_are_none_and_it_says_why():
    short = pd.Series(np.linspace(-0.01, 0.01, 8), DATES[:8], name="short")
    regimes, failed = find_regimes({"short": short}, SETTINGS, 2, Silence())
    assert regimes == {}
    assert "at least 20" in failed["short"]


def test_a_report_has_them_only_if_asked_to():
    few = AnalysisSettings(seed=1, samples=100, volatility=VolatilitySettings("normal", samples=50))
    ten = pd.Series([0.01, -0.02, 0.015, -0.01, 0.021, 0.0] * 2, DATES[:12], name="ten")
    asked = dataclasses.replace(few, regimes=True)
    assert list(find({"ten": ten}, asked).without_regimes) == ["ten"]
    assert find({"ten": ten}, few).without_regimes == {}
