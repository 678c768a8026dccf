"""Approximations of PyMC models: exact where they say so, NUTS where they cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest

import puffin as pf
from puffin.models.stochastic_vol import StochasticVolatilityModel

pm = pytest.importorskip("pymc")
pytestmark = pytest.mark.pymc

X = np.random.default_rng(1).standard_normal((60, 2))
Y = X @ [1.0, -0.5] + np.random.default_rng(2).standard_normal(60)


def regression(data):
    """Coefficients with a normal prior, errors of variance one: the posterior is Gaussian."""
    with pm.Model(coords={"feature": ["market", "size"]}) as model:
        beta = pm.Normal("beta", 0.0, 1.0, dims="feature")
        pm.Normal("y", pm.math.dot(X, beta), 1.0, observed=data)
        pm.Deterministic("sum", beta.sum())
        pm.Deterministic("lagged", pm.math.concatenate([[np.nan], beta]))
    return model


def exact():
    """Return mean and covariance of the coefficients."""
    covariance = np.linalg.inv(np.eye(2) + X.T @ X)
    return covariance @ X.T @ Y, covariance


@pytest.mark.parametrize("method", ["fullrank_advi", "pathfinder"])
def test_gaussian_posterior(method):
    found = pf.VariationalInference(regression, method).fit(Y, samples=1000, random_seed=1)
    assert not found.exact
    assert found.k_hat < 0.7
    mean, covariance = exact()
    beta = found.posterior.flat("beta")
    effective = found.efficiency * len(beta)
    # 2 means of z below 4.8 in 99.9997% of runs.
    z = (beta.mean(axis=0) - mean) / np.sqrt(np.diag(covariance) / effective)
    assert np.abs(z).max() < 4.8
    ratio = beta.var(axis=0) / np.diag(covariance)
    assert np.abs(ratio - 1.0).max() < 4.8 * np.sqrt(2.0 / effective)
    np.testing.assert_allclose(found.posterior.flat("sum"), beta.sum(axis=1))
    assert list(found.idata["posterior"]["feature"].values) == ["market", "size"]
    assert found.summary()["beta[0]"]["ess"] == pytest.approx(effective)
    assert "k-hat" in repr(found)
    assert "!" not in repr(found)  # what is never known, such as the lag of the first, is no doubt


def test_same_seed_same_draws():
    model = regression(Y)
    draws = [
        pf.VariationalInference(model).fit(samples=50, random_seed=3).posterior.flat("beta")
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*draws)


def test_poor_approximation_is_not_used():
    """Neal's funnel: no Gaussian is near it, and NUTS says that it is slow itself."""
    with pm.Model() as funnel:
        width = pm.Normal("width", 0.0, 3.0)
        pm.Normal("x", 0.0, pm.math.exp(width / 2.0), shape=9)
    found = pf.VariationalInference(funnel, "advi").fit(
        samples=500, tune=500, chains=2, random_seed=1
    )
    assert found.exact
    assert found.k_hat > 0.7
    assert found.method.startswith("NUTS")
    assert set(found.summary()["width"]) >= {"r_hat", "ess_tail"}
    assert "instead" in repr(found)


def test_failed_approximation_is_not_used(monkeypatch):
    from puffin.inference.failure import SamplingError
    from puffin.models.variational import variational

    def fail(model, settings):
        raise SamplingError("no")

    monkeypatch.setitem(variational.APPROXIMATIONS, "advi", fail)
    found = pf.VariationalInference(regression, "advi").fit(Y, samples=200, chains=2)
    assert found.exact
    assert found.k_hat == math.inf
    assert "failed" in repr(found)


def discrete(data):
    with pm.Model() as model:
        pm.Poisson("k", 2.0)
    return model


def empty(data):
    with pm.Model() as model:
        pm.Normal("y", 0.0, 1.0, observed=data)
    return model


def batches(data):
    with pm.Model() as model:
        batch = pm.Minibatch(data, batch_size=10)
        pm.Normal("y", pm.Normal("mean", 0.0, 1.0), 1.0, observed=batch, total_size=len(data))
    return model


@pytest.mark.parametrize(
    ("model", "data", "error", "words"),
    [
        (batches, Y, ValueError, "minibatch|Minibatch"),
        (discrete, Y, ValueError, "discrete parameters"),
        (empty, Y, ValueError, "no parameters"),
        (lambda data: None, Y, TypeError, "Does the function end with `return`"),
    ],
)
def test_models_that_cannot_be_approximated(model, data, error, words):
    with pytest.raises(error, match=words):
        pf.VariationalInference(model).fit(data)


def test_data_beside_a_model_that_has_some():
    with pytest.raises(ValueError, match="data of its own"):
        pf.VariationalInference(regression(Y)).fit(Y)


@pytest.mark.parametrize(
    ("model", "words"), [(StochasticVolatilityModel(), "Call its fit"), (3, "must be a pymc.Model")]
)
def test_what_is_no_model(model, words):
    with pytest.raises(TypeError, match=words):
        pf.VariationalInference(model)
