"""The posterior as skfolio takes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skfolio.optimization import MeanRisk
from sklearn.base import clone

from puffin.models.bayesian import ComparisonPriors
from puffin.portfolio import (
    JointReturns,
    PosteriorPrior,
)

QUICK = {"samples": 150, "n_scenarios": 400, "random_state": 1}


class TestPrior:
    def test_distribution_is_the_predictive_one(self, prior, returns):
        found, joint = prior.return_distribution_, JointReturns.of(prior.comparison_)
        np.testing.assert_allclose(found.mu, joint.mean)
        np.testing.assert_allclose(found.covariance, joint.covariance)
        assert found.returns.shape == (2000, 4)
        np.testing.assert_allclose(found.returns.mean(axis=0), found.mu, atol=1e-12)
        np.testing.assert_allclose(found.returns.std(axis=0), returns.std(), rtol=0.3)
        assert not np.isin(found.returns[:, 0], returns["KO"]).any()
        assert list(prior.feature_names_in_) == list(returns.columns)

    def test_means_are_shrunk(self, returns):
        apart = PosteriorPrior(pool=False, **QUICK).fit(returns).return_distribution_
        pooled = PosteriorPrior(**QUICK).fit(returns).return_distribution_
        assert np.ptp(pooled.mu) < np.ptp(apart.mu)
        assert np.abs(pooled.mu).mean() < np.abs(apart.mu).mean()

    def test_assets_that_stand_still_at_times_keep_their_correlations(self, returns):
        """Zero on a fifth of days, and so by the hurdle model."""
        rounded = returns.where(returns.abs() > returns.abs().quantile(0.2), 0.0)
        assert ((rounded == 0.0).mean() > 0.15).all()
        found = PosteriorPrior(**QUICK).fit(rounded).return_distribution_.covariance
        plain = PosteriorPrior(**QUICK).fit(returns).return_distribution_.covariance
        sizes = (np.sqrt(np.diag(matrix)) for matrix in (found, plain))
        correlations = [
            matrix / np.outer(size, size)
            for matrix, size in zip((found, plain), sizes, strict=True)
        ]
        np.testing.assert_allclose(*correlations, atol=0.1)

    def test_risk_free_rate_is_what_means_are_shrunk_towards(self, returns):
        """With a prior that knows all Sharpe ratios to be zero, the mean is the rate itself."""
        sure = ComparisonPriors(pool_sd=1e-6)
        found = PosteriorPrior(risk_free_rate=0.1, priors=sure, **QUICK).fit(returns)
        expected = 1.1 ** (1 / 252) - 1
        np.testing.assert_allclose(found.return_distribution_.mu, expected, rtol=1e-2)
        scenarios = found.return_distribution_.returns
        np.testing.assert_allclose(scenarios.mean(axis=0), found.return_distribution_.mu)

    def test_conventions(self, returns):
        prior = PosteriorPrior(pool=False, samples=70, priors=ComparisonPriors(pool_sd=1.0))
        copy = clone(prior)
        assert copy.get_params() == prior.get_params()
        assert copy.set_params(samples=80).samples == 80
        assert not hasattr(copy, "return_distribution_")
        nonsense = PosteriorPrior(samples=-1, n_scenarios="many")
        assert nonsense.samples == -1
        assert clone(nonsense).n_scenarios == "many"
        model = MeanRisk(prior_estimator=prior)
        assert clone(model.set_params(prior_estimator__samples=90)).prior_estimator.samples == 90

    def test_random_state(self, returns):
        def weights(state):
            prior = PosteriorPrior(samples=250, n_scenarios=50, random_state=state)
            return prior.fit(returns).return_distribution_.returns

        np.testing.assert_array_equal(weights(3), weights(3))
        np.testing.assert_array_equal(
            weights(np.random.RandomState(3)), weights(np.random.RandomState(3))
        )
        assert not np.array_equal(weights(3), weights(4))

    def test_arrays_have_no_names(self, returns):
        prior = PosteriorPrior(**QUICK).fit(returns.to_numpy())
        assert not hasattr(prior, "feature_names_in_")
        assert prior.comparison_.strategies == ("x0", "x1", "x2", "x3")
        named = PosteriorPrior(**QUICK).fit(returns)
        np.testing.assert_array_equal(prior.return_distribution_.mu, named.return_distribution_.mu)

    @pytest.mark.parametrize(
        ("parameters", "message"),
        [
            ({"samples": 0}, "samples must be a whole number"),
            ({"n_scenarios": 1}, "n_scenarios must be a whole number of at least 2"),
            ({"risk_free_rate": "low"}, "risk_free_rate must be a number"),
            ({"priors": 0.5}, r"priors must be ComparisonPriors"),
            ({"random_state": "seed"}, "seed"),
        ],
    )
    def test_bad_parameters_are_named_when_fitting(self, returns, parameters, message):
        with pytest.raises((ValueError, TypeError), match=message):
            PosteriorPrior(**{**QUICK, **parameters}).fit(returns)

    def test_missing_returns_are_refused(self, returns):
        broken = returns.copy()
        broken.iloc[3, 1] = np.nan
        with pytest.raises(ValueError, match="NaN"):
            PosteriorPrior(**QUICK).fit(broken)


@given(
    hnp.arrays(
        np.float64,
        st.tuples(st.integers(0, 40), st.integers(1, 4)),
        elements=st.floats(-0.2, 0.2) | st.sampled_from([0.0, 1e-12, 1e6, np.nan]),
        fill=st.floats(-0.2, 0.2),
    ),
    st.booleans(),
)
@settings(max_examples=40)
@pytest.mark.filterwarnings("ignore::UserWarning", "error::RuntimeWarning")
def test_any_returns_are_a_distribution_or_a_clear_error(X, pool):
    prior = PosteriorPrior(pool=pool, samples=60, chains=2, cores=1, n_scenarios=21, random_state=1)
    try:
        found = prior.fit(X).return_distribution_
    except ValueError as error:
        assert len(str(error)) > 20
        return
    assert found.returns.shape == (21, X.shape[1])
    for values in (found.mu, found.covariance, found.returns):
        assert np.isfinite(values).all()
    assert (np.diag(found.covariance) > 0.0).all()
