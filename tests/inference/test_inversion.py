"""Draws by inversion against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.inversion import essential_grid, invert


@pytest.mark.parametrize("shape", [0.7, 3.0, 1e4])
def test_inversion_is_accurate(shape):
    law = stats.gamma(shape)

    def log_density(log_x):
        return law.logpdf(np.exp(log_x)) + log_x

    grid = essential_grid(log_density, -60.0, 20.0)
    probabilities = np.linspace(1e-5, 1 - 1e-5, 5001)
    quantiles = np.exp(invert(grid, log_density(grid), probabilities))
    np.testing.assert_allclose(law.cdf(quantiles), probabilities, atol=1e-7)


def test_inversion_of_a_density_that_ends_abruptly():
    grid = essential_grid(lambda x: -1000.0 * x, 0.0, 10.0)
    quantiles = invert(grid, -1000.0 * grid, np.array([0.0, 0.5, 0.9]))
    np.testing.assert_allclose(quantiles, -np.log1p(-np.array([0.0, 0.5, 0.9])) / 1000.0, rtol=1e-4)
