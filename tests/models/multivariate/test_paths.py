"""What comes next: simulated returns are those of the distribution that is worked out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm, t

from tests.models.multivariate.worlds import fit

LAWS = pytest.mark.parametrize("law", ["normal", "student"])
WEIGHTS = {"A": 0.5, "B": 0.3, "D": -0.2}


def test_portfolios_weigh_the_same_draws():
    model = fit()
    joint, portfolio = model.predictive(3), model.portfolio(WEIGHTS).predictive(3)
    assert joint.draws.shape == (2, 150, 3, 4)
    weights = np.array([0.5, 0.3, 0.0, -0.2])
    np.testing.assert_allclose(portfolio.draws, joint.draws @ weights, rtol=1e-12)
    np.testing.assert_allclose(portfolio.location, joint.location @ weights, rtol=1e-9)


@LAWS
def test_simulated_returns_are_standard_normal_given_each_draw(law):
    """300 draws of four assets' sums: mean and spread within five standard errors (6e-7 each)."""
    joint = fit(law).predictive(4)
    errors = (joint.draws.sum(axis=2) - joint.location) / joint.spread
    count = errors.shape[0] * errors.shape[1]
    assert np.all(np.abs(errors.mean(axis=(0, 1))) < 5 / np.sqrt(count))
    assert np.all(np.abs(errors.var(axis=(0, 1)) - 1) < 5 * np.sqrt(2 / count))


@LAWS
def test_variance_is_that_of_the_covariance_forecast(law):
    model = fit(law)
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


def test_student_errors_to_come():
    """An asset's error over the root of its variance is t: 1,200 probabilities are uniform."""
    model = fit("student")
    paths = model.fitted.paths(2)
    assert np.all(model.fitted.draws.nu > 2.0)
    mixing = (paths.mixed / paths.variances)[..., :4]
    np.testing.assert_array_equal((paths.mixed / paths.variances)[..., 4:], 1.0)
    errors = np.sqrt(mixing) * np.random.default_rng(1).standard_normal(mixing.shape)
    nu = model.fitted.draws.nu[:, :, None]
    uniform = t.cdf(errors * np.sqrt(nu / (nu - 2.0)), nu)
    count = uniform.size
    for power in (1, 2, 3):
        mean, sd = 1 / (power + 1), np.sqrt(1 / (2 * power + 1) - 1 / (power + 1) ** 2)
        assert abs((uniform**power).mean() - mean) < 4.4 * sd / np.sqrt(count)


def test_log_density_of_student_errors():
    """Against a sum over a grid of the factor, draw by draw: within 4.5 errors (7e-6)."""
    model, returned = fit("student"), np.array([0.03, -0.02, np.nan, 0.01])
    paths = model.fitted.paths(1)
    logs = paths._student_densities(0, returned)
    m, nu = paths.draws.mean.reshape(-1, 4), paths.draws.nu.reshape(-1, 4)
    B, v = paths.draws.loadings.reshape(-1, 4), paths.variances.reshape(-1, 5)
    grid = np.linspace(-8.0, 8.0, 801)
    factor = grid[:, None] * np.sqrt(v[:, 4])
    density = norm.pdf(grid)[:, None] * (grid[1] - grid[0])
    for i in (0, 1, 3):
        scale = np.sqrt(v[:, i] * (nu[:, i] - 2.0) / nu[:, i])
        density = density * t.pdf(returned[i] - m[:, i] - factor * B[:, i], nu[:, i], 0.0, scale)
    exact = density.sum(axis=0)
    ratios = np.exp(logs) / exact
    assert abs(ratios.mean() - 1.0) < 4.5 * ratios.std() / np.sqrt(ratios.size)
    assert ratios.std() < 0.5
    found = model.log_predictive_density(returned[None])
    np.testing.assert_allclose(found, np.log(np.exp(logs).mean()))
