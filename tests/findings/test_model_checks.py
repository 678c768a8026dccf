"""A light about the model, not the strategy."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from puffin import bayesian_sharpe
from puffin.findings.expected_returns import expected_returns
from puffin.findings.model_checks import Light, model_checks, worst
from tests.findings.volatility_examples import made_up

RANDOM = np.random.default_rng(2)


def checked(values, volatility=None, **changes):
    sharpe = bayesian_sharpe(pd.Series(values), 500, periods_per_year=252, random_seed=1)
    sharpe.update(changes)
    return model_checks(sharpe, expected_returns(sharpe, 1), volatility)


@pytest.fixture(scope="module")
def ordinary():
    return RANDOM.normal(0.0005, 0.01, 600)


def test_a_losing_strategy_that_is_modelled_well_is_green(ordinary):
    checks = checked(ordinary - 0.003, made_up())
    assert worst(checks) is Light.GREEN
    assert len(checks) == 7


@pytest.mark.parametrize(
    ("changes", "light", "answer"),
    [
        ({"r_hat": 1.2}, Light.RED, "before relying on any digit"),
        ({"ess": None, "r_hat": None}, Light.RED, "before relying on any digit"),
        ({"n_observations": 30}, Light.AMBER, "30 returns"),
        ({"sample_sharpe": 9.0}, Light.RED, "a few returns decide"),
        ({"sample_weight": 0.9}, Light.AMBER, "go by the sample"),
        ({"dependence_factor": 1.5}, Light.AMBER, "1.5 times as wide"),
        ({"dependence_factor": 0.5}, Light.AMBER, "2.0 times as narrow"),
        ({"dependence_factor": 1.1}, Light.GREEN, "Not enough to matter"),
    ],
)
def test_each_check(ordinary, changes, light, answer):
    checks = checked(ordinary, **changes)
    assert worst(checks) is light
    assert any(answer in one.answer for one in checks if one.light is light)


def test_two_heaps_are_not_what_any_law_expects():
    heaps = np.where(RANDOM.random(600) < 0.5, -0.01, 0.0102) + RANDOM.normal(0, 0.0005, 600)
    [shape] = [one for one in checked(heaps) if one.question.startswith("Are returns as large")]
    assert shape.light is Light.RED
    assert "tenth" in shape.answer


@pytest.mark.parametrize(
    ("changes", "light"),
    [({"is_fallback": True}, Light.RED), ({"ess": 10.0}, Light.AMBER), ({}, Light.GREEN)],
)
def test_volatility(ordinary, changes, light):
    volatility = dataclasses.replace(made_up(), **changes)
    assert checked(ordinary, volatility)[-1].light is light
