"""The numbers that every tear sheet has."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from puffin.findings.metrics import metrics
from puffin.validation.risk_free_rate import period_risk_free_rate


@pytest.fixture(scope="module")
def returns():
    values = np.random.default_rng(3).standard_t(4, 600) * 0.01 + 0.0005
    return pd.Series(values, pd.bdate_range("2020-01-01", periods=600))


def test_as_empyrical_has_them(returns):
    """What empyrical-reloaded 0.7.1 gives for the same returns."""
    found = metrics(returns, 252, 0.02)
    assert period_risk_free_rate(0.02, 252) == pytest.approx(7.85849419846496e-05)
    assert found.sortino == pytest.approx(0.3370900678569502)
    assert found.calmar == pytest.approx(0.16300861994220334)
    assert found.omega == pytest.approx(1.04379664817211)
    assert found.tail_ratio == pytest.approx(0.9078596531568499)
    assert found.total == pytest.approx(0.12716244420896428)
    assert found.performance.largest_drawdown == pytest.approx(-0.31630639870123844)
    assert found.performance.annual_growth == pytest.approx(0.05156066953117722)
    assert found.performance.annual_volatility == pytest.approx(0.2215897980473072)


def test_by_hand():
    found = metrics(pd.Series([0.02, -0.01, 0.04, -0.03]), 4)
    assert found.payoff == pytest.approx(1.5)
    assert found.omega == pytest.approx(1.5)
    assert found.sortino == pytest.approx(2 * 0.005 / math.sqrt((0.01**2 + 0.03**2) / 4))
    assert found.total == pytest.approx(1.02 * 0.99 * 1.04 * 0.97 - 1)


def test_without_a_loss_there_is_no_ratio_to_losses():
    found = metrics(pd.Series([0.01, 0.02, 0.03]), 252)
    assert all(math.isnan(one) for one in (found.sortino, found.omega, found.calmar, found.payoff))
    assert found.total > 0.06


def test_total_loss():
    found = metrics(pd.Series([0.01, -1.0, 0.02]), 252)
    assert found.total == -1.0
    assert math.isnan(found.calmar)


def test_kurtosis_of_two_values():
    assert metrics(pd.Series([0.01, -0.01] * 20), 252).excess_kurtosis == pytest.approx(-2.0)
