"""When returns jumped: probabilities that are right as often as they say."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from puffin.models.stochastic_vol import SVWithJumps, VolatilityPriors

EDGES = (0.0, 0.02, 0.2, 0.6, 1.0)
FALSE_ALARM = 1e-5


def simulate(stream, n_times, priors, rho):
    """Draw parameters from their priors, and returns; say when these jumped, and how far."""
    mean, mu = stream.normal(0.0, priors.mean_sd), stream.normal()
    phi = 2.0 * stream.beta(priors.phi_a, priors.phi_b) - 1.0
    sigma, kappa = abs(stream.normal(0.0, priors.sigma_sd)), stream.beta(2.0, 30.0)
    jump_mean = stream.normal(0.0, priors.jump_mean_sd)
    jump_sd = priors.jump_sd_median * np.exp(priors.jump_sd_spread * stream.normal())
    h = mu + sigma / np.sqrt(1.0 - phi**2) * stream.normal()
    y, jumps = np.empty(n_times), stream.random(n_times) < kappa
    sizes = jump_mean + jump_sd * stream.standard_normal(n_times)
    for t in range(n_times):
        shock, other = stream.standard_normal(2)
        y[t] = mean + np.exp(0.5 * h) * shock + jumps[t] * sizes[t]
        h = mu + phi * (h - mu) + sigma * (rho * shock + np.sqrt(1.0 - rho**2) * other)
    return y, jumps, sizes


def by_weighted_draws_of_the_prior(stream, y, priors, student, leverage, n=400_000):
    """Return jump probabilities and expected sizes with their errors, shape (n_times,) each.

    Given the mixing variable and both shocks of its time a return is a normal mixture: parameters,
    log-variances and mixing variables are drawn from their priors, and weighed by the returns.
    """
    mean, mu = priors.mean_sd * stream.standard_normal(n), priors.mu_sd * stream.standard_normal(n)
    phi = 2.0 * stream.beta(priors.phi_a, priors.phi_b, n) - 1.0
    sigma = np.abs(priors.sigma_sd * stream.standard_normal(n))
    rho = 2.0 * stream.beta(priors.rho_a, priors.rho_b, n) - 1.0 if leverage else np.zeros(n)
    nu = 2.0 + priors.nu_mean * stream.standard_exponential(n)
    kappa = stream.beta(priors.kappa_a, priors.kappa_b, n)
    m = priors.jump_mean_sd * stream.standard_normal(n)
    s = priors.jump_sd_median * np.exp(priors.jump_sd_spread * stream.standard_normal(n))
    h = mu + sigma / np.sqrt(1.0 - phi**2) * stream.standard_normal(n)
    log_weight, shares, sizes = np.zeros(n), [], []
    for t, value in enumerate(y):
        eta = stream.standard_normal(n)
        tau = 0.5 * (nu - 2.0) / stream.standard_gamma(0.5 * nu) if student else np.ones(n)
        tied = rho if t < len(y) - 1 else 0.0 * rho
        own = (1.0 - tied**2) * tau * np.exp(h)
        rest = value - mean - tied * eta * np.sqrt(tau) * np.exp(0.5 * h)
        quiet = (1.0 - kappa) * stats.norm.pdf(rest, 0.0, np.sqrt(own))
        jumping = kappa * stats.norm.pdf(rest, m, np.sqrt(own + s**2))
        log_weight += np.log(quiet + jumping)
        shares.append(jumping / (quiet + jumping))
        sizes.append(m + s**2 / (own + s**2) * (rest - m))
        h = mu + phi * (h - mu) + sigma * eta
    weights = np.exp(log_weight - log_weight.max())
    return ratio(weights, np.array(shares)), ratio(weights * np.array(shares), np.array(sizes))


def ratio(weights, values):
    """Return a weighted mean along the last axis, and its standard error."""
    weights = weights / weights.sum(axis=-1, keepdims=True)
    mean = (weights * values).sum(axis=-1)
    return mean, np.sqrt((weights**2 * (values - mean[:, None]) ** 2).sum(axis=-1))


@pytest.mark.slow
@pytest.mark.parametrize(("errors", "leverage"), [("normal", False), ("student", True)])
@pytest.mark.filterwarnings("ignore:returns looks like")
def test_probabilities_are_those_of_brute_force(errors, leverage):
    """Fits repeated with other seeds say what their own error is."""
    priors = VolatilityPriors(
        scale=1.0, mu_sd=0.7, phi_a=10.0, phi_b=4.0, sigma_sd=0.5, kappa_a=2.0, kappa_b=6.0,
        rho_a=2.0, rho_b=8.0,
    )  # fmt: skip
    y = np.array([0.4, -3.5, 2.0, 0.1, -2.5])
    stream = np.random.default_rng(8)
    exact = by_weighted_draws_of_the_prior(stream, y, priors, errors == "student", leverage)
    tables = np.array(
        [
            SVWithJumps(errors, leverage, priors=priors)
            .fit(y, 1000, chains=1, random_seed=seed)
            .jump_probability()
            for seed in range(32)
        ]
    )
    found, error = tables.mean(axis=0), tables.std(axis=0, ddof=1) / np.sqrt(len(tables))
    limit = stats.t.isf(0.5 * FALSE_ALARM / tables[0].size, len(tables) - 1)
    for column, (known, its_error) in enumerate(exact):
        assert np.all(its_error < 0.05)
        off = np.abs(found[:, column] - known) / np.hypot(error[:, column], its_error)
        assert np.all(off < limit)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:returns looks like")
def test_probabilities_are_calibrated():
    """Of days with a probability between two edges the share that jumped, by a binomial bound."""
    priors = VolatilityPriors(scale=1.0, mu_sd=1.0, sigma_sd=0.3, kappa_a=2.0, kappa_b=30.0)
    stream, found, truth, errors, drawn = np.random.default_rng(5), [], [], [], []
    for _ in range(25):
        y, jumps, sizes = simulate(stream, 150, priors, 0.0)
        model = SVWithJumps(priors=priors).fit(y, 600, chains=1, random_seed=1)
        table = model.jump_probability()
        found.append(table["probability"].to_numpy())
        truth.append(jumps)
        sure = jumps & (found[-1] > 0.9)
        errors.append((table["size"].to_numpy() - sizes)[sure])
        drawn.append(sizes[sure])
    probabilities, jumped = np.concatenate(found), np.concatenate(truth)
    for low, high in itertools.pairwise(EDGES):
        days = (probabilities > low) & (probabilities <= high)
        expected, count = probabilities[days].mean(), int(days.sum())
        tail = stats.binom.cdf(jumped[days].sum(), count, expected)
        assert FALSE_ALARM < tail < 1.0 - FALSE_ALARM, (low, high, jumped[days].mean(), expected)
    # Where a jump is sure, so is its size, to within the day's own move.
    assert np.concatenate(errors).std() < 0.5 * np.concatenate(drawn).std()
