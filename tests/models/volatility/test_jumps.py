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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:returns looks like")
def test_probabilities_are_calibrated():
    """Of days with a probability between two edges the share that jumped, by a binomial bound."""
    priors = VolatilityPriors(scale=1.0, mu_sd=1.0, sigma_sd=0.3, kappa_a=2.0, kappa_b=30.0)
    stream, found, truth, errors, drawn = np.random.default_rng(5), [], [], [], []
    for _ in range(40):
        y, jumps, sizes = simulate(stream, 150, priors, 0.0)
        model = SVWithJumps(priors=priors).fit(y, 300, chains=2, cores=1, random_seed=1)
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
