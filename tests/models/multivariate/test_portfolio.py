"""A portfolio is a model of one series to whatever takes one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from tests.models.multivariate.worlds import NAMES, fit


def test_risk_and_weights_take_it():
    model = fit()
    risk = pf.risk.tail_risk(model.portfolio(pd.Series({"A": 0.5, "C": 0.5})), 0.05)
    predictive = model.portfolio([0.5, 0, 0.5, 0]).predictive()
    assert risk.value_at_risk.iloc[0] == pytest.approx(-predictive.quantile(0.05))
    assert risk.expected_shortfall.iloc[0] > risk.value_at_risk.iloc[0]
    weights = pf.portfolio.inverse_volatility_weights(model.assets)
    variances = np.diag(model.covariance())
    expected = 1 / np.sqrt(variances)
    np.testing.assert_allclose(weights, expected / expected.sum(), rtol=1e-9)
    equal = pf.portfolio.equal_risk_weights(model.assets, model.correlation())
    assert list(equal.index) == NAMES


def test_it_says_what_it_holds():
    portfolio = fit().portfolio({"A": 0.25, "B": 0.75})
    assert "A 0.25, B 0.75" in repr(portfolio)
    assert portfolio.weights.to_dict() == {"A": 0.25, "B": 0.75, "C": 0.0, "D": 0.0}
    assert list(portfolio.volatility().columns) == ["mean", "median", "hdi_low", "hdi_high"]
