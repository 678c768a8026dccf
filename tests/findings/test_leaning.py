"""How much each answer leans on the prior."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from puffin import bayesian_sharpe
from puffin.findings.expected_returns import expected_returns
from puffin.findings.leaning import Leaning, leanings, sharpe_leaning
from puffin.findings.model_checks import Light, model_checks
from puffin.models.sharpe import SharpePriors
from puffin.posterior import PriorSensitivity


def test_a_line_for_each_quantity(findings):
    found = leanings(findings, "steady")
    assert [one.label for one in found] == [
        "Sharpe ratio",
        "mean excess return of a year of periods",
        "volatility of a year of periods",
        "volatility of the next period",
        "typical volatility",
        "persistence of volatility φ",
    ]
    assert found[0].found.mean == pytest.approx(findings.sharpes["steady"]["mean"])
    still = dataclasses.replace(findings, volatilities={})
    assert len(leanings(still, "steady")) == 3
    assert "active periods" in leanings(findings, "often flat")[1].label


def test_a_line_says_how_far_and_whether_it_matters():
    small = Leaning("Sharpe ratio", PriorSensitivity(1.0, 0.5, 1.01, 0.98, 0.3))
    assert small.sentence == (
        "Doubling the prior’s weight moves the Sharpe ratio by 0.02: nothing to worry about."
    )
    far = Leaning("Sharpe ratio", PriorSensitivity(1.0, 0.5, 1.01, 0.98, 0.9))
    assert "0.02" not in far.sentence


def test_a_prior_that_decides_is_amber():
    returns = pd.Series(np.random.default_rng(1).normal(0.002, 0.01, 500))
    lights = {}
    for mu_sd in (2.0, 0.03):
        sharpe = bayesian_sharpe(
            returns, 1000, priors=SharpePriors(mu_sd=mu_sd), autocorrelation="ignore", random_seed=1
        )
        [check] = [
            one
            for one in model_checks(sharpe, expected_returns(sharpe, 1), None)
            if one.question == "Does it lean on the prior?"
        ]
        assert check.answer == sharpe_leaning(sharpe).sentence
        lights[mu_sd] = check.light
    assert lights == {2.0: Light.GREEN, 0.03: Light.AMBER}
