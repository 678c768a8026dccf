"""Linear regression: against PyMC, and against ordinary least squares."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.data import regression_data
from benchmarks.measuring import Contestant, Job, Target
from benchmarks.rivals import PYMC, TUNE, posterior_arrays, pymc_contestants

if TYPE_CHECKING:
    from benchmarks.measuring import Draws

SAMPLES = 2_000
_NORMAL = ("alpha", "beta", "sigma")
_STUDENT = (*_NORMAL, "nu")


def _puffin(likelihood: str) -> Callable[[int], Any]:
    import puffin

    X, y = regression_data()

    def call(seed: int) -> Any:
        model = puffin.BayesianLinearRegression(likelihood=likelihood)
        return model.fit(X, y, SAMPLES, TUNE, random_seed=seed)

    return call


def _puffin_draws(model: Any) -> Draws:
    variables: Draws = model.posterior.variables
    return variables


def _pymc_models(*, student: bool) -> Callable[[int], Any]:
    from puffin import RegressionPriors
    from puffin.inference.linear_regression import RegressionPrior
    from puffin.models._pymc.linear_regression import regression_model

    X, y = regression_data()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = (y - y.mean()) / y.std()
    priors = RegressionPriors()
    prior = RegressionPrior(
        intercept_sd=priors.alpha_sd,
        coefficient_sd=priors.beta_sd,
        sigma_sd=priors.sigma_sd,
        sigma_floor=1e-6,
        tail_mean=priors.nu_mean,
    )
    return lambda _: regression_model(X, y, prior, student=student)


def _statsmodels() -> Callable[[int], Any]:
    import statsmodels.api as sm

    X, y = regression_data()

    def call(_: int) -> Any:
        fit = sm.OLS(y, sm.add_constant(X)).fit()
        return fit.params, fit.conf_int(0.06)

    return call


JOBS = (
    Job(
        "regression",
        "BayesianLinearRegression.fit: 1,000 x 5, 4 x 2,000 draws",
        (
            Contestant("Puffin", functools.partial(_puffin, "normal"), _puffin_draws),
            *pymc_contestants(
                functools.partial(_pymc_models, student=False),
                functools.partial(posterior_arrays, names=_NORMAL),
                SAMPLES,
            ),
            Contestant("statsmodels OLS, conf_int", _statsmodels, requires=("statsmodels",)),
        ),
        targets={PYMC: (Target("wall x", 1_000.0),)},
    ),
    Job(
        "regression-student",
        'BayesianLinearRegression(likelihood="student").fit: 1,000 x 5, 4 x 2,000 draws',
        (
            Contestant("Puffin", functools.partial(_puffin, "student"), _puffin_draws),
            *pymc_contestants(
                functools.partial(_pymc_models, student=True),
                functools.partial(posterior_arrays, names=_STUDENT),
                SAMPLES,
            ),
        ),
    ),
)
