"""What comes next: simulated returns are those of the distribution that is worked out."""

from __future__ import annotations

import numpy as np

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
