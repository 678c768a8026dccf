"""Many integrals at once against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.inference.quadrature import essential_nodes


def test_moments_of_normals_wide_and_narrow():
    mean, sd = np.array([0.0, -7.0, 3.0, 9.9]), np.array([1.0, 1e-3, 5.0, 0.1])

    def log_density(x):
        return stats.norm.logpdf(x, mean[:, None], sd[:, None])

    nodes, weights = essential_nodes(log_density, -10.0, 10.0, 4, 40)
    assert nodes.shape == weights.shape == (4, 40)
    mass = weights * np.exp(log_density(nodes))
    inside = stats.truncnorm((-10 - mean) / sd, (10 - mean) / sd, mean, sd)
    whole = stats.norm.cdf(10, mean, sd) - stats.norm.cdf(-10, mean, sd)
    np.testing.assert_allclose(mass.sum(axis=1), whole, rtol=1e-6)
    found = (mass * nodes).sum(axis=1) / mass.sum(axis=1)
    np.testing.assert_allclose(found, inside.mean(), atol=1e-6)


def test_a_density_of_nothing_is_an_error():
    with pytest.raises(SamplingError, match="zero or undefined"):
        essential_nodes(lambda x: np.full(x.shape, np.nan), 0.0, 1.0, 1, 5)
