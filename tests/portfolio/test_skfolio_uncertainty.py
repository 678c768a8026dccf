"""What the posterior does not know, as skfolio takes it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from puffin.portfolio import (
    JointReturns,
    PosteriorCovarianceUncertaintySet,
    PosteriorMuUncertaintySet,
    PosteriorPrior,
)

QUICK = {"samples": 150, "n_scenarios": 400, "random_state": 1}


class TestUncertainty:
    @pytest.mark.slow
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
