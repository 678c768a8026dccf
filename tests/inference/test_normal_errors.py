from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.location_scale import LocationScalePrior
from puffin.inference.normal_errors import log_density, sample_normal
from puffin.inference.settings import Settings

PRIOR = LocationScalePrior(2.0, 2.0, 0.5, 10.0, 2.5, 0.3)


def twin(point, x):
    mu, sd, errors, spread = point[0], np.exp(point[1]), x - point[0], np.exp(point[1])
    prior = stats.norm(0, 2).logpdf(mu) + stats.halfnorm(0, 2).logpdf(sd) + point[1]
    if point.size == 3:
        rho = np.tanh(point[2])
        errors, spread = errors[1:] - rho * errors[:-1], sd * np.sqrt(1 - rho**2)
        prior += stats.norm(0, 0.3).logpdf(rho) + np.log1p(-(rho**2))
    return stats.norm(0, spread).logpdf(errors).sum() + prior


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("size", [3, 200])
def test_density_matches_its_twin_up_to_a_constant(dims, size):
    stream = np.random.default_rng(1)
    x, points = stream.normal(size=size), 0.5 * stream.normal(size=(20, dims))
    gaps = log_density(points, x, PRIOR) - [twin(point, x) for point in points]
    np.testing.assert_allclose(np.ptp(gaps), 0.0, atol=1e-8)


def test_posterior_is_the_conjugate_one_where_the_prior_is_flat():
    """(mu - mean) / (s / sqrt(n)) is Student-t, up to a flat prior's power of sd."""
    x = np.random.default_rng(2).normal(0.2, 1.0, 40)
    flat = LocationScalePrior(1e6, 1e6, 0.5, 10.0, 2.5, 0.3)
    settings = Settings(5000, 0, 4, None, 1, False)
    draws = sample_normal(x, flat, settings, autoregressive=False)
    scale = np.sqrt(x.var() * 40 / 38 / 40)
    # sd has a flat density rather than 1 / sd: one degree of freedom less than n - 1.
    pivots = ((draws.variables["mu"] - x.mean()) / scale).ravel()
    assert stats.kstest(pivots[::4], stats.t(38).cdf).pvalue > 1e-6
