"""Priors of a regression, and their units."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.bayesian import BayesianLinearRegression, RegressionPriors
from tests.models.regression.market import LIKELIHOODS, QUICK, fitted


@LIKELIHOODS
def test_units_do_not_matter(data, likelihood):
    X, y = data
    plain = fitted(X, y, likelihood).summary()
    moved = fitted(100 * X + 7, 1000 * y - 50, likelihood).summary()
    for name in ("x0", "x1", "x2"):
        assert moved[name]["mean"] == pytest.approx(10 * plain[name]["mean"], rel=1e-6)
        assert moved[name]["sd"] == pytest.approx(10 * plain[name]["sd"], rel=1e-6)
    assert moved["sigma"]["mean"] == pytest.approx(1000 * plain["sigma"]["mean"], rel=1e-6)


def test_constant_feature_keeps_its_prior(data):
    X, y = data
    model = fitted(np.column_stack([X, np.full(120, 3.0)]), y, samples=5000)
    beta = model.posterior.flat("beta")[:, 3] / y.std()
    # Standard normal prior: mean and sd of 20,000 independent draws, 5 standard errors.
    assert abs(beta.mean()) < 5 / np.sqrt(20_000)
    assert abs(beta.std() - 1) < 5 / np.sqrt(40_000)


def test_priors_matter_and_print_themselves(data):
    X, y = data
    shrunk = BayesianLinearRegression(priors=RegressionPriors(beta_sd=0.01)).fit(X, y, **QUICK)
    assert abs(shrunk.summary()["x0"]["mean"]) < 0.3
    assert "beta ~ Normal(0, 0.01)" in str(RegressionPriors(beta_sd=0.01))
    with pytest.raises(ValueError, match="beta_sd must be above zero"):
        RegressionPriors(beta_sd=0.0)
    with pytest.raises(ValueError, match="scale"):
        RegressionPriors(scale=-1.0)
