"""Moving volatilities and correlations as skfolio takes them."""

from __future__ import annotations

import numpy as np
import pytest
from skfolio.optimization import MeanRisk
from sklearn.base import clone

from puffin.portfolio import MovingVolatilityPrior
from tests.models.multivariate.worlds import simulated

pytestmark = pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
QUICK = {"samples": 200, "tune": 100, "chains": 2, "random_state": 1}


@pytest.mark.parametrize("horizon", [1, 5])
def test_distribution_is_the_predictive_one(horizon):
    returns, _ = simulated(120)
    prior = MovingVolatilityPrior(1, horizon, **QUICK).fit(returns)
    found, model = prior.return_distribution_, prior.model_
    np.testing.assert_allclose(found.covariance, model.covariance(horizon=horizon) / horizon)
    np.testing.assert_allclose(found.mu, model.fitted.draws.mean.mean(axis=(0, 1)))
    assert found.returns.shape == (400, 4)
    np.testing.assert_allclose(found.returns.mean(axis=0), found.mu, atol=1e-15)
    spread = np.sqrt(np.diag(found.covariance))
    np.testing.assert_allclose(found.returns.std(axis=0), spread, rtol=0.35)
    assert list(prior.feature_names_in_) == ["A", "B", "C", "D"]


def test_an_optimiser_takes_it():
    returns, _ = simulated(60)
    one = MeanRisk(prior_estimator=MovingVolatilityPrior(**QUICK)).fit(returns)
    np.testing.assert_allclose(one.weights_.sum(), 1.0)
    again = clone(one).fit(returns.to_numpy())
    np.testing.assert_allclose(again.weights_, one.weights_, atol=1e-8)
