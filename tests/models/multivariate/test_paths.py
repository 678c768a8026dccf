"""What comes next: simulated returns are those of the distribution that is worked out."""

from __future__ import annotations

import numpy as np
from scipy.stats import multivariate_normal

from tests.models.multivariate.worlds import fit

WEIGHTS = {"A": 0.5, "B": 0.3, "D": -0.2}


def test_portfolios_weigh_the_same_draws():
    model = fit()
    joint, portfolio = model.predictive(3), model.portfolio(WEIGHTS).predictive(3)
    assert joint.draws.shape == (2, 150, 3, 4)
    weights = np.array([0.5, 0.3, 0.0, -0.2])
    np.testing.assert_allclose(portfolio.draws, joint.draws @ weights, rtol=1e-12)
    np.testing.assert_allclose(portfolio.location, joint.location @ weights, rtol=1e-9)


def test_simulated_returns_are_standard_normal_given_each_draw():
    """300 draws of four assets' sums: mean and spread within five standard errors (6e-7 each)."""
    joint = fit().predictive(4)
    errors = (joint.draws.sum(axis=2) - joint.location) / joint.spread
    count = errors.shape[0] * errors.shape[1]
    assert np.all(np.abs(errors.mean(axis=(0, 1))) < 5 / np.sqrt(count))
    assert np.all(np.abs(errors.var(axis=(0, 1)) - 1) < 5 * np.sqrt(2 / count))


def test_variance_is_that_of_the_covariance_forecast():
    model = fit()
    weights = np.array([0.5, 0.3, 0.0, -0.2])
    for horizon in (1, 5):
        covariance = model.covariance(horizon=horizon).to_numpy()
        predictive = model.portfolio(WEIGHTS).predictive(horizon)
        np.testing.assert_allclose(
            predictive.standard_deviation**2, weights @ covariance @ weights, rtol=1e-9
        )


def test_log_density_is_that_of_the_mixture():
    """Against SciPy's normal distributions, draw by draw, with one return missing."""
    model = fit()
    paths, returns = model.fitted.paths(2), np.array([[0.01, -0.02, 0.005, 0.0], [0.0, 0.01, 0, 1]])
    returns[1, 3] = np.nan
    found = model.log_predictive_density(returns)
    B = paths.draws.loadings[..., 0, :].reshape(-1, 4)
    for step, there in ((0, slice(None)), (1, slice(0, 3))):
        v = paths.variances[:, :, step].reshape(-1, 5)
        matrices = v[:, 4, None, None] * B[:, :, None] * B[:, None]
        matrices[:, range(4), range(4)] += v[:, :4]
        densities = [
            multivariate_normal(mean[there], matrix[there, there]).pdf(returns[step, there])
            for mean, matrix in zip(paths.draws.mean.reshape(-1, 4), matrices, strict=True)
        ]
        np.testing.assert_allclose(found[step], np.log(np.mean(densities)), rtol=1e-9)
