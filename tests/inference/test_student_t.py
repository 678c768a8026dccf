from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference import independence, student_t
from puffin.inference.settings import Settings
from puffin.inference.student_t import LocationScalePrior, sample_student_t

PRIOR = LocationScalePrior(2.0, 2.0, 10.0, 0.3)


NUMBERS = (2.0, 2.0, 10.0)


def settings(draws=2000, chains=4, cores=None, seed=1):
    return Settings(draws, 0, chains, cores, seed, False)


def log_density_twin(point, x, *, autoregressive):
    """The log-density from SciPy's distributions, with its constants."""
    mu, sigma, nu = point[0], np.exp(point[1]), 2.0 + point[2] ** 2.5
    errors, jacobian = x - mu, point[1] + np.log(2.5 * point[2] ** 1.5)
    prior = (
        stats.norm(0, 2).logpdf(mu)
        + stats.halfnorm(0, 2).logpdf(sigma)
        + stats.expon(0, 10).logpdf(nu - 2)
    )
    if autoregressive:
        rho = np.tanh(point[3])
        errors = errors[1:] - rho * errors[:-1]
        prior += stats.truncnorm(-1 / 0.3, 1 / 0.3, 0, 0.3).logpdf(rho)
        jacobian += np.log1p(-(rho**2))
    return stats.t(nu, 0, sigma).logpdf(errors).sum() + prior + jacobian


@pytest.mark.parametrize("size", [5, 64, 200])
def test_densities_match_their_twin_up_to_a_constant(size):
    stream = np.random.default_rng(1)
    x = stream.standard_t(3, size)
    points = stream.normal(size=(30, 4)) * [0.5, 0.5, 0.3, 0.4] + [0, 0, 1.5, 0]
    for autoregressive in (False, True):
        if autoregressive:
            ours = student_t.log_density_ar1(points, x, *NUMBERS, 0.3)
        else:
            ours = student_t.log_density_independent(points[:, :3].copy(), x, *NUMBERS)
        twin = [log_density_twin(point, x, autoregressive=autoregressive) for point in points]
        np.testing.assert_allclose(np.ptp(ours - twin), 0.0, atol=1e-8)


def test_nu_below_two_has_no_density():
    x = np.array([1.0, -1.0, 0.5])
    points = np.array([[0.0, 0.0, -0.1, 0.0]])
    assert student_t.log_density_independent(points[:, :3].copy(), x, *NUMBERS)[0] == -np.inf
    assert student_t.log_density_ar1(points, x, *NUMBERS, 0.3)[0] == -np.inf


def test_posterior_of_two_observations_is_that_of_a_grid():
    """Brute force: mean and sd of mu and log sigma by three-dimensional quadrature."""
    x = np.array([0.3, -1.1])
    mu, log_sigma, root = (
        np.linspace(-8, 8, 161),
        np.linspace(-6, 2.5, 120),
        np.linspace(0.02, 6, 80),
    )
    grid = np.stack(np.meshgrid(mu, log_sigma, root, indexing="ij"), -1).reshape(-1, 3)
    weights = np.exp(student_t.log_density_independent(grid, x, *NUMBERS))
    weights /= weights.sum()
    draws = sample_student_t(x, PRIOR, settings(20_000), autoregressive=False).variables
    for column, values in ((0, draws["mu"]), (1, np.log(draws["sigma"]))):
        mean = weights @ grid[:, column]
        sd = np.sqrt(weights @ (grid[:, column] - mean) ** 2)
        # Effective draws are at least a quarter of 80,000: 5 standard errors, and the grid's own.
        assert abs(values.mean() - mean) < 5 * sd / np.sqrt(20_000) + 0.005
        assert abs(values.std() / sd - 1) < 0.05


@pytest.mark.parametrize("nu", [2.05, 3.0, 50.0])
@pytest.mark.parametrize("size", [5, 30, 1000])
@pytest.mark.parametrize("autoregressive", [False, True])
def test_independence_sampler_suffices(nu, size, autoregressive):
    x = stats.t(nu).rvs(size, random_state=int(size * nu))
    draws = sample_student_t(x / x.std(), PRIOR, settings(), autoregressive=autoregressive)
    assert draws.method == "independence Metropolis"
    assert draws.report["acceptance"] > 0.4


@pytest.mark.parametrize("seed", range(8))
def test_independence_sampler_suffices_for_an_index(seed, sp500_returns):
    """Its nu is close to 2, where the posterior of nu is cut off."""
    x = sp500_returns.to_numpy()[-1000:]
    draws = sample_student_t(x / x.std(), PRIOR, settings(5000, seed=seed), autoregressive=False)
    assert draws.method == "independence Metropolis"


def test_random_walk_takes_over_and_agrees(monkeypatch):
    x = np.random.default_rng(3).standard_t(4, 100)
    direct = sample_student_t(x, PRIOR, settings(5000), autoregressive=False)
    monkeypatch.setattr(independence, "trustworthy", lambda *_: False)
    walked = sample_student_t(x, PRIOR, settings(5000), autoregressive=False)
    assert walked.method == "random-walk Metropolis"
    from tests.agreement import assert_agree

    assert_agree(walked.variables, direct.variables)


def test_draws_do_not_depend_on_cores():
    x = np.random.default_rng(4).standard_t(4, 200)
    one, many = (
        sample_student_t(x, PRIOR, settings(500, cores=cores), autoregressive=False)
        for cores in (1, 4)
    )
    for name, values in one.variables.items():
        np.testing.assert_array_equal(values, many.variables[name])
