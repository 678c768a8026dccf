"""The model's arguments, units and limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.inference.settings import Settings
from puffin.models._pymc.sampling import sample_model
from puffin.models.stochastic_vol import VolatilityPriors
from puffin.posterior import diagnose
from puffin.reading import OddReturnsWarning
from tests.models.multivariate.worlds import quick, simulated


def test_unit_of_the_returns_does_not_matter():
    returns, _ = simulated(80)
    one, other = quick(returns), quick(128 * returns)  # of two's powers no digit is rounded
    np.testing.assert_allclose(128**2 * one.covariance(), other.covariance(), rtol=1e-6)
    np.testing.assert_array_equal(one.factors, other.factors)


@pytest.mark.calibration
@pytest.mark.parametrize("law", ["normal", "student"])
def test_without_factors_it_is_stochastic_volatility(law):
    """Means and second moments within 5 standard errors: 44 comparisons, alarms 3e-5 in all."""
    returns, _ = simulated(150)
    returns = returns.iloc[:, :2].copy()
    returns.iloc[40:60, 1] = np.nan
    many = pf.MultivariateSV(0, "constant", distribution=law).fit(returns, 2500, 500, random_seed=1)
    for i, name in enumerate(returns):
        one = pf.StochasticVolatilityModel(law).fit(
            returns[name], 2000, missing="skip", random_seed=2
        )
        draws, known = many.fitted.draws, one.posterior.variables
        for what in ("mean", "mu", "phi", "sigma", "h_last", *["nu"] * (law == "student")):
            found, expected = getattr(draws, what)[..., i], known[what]
            if what == "nu":
                found, expected = np.log(found - 2.0), np.log(expected - 2.0)
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
    returns.iloc[-2:, 2] = np.nan
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
        ({"distribution": "cauchy"}, {}, "distribution must be"),
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


def test_prices_are_noticed():
    prices = 100.0 * (1.0 + simulated(60)[0].iloc[:, :2]).cumprod()
    with pytest.warns(
        OddReturnsWarning, match=r"returns\['A', 'B'\] looks like prices: take"
    ) as seen:
        quick(prices, 20, 10)
    assert [one.category for one in seen] == [OddReturnsWarning]


@pytest.mark.pymc
@pytest.mark.filterwarnings("ignore")
def test_agrees_with_pymc():
    """The same model written for NUTS: 12 means within 5 standard errors (alarms 1e-5 in all)."""
    pymc = pytest.importorskip("pymc")
    returns, _ = simulated(10, seed=5)
    returns = 100.0 * returns.iloc[:, :3]
    priors = VolatilityPriors(mean_sd=0.5, mu_sd=1.0, phi_a=10.0, sigma_sd=0.5, scale=1.0)
    model = pf.MultivariateSV(1, "constant", priors).fit(returns, 5000, 500, random_seed=1)
    known = sample_model(
        in_pymc(pymc, returns.to_numpy(), priors), ["mean", "mu", "sigma", "loadings", "h"],
        Settings(800, 500, 2, 1, 3, progressbar=False),
    ).variables  # fmt: skip
    draws = model.fitted.draws
    loadings = draws.loadings[:, :, 0]
    pairs = {
        "mean": (draws.mean, known["mean"]),
        "mu": (draws.mu[..., :3], known["mu"]),
        "size of loadings": (np.log(np.abs(loadings)), np.log(np.abs(known["loadings"]))),
        "factor": (draws.sigma[..., 3:], known["sigma"][..., 3:]),
        "last of the errors": (draws.h_last[..., :3], known["h"][..., -1, :3]),
        "last of the factor": (draws.h_last[..., 3:], known["h"][..., -1, 3:]),
    }
    for name, (found, expected) in pairs.items():
        for i in range(found.shape[2]):
            x, y = found[..., i], np.asarray(expected)[..., i]
            error = np.hypot(standard_error(x), standard_error(y))
            assert abs(x.mean() - y.mean()) < 5 * error, (name, i, x.mean(), y.mean(), error)


def in_pymc(pymc, returns, priors):
    n_times, m = returns.shape
    with pymc.Model() as model:
        mean = pymc.Normal("mean", 0.0, priors.mean_sd, shape=m)
        mu = pymc.Normal("mu", 0.0, priors.mu_sd, shape=m)
        phi = 2.0 * pymc.Beta("u", priors.phi_a, priors.phi_b, shape=m + 1) - 1.0
        sigma = pymc.HalfNormal("sigma", priors.sigma_sd, shape=m + 1)
        spread = pymc.HalfNormal("spread", 1.0)
        loadings = pymc.Deterministic("loadings", spread * pymc.Normal("z_loadings", shape=m))
        z = pymc.Normal("z", shape=(n_times, m + 1))
        level = pymc.math.concatenate([mu, np.zeros(1)])
        lag = np.subtract.outer(np.arange(n_times), np.arange(n_times))[..., None]
        moving = np.where(lag < 0, 0.0, 1.0) * phi ** np.maximum(lag, 0)
        first = pymc.math.concatenate([z[:1] / pymc.math.sqrt(1.0 - phi**2), z[1:]], axis=0)
        h = pymc.Deterministic("h", level + sigma * (moving * first[None]).sum(axis=1))
        factor = pymc.math.exp(0.5 * h[:, m]) * pymc.Normal("z_factor", shape=n_times)
        explained = mean + factor[:, None] * loadings[None, :]
        pymc.Normal("y", explained, pymc.math.exp(0.5 * h[:, :m]), observed=returns)
    return model
