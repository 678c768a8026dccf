"""The joint loss of value at risk and expected shortfall."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

from puffin.risk import joint_loss

LEVEL = 0.025


def test_by_hand():
    """A loss of 3 beyond a value at risk of 2, and a gain: log 2.5 - 1 + 0.8 without violation."""
    loss = joint_loss([-3.0, 1.0], [2.0, 2.0], [2.5, 2.5], 0.1)
    without = np.log(2.5) - 0.2
    assert loss.to_numpy() == pytest.approx([without + 1.0 / (0.1 * 2.5), without])


@pytest.mark.slow
def test_expected_loss_is_least_at_the_true_ones():
    """By quadrature, for a Student-t with 5 degrees of freedom."""
    law = stats.t(5)

    def expected(forecast):
        at_risk, shortfall = forecast

        def of(y):
            return float(joint_loss([y], [at_risk], [shortfall], LEVEL).iloc[0])

        beyond, _ = integrate.quad(lambda y: of(y) * law.pdf(y), -np.inf, -at_risk)
        return beyond + of(0.0) * law.sf(-at_risk)

    at_risk = -law.ppf(LEVEL)
    shortfall = -integrate.quad(lambda y: y * law.pdf(y), -np.inf, -at_risk)[0] / LEVEL
    best = optimize.minimize(expected, [2.0, 3.0], method="Nelder-Mead", tol=1e-10)
    assert best.x == pytest.approx([at_risk, shortfall], rel=1e-4)


def test_differences_do_not_depend_on_the_unit():
    stream = np.random.default_rng(1)
    returns, one, other = stream.standard_t(5, 100), np.full(100, 2.0), np.full(100, 2.2)
    small = joint_loss(returns, one, one + 0.5, LEVEL) - joint_loss(returns, other, other, LEVEL)
    large = joint_loss(100 * returns, 100 * one, 100 * (one + 0.5), LEVEL) - joint_loss(
        100 * returns, 100 * other, 100 * other, LEVEL
    )
    assert large.to_numpy() == pytest.approx(small.to_numpy())


def test_index_is_kept_and_a_shortfall_that_is_a_gain_is_refused():
    days = pd.date_range("2020-01-01", periods=3)
    returns = pd.Series([0.1, -2.0, 0.3], days)
    assert joint_loss(returns, [1.0] * 3, [2.0] * 3, LEVEL).index.equals(days)
    with pytest.raises(ValueError, match=r"expected_shortfall.*-1 at 2020-01-02"):
        joint_loss(returns, [1.0] * 3, [2.0, -1.0, 2.0], LEVEL)
    with pytest.raises(ValueError, match="level"):
        joint_loss(returns, [1.0] * 3, [2.0] * 3, 1.5)
