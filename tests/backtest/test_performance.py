"""What returns came to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import backtest
from puffin.backtest.performance import performance


def test_performance_by_hand():
    found = performance(pd.Series([0.5, -0.5, 0.2, 0.1]), periods_per_year=2)
    assert found.largest_drawdown == pytest.approx(-0.5)
    assert found.annual_growth == pytest.approx(np.sqrt(1.5 * 0.5 * 1.2 * 1.1) - 1)
    assert (found.worst, found.best, found.share_positive) == (-0.5, 0.5, 0.75)
    assert found.annual_volatility == pytest.approx(np.std([0.5, -0.5, 0.2, 0.1], ddof=1) * 2**0.5)


def test_a_loss_from_the_start_is_a_drawdown():
    assert performance(pd.Series([-0.1, 0.05]), 252).largest_drawdown == pytest.approx(-0.1)


def test_returns_that_do_not_move_have_no_sharpe(prices):
    table = backtest.run(prices * 0.0, prices, risk_free_rate=0.02).summary()
    assert table.loc["annual_growth", "net"] == pytest.approx(0.02)
    assert np.isnan(table.loc["sharpe", "net"])
    half = performance(pd.Series([0.01, 0.0, 0.0, -0.02]), 252)
    assert half.share_positive == 0.5  # of the days that moved, as quantstats has it
    nothing = performance(pd.Series([0.0]), 252)
    assert np.isnan([nothing.annual_volatility, nothing.skewness, nothing.share_positive]).all()
    assert nothing.annual_growth == 0.0
