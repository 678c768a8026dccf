"""Moving volatilities and correlations as skfolio takes them."""

from __future__ import annotations

import numpy as np
import pytest
from skfolio.moments import ShrunkMu
from skfolio.optimization import MeanRisk
from skfolio.prior import EmpiricalPrior
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
    np.testing.assert_allclose(found.mu, returns.mean())
    assert found.returns.shape == (400, 4)
    np.testing.assert_allclose(found.returns.mean(axis=0), found.mu, atol=1e-15)
    spread = np.sqrt(np.diag(found.covariance))
    np.testing.assert_allclose(found.returns.std(axis=0), spread, rtol=0.35)
    assert list(prior.feature_names_in_) == ["A", "B", "C", "D"]


def test_means_are_those_of_another_prior():
    """The covariance is that of moving volatility, mu the other's, and draws are about it."""
    returns, _ = simulated(60)
    shrunk = EmpiricalPrior(mu_estimator=ShrunkMu())
    found = MovingVolatilityPrior(prior_estimator=shrunk, **QUICK).fit(returns).return_distribution_
    mu = clone(shrunk).fit(returns).return_distribution_.mu
    assert np.abs(mu - returns.mean()).max() > 1e-5
    np.testing.assert_array_equal(found.mu, mu)
    np.testing.assert_allclose(found.returns.mean(axis=0), mu, atol=1e-15)
    fitted = MovingVolatilityPrior(distribution="student", **QUICK).fit(returns)
    assert fitted.model_.fitted.draws.student
    own = MovingVolatilityPrior(**QUICK).fit(returns).return_distribution_
    np.testing.assert_array_equal(found.covariance, own.covariance)
    assert not hasattr(shrunk, "return_distribution_")
    with pytest.raises(TypeError, match="BasePrior"):
        MovingVolatilityPrior(prior_estimator=ShrunkMu(), **QUICK).fit(returns)


def test_an_optimiser_takes_it():
    returns, _ = simulated(60)
    one = MeanRisk(prior_estimator=MovingVolatilityPrior(**QUICK)).fit(returns)
    np.testing.assert_allclose(one.weights_.sum(), 1.0)
    again = clone(one).fit(returns.to_numpy())
    np.testing.assert_allclose(again.weights_, one.weights_, atol=1e-8)
