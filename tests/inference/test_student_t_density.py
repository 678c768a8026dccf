"""The log-likelihood of Student-t errors against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.student_t_density import student_t_log_likelihood, sum_log1p
from tests.inference.calling import called


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("factor", [1e-12, 0.3, 1e6, 1e30])
def test_sum_log1p_matches_its_twin(size, factor):
    x = np.random.default_rng(size).standard_cauchy(size) ** 2
    np.testing.assert_allclose(
        called(sum_log1p)(x, factor), np.log1p(factor * x).sum(), rtol=1e-12, atol=1e-15 * size
    )


@pytest.mark.parametrize("dimension", [1, 3])
def test_student_t_log_likelihood_matches_scipy(dimension):
    errors = np.random.default_rng(1).normal(size=(50, dimension))
    nu, log_scale = 3.7, -0.4
    twin = stats.multivariate_t(np.zeros(dimension), np.exp(2 * log_scale) * np.eye(dimension), nu)
    ours = called(student_t_log_likelihood)((errors**2).sum(axis=1), log_scale, nu, dimension)
    np.testing.assert_allclose(ours, twin.logpdf(errors).sum(), rtol=1e-12)
