"""The posterior in skfolio's optimisers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from skfolio import RiskMeasure
from skfolio.model_selection import WalkForward, cross_val_predict
from skfolio.optimization import MeanRisk, ObjectiveFunction
from skfolio.pre_selection import DropCorrelated
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from puffin.portfolio import (
    PosteriorCovarianceUncertaintySet,
    PosteriorMuUncertaintySet,
    PosteriorPrior,
)

QUICK = {"samples": 150, "n_scenarios": 400, "random_state": 1}


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
