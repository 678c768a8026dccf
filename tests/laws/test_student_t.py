from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.laws import Normal, StudentT

LAW = StudentT()
X = np.array([-30.0, -2.0, 0.0, 0.5, 8.0])
PROBS = np.array([1e-6, 0.01, 0.5, 0.9])


def nu(value):
    return {"nu": np.array(value)}


@pytest.mark.parametrize("value", [2.0 + 1e-6, 2.5, 30.0, 1e4])
def test_it_is_scipys_t_scaled_to_variance_one(value):
    twin = stats.t(value, scale=np.sqrt((value - 2.0) / value))
    np.testing.assert_allclose(LAW.log_density(X, nu(value)), twin.logpdf(X), rtol=1e-9)
    np.testing.assert_allclose(LAW.cdf(X, nu(value)), twin.cdf(X), rtol=1e-9)
    np.testing.assert_allclose(LAW.quantile(PROBS, nu(value)), twin.ppf(PROBS), rtol=1e-9)


@pytest.mark.parametrize("value", [1e8, 1e12, 1e16])
def test_with_many_degrees_of_freedom_it_is_normal(value):
    """The difference is of the order x^4 / nu, relative."""
    x, far = X[np.abs(X) < 10.0], 1e4 / value + 1e-12
    for name in ("log_density", "cdf", "tail_expectation"):
        ours, normal = getattr(LAW, name)(x, nu(value)), getattr(Normal(), name)(x, {})
        np.testing.assert_allclose(ours, normal, rtol=far, err_msg=name)


def test_the_constant_has_no_step_where_its_series_begins():
    values = 2.0 * 5e3 * np.array([0.5, 1.0 - 1e-12, 1.0 + 1e-12, 2.0])
    twin = stats.t(values, scale=np.sqrt((values - 2.0) / values))
    np.testing.assert_allclose(LAW.log_density(0.5, nu(values)), twin.logpdf(0.5), atol=1e-10)


def test_with_two_degrees_of_freedom_nearly_all_errors_are_small():
    """Of variance one, the law of nu near 2 is a peak at zero and very rare, very large errors."""
    shape = nu(2.0 + 1e-8)
    assert LAW.cdf(0.01, shape) - LAW.cdf(-0.01, shape) > 0.999
    assert LAW.tail_expectation(0.0, shape) == pytest.approx(0.0, abs=1e-3)
    assert np.isfinite(LAW.log_density(np.array([0.0, 1e-6, 1e3]), shape)).all()
