"""The limits of the asymmetric Student-t, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.laws import AsymmetricT, StudentT

LAW = AsymmetricT()
POINTS = np.array([-30.0, -4.0, -1.2, -0.1, 0.0, 0.4, 2.0, 15.0])


def shape(asymmetry, nu_left, nu_right):
    return {
        "asymmetry": np.array(asymmetry),
        "nu_left": np.array(nu_left),
        "nu_right": np.array(nu_right),
    }


@pytest.mark.parametrize("nu", [2.2, 4.0, 60.0])
def test_equal_sides_are_the_student_t(nu):
    ours, theirs, tails = shape(0.0, nu, nu), StudentT(), {"nu": np.array(nu)}
    for method in ("log_density", "cdf", "tail_expectation"):
        one, other = getattr(LAW, method)(POINTS, ours), getattr(theirs, method)(POINTS, tails)
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    probs = np.array([1e-6, 0.2, 0.5, 0.97])
    np.testing.assert_allclose(
        LAW.quantile(probs, ours), theirs.quantile(probs, tails), rtol=1e-10, atol=1e-13
    )
    assert LAW.excess_kurtosis(ours) == pytest.approx(theirs.excess_kurtosis(tails), rel=1e-12)


@pytest.mark.parametrize("asymmetry", [-0.7, 0.0, 0.4])
def test_infinite_tails_are_the_two_piece_normal(asymmetry):
    """With scales r and 1 about the mode: its density, from the normal's."""
    ratio = np.exp(asymmetry)
    mean = np.sqrt(2.0 / np.pi) * (1.0 - ratio)
    variance = 1.0 + ratio**2 - ratio - mean**2
    at = mean + np.sqrt(variance) * POINTS[2:-1]
    density = 2.0 / (1.0 + ratio) * stats.norm.pdf(np.where(at < 0.0, at / ratio, at))
    ours = np.exp(LAW.log_density(POINTS[2:-1], shape(asymmetry, np.inf, np.inf)))
    np.testing.assert_allclose(ours, density * np.sqrt(variance), rtol=1e-7)


def test_a_wider_left_side_leans_to_the_left():
    assert LAW.skewness(shape(0.5, 8.0, 8.0)) < 0.0 < LAW.skewness(shape(-0.5, 8.0, 8.0))
    assert LAW.skewness(shape(0.0, 4.0, 30.0)) < 0.0


def test_moments_that_do_not_exist_are_not_given():
    assert np.isnan(LAW.skewness(shape(0.0, 2.9, 9.0)))
    assert np.isinf(LAW.excess_kurtosis(shape(0.0, 9.0, 3.9)))
