"""Whether the largest fall is a surprise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin import bayesian_sharpe
from puffin.findings.drawdowns import underwater
from puffin.findings.expected_drawdown import expected_drawdown

RANDOM = np.random.default_rng(3)


def found_in(values):
    returns = pd.Series(values)
    sharpe = bayesian_sharpe(
        returns, 500, periods_per_year=252, random_seed=1, autocorrelation="ignore"
    )
    return returns, expected_drawdown(sharpe, returns, 1)


def test_of_independent_returns_is_none():
    returns, found = found_in(RANDOM.normal(0.0003, 0.01, 500))
    assert found.observed == underwater(returns).min()
    assert 0.05 < found.prob_as_deep < 0.95
    assert ((found.simulated > -1) & (found.simulated < 0)).all()


def test_losses_in_a_row_are_one():
    """The same returns in the worst order: a fall that hardly any order brings about."""
    values = np.sort(RANDOM.normal(0.0003, 0.01, 500))
    values = np.concatenate([values[::2], values[1::2]])
    _, found = found_in(values)
    assert found.prob_as_deep < 0.01


def test_none_after_a_total_loss(returns):
    sharpe = bayesian_sharpe(returns["market"], 100, random_seed=1)
    assert expected_drawdown(sharpe, pd.Series([0.1, -1.0]), 1) is None
