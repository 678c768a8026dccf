"""The density of the return to come."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.laws import Normal, StudentT
from puffin.models.volatility.next_return import log_density


@pytest.mark.parametrize("value", [0.0, -0.03, 2.0])
def test_density_is_that_of_normal_and_t(value):
    stream = np.random.default_rng(1)
    h, mean = stream.normal(-8, 2, (2, 5)), stream.normal(0, 0.01, (2, 5))
    nu = stream.uniform(2.1, 20.0, (2, 5))
    sd = np.exp(0.5 * h)
    normal = log_density(value, {"h_next": h, "mean": mean}, Normal())
    np.testing.assert_allclose(normal, stats.norm.logpdf(value, mean, sd), rtol=1e-12)
    student = log_density(value, {"h_next": h, "mean": mean, "nu": nu}, StudentT())
    exact = stats.t.logpdf(value, nu, mean, sd * np.sqrt((nu - 2) / nu))
    np.testing.assert_allclose(student, exact, rtol=1e-10)
    no_mean = log_density(value, {"h_next": h}, Normal())
    np.testing.assert_allclose(no_mean, stats.norm.logpdf(value, 0.0, sd), rtol=1e-12)
