"""The model's arguments, units and limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.posterior import diagnose
from tests.models.multivariate.worlds import quick, simulated


def test_unit_of_the_returns_does_not_matter():
    returns, _ = simulated(80)
    one, other = quick(returns), quick(128 * returns)  # of two's powers no digit is rounded
    np.testing.assert_allclose(128**2 * one.covariance(), other.covariance(), rtol=1e-6)
    np.testing.assert_array_equal(one.factors, other.factors)


@pytest.mark.calibration
def test_without_factors_it_is_stochastic_volatility():
    """Means and second moments within 5 standard errors: 20 comparisons, alarms 1e-5 in all."""
    returns, _ = simulated(150)
    returns = returns.iloc[:, :2].copy()
    returns.iloc[40:60, 1] = np.nan
    many = pf.MultivariateSV(0).fit(returns, 2500, 500, random_seed=1)
    for i, name in enumerate(returns):
        one = pf.StochasticVolatilityModel().fit(returns[name], 2000, missing="skip", random_seed=2)
        draws, known = many.fitted.draws, one.posterior.variables
        for what in ("mean", "mu", "phi", "sigma", "h_last"):
            found, expected = getattr(draws, what)[..., i], known[what]
            centre, scale = expected.mean(), expected.std()
            for power in (1, 2):
                x, y = (((values - centre) / scale) ** power for values in (found, expected))
                error = np.hypot(standard_error(x), standard_error(y))
                assert abs(x.mean() - y.mean()) < 5 * error, (name, what, power)


def standard_error(draws):
    return draws.std() / np.sqrt(min(diagnose(draws)["ess_bulk"], draws.size))


@pytest.mark.calibration
def test_order_of_assets_does_not_matter():
    """Covariances within 5 standard errors, from draws of the last date's (alarms below 1e-5)."""
    returns, _ = simulated(100)
    one = pf.MultivariateSV(1).fit(returns, 1500, 500, random_seed=1)
    other = pf.MultivariateSV(1).fit(returns.iloc[:, ::-1], 1500, 500, random_seed=2)
    for name, row in one.fitted.checks.items():
        again = other.fitted.checks[name]
        error = np.hypot(*(x["sd"] / np.sqrt(x["ess_bulk"]) for x in (row, again)))
        assert abs(row["mean"] - again["mean"]) < 5 * error, name


def test_zeros_that_are_too_many_are_missing():
    returns, _ = simulated(120)
    returns.iloc[::2, 1] = 0.0
    with pytest.warns(pf.models.stochastic_vol.NotObservedWarning, match="B: "):
        model = quick(returns)
    assert list(model.notes) == ["B"]
    assert model.notes["B"] in repr(model)


@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_update_is_a_fit_to_all():
    returns, _ = simulated(60)
    updated = quick(returns[:-2]).update(returns[-2:][["D", "C", "B", "A"]])
    pd.testing.assert_frame_equal(updated.covariance(), quick(returns).covariance())
    with pytest.raises(ValueError, match="give the later ones only"):
        updated.update(returns[-1:])
    with pytest.raises(ValueError, match="assets that were fitted"):
        updated.update(returns[["A"]])


@pytest.mark.parametrize(
    ("options", "change", "message"),
    [
        ({"factors": 4}, {}, "not fewer than the 4 assets"),
        ({"factors": -1}, {}, "factors must be"),
        ({"mean": "none"}, {}, "mean must be"),
        ({"loading_sd": 0.0}, {}, "loading_sd must be"),
        ({}, {"A": np.nan}, "no return at all of 'A'"),
        ({}, {"A": 0.01}, "A: returns are 0.01 in all"),
        ({}, {"A": np.inf}, "infinite"),
    ],
)
def test_errors(options, change, message):
    returns, _ = simulated(30)
    with pytest.raises(ValueError, match=message):
        pf.MultivariateSV(**options).fit(returns.assign(**change), 10, 0)


def test_too_few_returns_of_an_asset():
    returns, _ = simulated(30)
    returns.iloc[3:, 2] = np.nan
    with pytest.raises(ValueError, match="fewer than 5 returns of 'C'"):
        pf.MultivariateSV().fit(returns, 10, 0)
