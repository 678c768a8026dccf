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


@pytest.mark.parametrize("value", [1e8, 1e12])
def test_with_many_degrees_of_freedom_it_is_normal(value):
    x = X[np.abs(X) < 10.0]
    np.testing.assert_allclose(
        LAW.log_density(x, nu(value)), Normal().log_density(x, {}), rtol=1e-4 * 1e8 / value + 1e-9
    )
    np.testing.assert_allclose(LAW.cdf(x, nu(value)), Normal().cdf(x, {}), rtol=1e-6)
    np.testing.assert_allclose(
        LAW.tail_expectation(x, nu(value)), Normal().tail_expectation(x, {}), rtol=2e-5
    )


def test_with_two_degrees_of_freedom_nearly_all_errors_are_small():
    """Of variance one, the law of nu near 2 is a peak at zero and very rare, very large errors."""
    shape = nu(2.0 + 1e-8)
    assert LAW.cdf(0.01, shape) - LAW.cdf(-0.01, shape) > 0.999
    assert LAW.tail_expectation(0.0, shape) == pytest.approx(0.0, abs=1e-3)
    assert np.isfinite(LAW.log_density(np.array([0.0, 1e-6, 1e3]), shape)).all()


def test_moments_do_not_exist_where_tails_are_too_fat():
    shape = nu([2.5, 3.0, 3.5, 4.0, 5.0, 10.0])
    np.testing.assert_array_equal(LAW.skewness(shape), [np.nan, np.nan, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(
        LAW.excess_kurtosis(shape), [np.inf, np.inf, np.inf, np.inf, 6.0, 1.0]
    )
