"""The posterior inside skfolio's own optimisers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

pytest.importorskip("skfolio")

from skfolio import RiskMeasure
from skfolio.model_selection import WalkForward, cross_val_predict
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.pre_selection import DropCorrelated
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from puffin.models.bayesian import ComparisonPriors
from puffin.portfolio import (
    JointReturns,
    PosteriorCovarianceUncertaintySet,
    PosteriorMuUncertaintySet,
    PosteriorPrior,
)

QUICK = {"samples": 150, "n_scenarios": 400, "random_state": 1}


@pytest.fixture(scope="module")
def returns(equity_returns):
    return equity_returns[["KO", "XOM", "JPM", "AAPL"]].iloc[-380:]


@pytest.fixture(scope="module")
def prior(returns):
    return PosteriorPrior(samples=500, random_state=1).fit(returns)


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
        """Zero on a fifth of days: the hurdle model would take them for independent."""
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
        prior = PosteriorPrior(pool=False, samples=70, priors=ComparisonPriors(mu_sd=1.0))
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
            prior = PosteriorPrior(samples=100, n_scenarios=50, random_state=state)
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
            ({"priors": ComparisonPriors(nu_shape=0.5)}, "nu_shape is 0.5"),
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


class TestUncertainty:
    def test_mean_set_holds_its_share_of_the_posterior(self, prior, returns):
        for level in (0.5, 0.9):
            found = PosteriorMuUncertaintySet(
                PosteriorPrior(samples=500, random_state=1), confidence_level=level
            ).fit(returns)
            means = JointReturns.of(found.prior_estimator_.comparison_).means
            np.testing.assert_array_equal(means, JointReturns.of(prior.comparison_).means)
            region = found.uncertainty_set_
            deviations = means - prior.return_distribution_.mu
            inside = np.linalg.norm(np.linalg.solve(region.geometry, deviations.T), axis=0)
            assert np.mean(inside <= region.radius) == pytest.approx(level, abs=0.001)
            np.testing.assert_allclose(
                region.geometry @ region.geometry.T, np.cov(means.T, ddof=0), rtol=1e-8
            )

    def test_covariance_set_holds_its_share_of_the_posterior(self, returns):
        found = PosteriorCovarianceUncertaintySet(
            PosteriorPrior(samples=500, random_state=1), confidence_level=0.8
        ).fit(returns)
        region = found.uncertainty_set_
        assert region.geometry.shape == (16, 10)
        joint = JointReturns.of(found.prior_estimator_.comparison_)
        centre = found.prior_estimator_.return_distribution_.covariance
        vectors = (joint.covariances() - centre).reshape(-1, 16)
        inside = np.linalg.norm(np.linalg.pinv(region.geometry) @ vectors.T, axis=0)
        assert np.mean(inside <= region.radius) == pytest.approx(0.8, abs=0.001)

    def test_conventions(self):
        for kind in (PosteriorMuUncertaintySet, PosteriorCovarianceUncertaintySet):
            estimator = kind(PosteriorPrior(samples=33), confidence_level=0.7)
            copy = clone(estimator).set_params(prior_estimator__samples=44)
            assert copy.get_params()["prior_estimator__samples"] == 44
            assert estimator.prior_estimator.samples == 33
            assert copy.confidence_level == 0.7

    @pytest.mark.parametrize("kind", [PosteriorMuUncertaintySet, PosteriorCovarianceUncertaintySet])
    def test_bad_parameters(self, kind, returns):
        with pytest.raises(ValueError, match="confidence_level must be between 0 and 1"):
            kind(PosteriorPrior(**QUICK), confidence_level=1.0).fit(returns)
        from skfolio.prior import EmpiricalPrior

        with pytest.raises(TypeError, match="PosteriorPrior"):
            kind(EmpiricalPrior()).fit(returns)


class TestMeanRisk:
    def test_least_variance_is_that_of_the_predictive_covariance(self, prior, returns):
        model = MeanRisk(
            prior_estimator=PosteriorPrior(samples=500, random_state=1),
            min_weights=-1.0, max_weights=1.0,
        ).fit(returns)  # fmt: skip
        inverse = np.linalg.solve(prior.return_distribution_.covariance, np.ones(4))
        np.testing.assert_allclose(model.weights_, inverse / inverse.sum(), atol=2e-3)

    def test_cvar_is_that_of_the_predictive_draws(self, prior, returns):
        """No other long-only weights have a smaller mean of the worst twentieth of scenarios."""
        model = MeanRisk(
            risk_measure=RiskMeasure.CVAR,
            prior_estimator=PosteriorPrior(samples=500, random_state=1),
        ).fit(returns)
        scenarios = prior.return_distribution_.returns

        def shortfall(weights):
            return -np.sort(scenarios @ weights)[:100].mean()

        least = shortfall(model.weights_)
        others = np.random.default_rng(1).dirichlet(np.ones(4), 300)
        assert all(shortfall(weights) > least - 1e-7 for weights in others)
        empirical = MeanRisk(risk_measure=RiskMeasure.CVAR).fit(returns)
        assert not np.allclose(model.weights_, empirical.weights_, atol=1e-3)

    def test_robust_means_lean_towards_what_is_known(self, returns):
        prior = PosteriorPrior(**QUICK)
        utility = {
            "objective_function": ObjectiveFunction.MAXIMIZE_UTILITY,
            "prior_estimator": prior,
            "risk_aversion": 1.0,
        }
        plain = MeanRisk(**utility).fit(returns)
        robust = MeanRisk(
            **utility, mu_uncertainty_set_estimator=PosteriorMuUncertaintySet(prior)
        ).fit(returns)
        covariance = robust.prior_estimator_.return_distribution_.covariance
        assert robust.weights_ @ covariance @ robust.weights_ < (
            plain.weights_ @ covariance @ plain.weights_
        )
        np.testing.assert_allclose(robust.weights_.sum(), 1.0)

    def test_robust_covariance(self, returns):
        prior = PosteriorPrior(**QUICK)
        model = MeanRisk(
            prior_estimator=prior,
            covariance_uncertainty_set_estimator=PosteriorCovarianceUncertaintySet(prior),
        ).fit(returns)
        assert model.weights_.sum() == pytest.approx(1.0)
        assert np.isfinite(model.weights_).all()

    @pytest.mark.parametrize("measure", [RiskMeasure.VARIANCE, RiskMeasure.CVAR])
    def test_walk_forward(self, returns, measure):
        """Each window's weights are those of its own past: cutting off the future moves none."""
        model = MeanRisk(risk_measure=measure, prior_estimator=PosteriorPrior(**QUICK))
        walk = WalkForward(train_size=250, test_size=40)
        whole = cross_val_predict(model, returns, cv=walk)
        cut = cross_val_predict(model, returns.iloc[:-50], cv=walk)
        assert len(whole) == 3
        assert np.isfinite(whole.returns).all()
        for mine, other in zip(whole, cut, strict=False):
            np.testing.assert_array_equal(mine.weights, other.weights)
        alone = clone(model).fit(returns.iloc[:250])
        np.testing.assert_array_equal(next(iter(whole)).weights, alone.weights_)

    def test_in_a_pipeline(self, returns):
        doubled = pd.concat([returns, returns[["KO"]].rename(columns={"KO": "copy"})], axis=1)
        doubled["copy"] += 1e-5 * np.random.default_rng(1).normal(size=len(doubled))
        pipeline = Pipeline(
            [
                ("select", DropCorrelated(threshold=0.95)),
                ("optimise", MeanRisk(prior_estimator=PosteriorPrior(**QUICK))),
            ]
        )
        found = cross_val_predict(pipeline, doubled, cv=WalkForward(train_size=250, test_size=60))
        assert np.isfinite(found.returns).all()
        pipeline.fit(doubled)
        assert pipeline["optimise"].weights_.shape == (4,)
