"""Regressions are calibrated: see `tests/calibration.py`."""

from __future__ import annotations

import pytest

from puffin.models.bayesian import BayesianLinearRegression, RegressionPriors
from tests.calibration import SCALE, assert_uniform, ranks

pytestmark = [
    pytest.mark.calibration,
    pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning"),
]


@pytest.mark.parametrize("likelihood", ["normal", "student"])
@pytest.mark.parametrize("shape", [(12, 2), (4, 6)], ids=["12 x 2", "4 x 6"])
def test_regression(likelihood, shape):
    observations, features = shape
    names = [f"x{j}" for j in range(features)]
    student = likelihood == "student"

    def simulate(stream):
        X = stream.normal(size=shape)
        alpha, beta, sigma = stream.normal(), stream.normal(size=features), abs(stream.normal())
        nu = 2 + stream.exponential(10)
        errors = (
            stream.standard_t(nu, observations) if student else stream.normal(size=observations)
        )
        truth = {
            "alpha": alpha * SCALE,
            "sigma": sigma * SCALE,
            **dict(zip(names, beta, strict=True)),
        }
        y = (alpha + X @ beta + sigma * errors) * SCALE
        return truth | ({"nu": nu} if student else {}), (X * SCALE, y)

    def sample(data, seed):
        model = BayesianLinearRegression(
            likelihood=likelihood, priors=RegressionPriors(scale=SCALE)
        ).fit(*data, samples=600 if student else 60, tune=300, chains=2, cores=1, random_seed=seed)
        return model._scalars()

    assert_uniform(ranks(simulate, sample, replicates=400, seed=[4, features]))
