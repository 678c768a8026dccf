"""The log marginal likelihood: brute force, its error, and what it says of models.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.latent_ar1 import sampler
from puffin.laws import LAWS
from puffin.models.stochastic_vol import VolatilityPriors
from tests.models.volatility.fitting import fit, force_local_moves, simulated
from tests.models.volatility.kinds import ALL_AT_LENGTH

FALSE_ALARM = 1e-4


def prior_evidence(y, priors, distribution, leverage, size=400_000):
    """Log p(y), the mean likelihood of draws from the prior, and its standard error."""
    stream = np.random.default_rng(10)
    mean = priors.mean_sd * stream.standard_normal(size)
    mu = priors.mu_sd * stream.standard_normal(size)
    phi = 2 * stream.beta(priors.phi_a, priors.phi_b, size) - 1
    sigma = priors.sigma_sd * np.abs(stream.standard_normal(size))
    rho = 2 * stream.beta(priors.rho_a, priors.rho_b, size) - 1 if leverage else np.zeros(size)
    nu, other_nu = 2 + stream.exponential(priors.nu_mean, (2, size))
    lean = priors.asymmetry_sd * stream.standard_normal(size)
    shape = {"asymmetry": lean, "nu_left": nu, "nu_right": other_nu}
    h = mu + sigma / np.sqrt(1 - phi**2) * stream.standard_normal(size)
    total = np.zeros(size)
    # A few log-variances in a million are beyond what a float can hold, and what matters.
    for t, value in enumerate(y):
        eta = stream.standard_normal(size)
        r = rho if t + 1 < len(y) else np.zeros(size)
        sd = np.exp(0.5 * np.clip(h, -200.0, 200.0))
        if distribution == "student" and leverage:
            sd = sd * np.sqrt(0.5 * (nu - 2) / stream.standard_gamma(0.5 * nu))
        if not np.isnan(value):
            if distribution == "asymmetric":
                law, error = LAWS["asymmetric"], (value - mean) / sd
                total += law.log_density(error, shape) - np.log(sd)
                if leverage:
                    z = law.normal_score(error, shape)
                    given = stats.norm.logpdf(z, r * eta, np.sqrt(1 - r**2))
                    total += given - stats.norm.logpdf(z)
            elif distribution == "student" and not leverage:
                total += stats.t.logpdf(value, nu, mean, sd * np.sqrt((nu - 2) / nu))
            else:
                error = (value - mean) / sd - r * eta
                total += -0.5 * error**2 / (1 - r**2) - np.log(sd * np.sqrt(2 * np.pi * (1 - r**2)))
        h = mu + phi * (h - mu) + sigma * eta
    weights = np.exp(total - total.max())
    error = weights.std() / weights.mean() / np.sqrt(size)
    return np.log(weights.mean()) + total.max(), error


@ALL_AT_LENGTH
def test_marginal_likelihood(distribution, leverage):
    """Six returns, one missing, against the mean likelihood of 400,000 draws of the prior.

    In fractions of the unit that these are in.
    """
    y = np.array([0.5, -1.2, np.nan, 2.0, 0.1, -0.4])
    exact, exact_error = prior_evidence(y, VolatilityPriors(mu_sd=1.0), distribution, leverage)
    scale = 0.02
    priors = VolatilityPriors(scale=scale, mu_sd=1.0)
    model = fit(scale * y, distribution, leverage, 3000, priors=priors, missing="skip")
    ours = model.log_marginal_likelihood
    error = np.hypot(ours.error, exact_error)
    assert error < 0.02
    z = (ours.value + 5 * np.log(scale) - exact) / error
    assert abs(z) < stats.norm.isf(FALSE_ALARM / 16)


@pytest.mark.slow
@pytest.mark.parametrize(("distribution", "leverage"), [("normal", False), ("student", True)])
def test_error_of_the_evidence_is_its_spread(distribution, leverage):
    """Over twenty seeds: squares of distances from their mean, in stated errors, chi-squared."""
    y = simulated(60, 8, mu=0.0, phi=0.95, sigma=0.3, nu=6.0, rho=-0.4)
    found = [
        fit(y, distribution, leverage, 300, random_seed=seed).log_marginal_likelihood
        for seed in range(20)
    ]
    values, errors = np.array(found).T
    total = np.sum((values - np.average(values, weights=errors**-2)) ** 2 / errors**2)
    assert stats.chi2.ppf(FALSE_ALARM / 4, 19) < total < stats.chi2.isf(FALSE_ALARM / 4, 19)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_evidence_does_not_take_independent_draws(monkeypatch):
    """Where chains of proposals are not relied on, their weights have the evidence all the same."""
    y = simulated(80, 8, mu=0.0, phi=0.95, sigma=0.3, nu=6.0)
    independent = fit(y, "student", samples=2000).log_marginal_likelihood
    force_local_moves(monkeypatch)
    local = fit(y, "student", samples=500, tune=100, random_seed=2)
    assert local.method == sampler.LOCAL_MOVES
    found = local.log_marginal_likelihood
    error = np.hypot(found.error, independent.error)
    assert error < 0.1
    assert abs(found.value - independent.value) < stats.norm.isf(FALSE_ALARM / 2) * error


def test_wrong_model_has_less_evidence():
    y = simulated(600, 11, mu=0.0, phi=0.95, sigma=0.3, nu=4.0)
    normal, student = (
        fit(y, d, samples=500).log_marginal_likelihood for d in ("normal", "student")
    )
    assert student.value - normal.value > 3.0
