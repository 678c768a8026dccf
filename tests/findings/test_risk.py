"""How often losses went beyond their forecasts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.risk import exceedances
from puffin.risk import kupiec_test


def history(returns, at_risk=0.02):
    return pd.DataFrame(
        {"return": returns, "value_at_risk_0.01": 2 * at_risk, "value_at_risk_0.05": at_risk}
    )


def test_a_loss_counts_against_the_forecast_of_the_row_before():
    table = history([-0.5, 0.01, -0.03, -0.05])
    table["value_at_risk_0.05"] = [0.02, 0.04, 0.02, 0.0]
    rare, common = exceedances(table)
    assert (rare.level, rare.count, rare.n_forecasts, rare.p_value) == (0.01, 1, 3, None)
    assert (common.level, common.count, common.n_forecasts) == (0.05, 1, 3)


def test_nothing_is_forecast_for_the_first_row():
    assert exceedances(history([-0.5])) == []


def test_many_forecasts_are_tested():
    returns = np.where(np.arange(121) % 12 == 0, -0.03, 0.01)
    _, common = exceedances(history(returns))
    hits = returns[1:] < -0.02
    assert (common.count, common.n_forecasts) == (10, 120)
    assert common.p_value == pytest.approx(kupiec_test(hits, 0.05).p_value)
