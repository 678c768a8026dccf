"""The limits of the asymmetric Student-t, exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.kernels import kernel_of
from puffin.compiling.lanes import LANES, load, store
from puffin.laws import AsymmetricT, StudentT

LAW, PARTS = AsymmetricT(), None
FAR_POINTS = np.array([-30.0, -9.0, -2.5, -0.7, 0.0, 0.4, 3.0, 30.0])
FAR_SCORES = (
    ((0.8, 4.5, 9.0), (
        -4.6803986699774, -3.4836714141923, -2.0162630751788, -0.89150493079481,
        -0.20014629789808, 0.29611812852935, 3.6861201340607, 7.4116303452603,
    )),
    ((-0.6, 2.001, 30.0), (
        -4.8725100179704, -4.3724773916022, -3.773983414584, -3.0750850711065,
        -0.041191648800348, 4.9357990231585, 11.218031640732, 16.205261338514,
    )),
    ((0.3, 200.0, 3.5), (
        -18.963465224969, -8.7017477994662, -2.6844124656614, -0.76440221164279,
        0.027094112444147, 0.50537952583487, 2.3935046739439, 4.5201067349377,
    )),
    ((1.0, 2.1, 200.0), (
        -3.9658058721153, -3.3262318684281, -2.5388582624858, -1.6735788804654,
        -0.43924208236743, 1.9395864427773, 18.16584540905, 35.190640347871,
    )),
)  # fmt: skip
"""Shape, and the normal score at each of those points, to 14 digits by mpmath."""


POINTS = np.array([-30.0, -4.0, -1.2, -0.1, 0.0, 0.4, 2.0, 15.0])


def shape(asymmetry, nu_left, nu_right):
    return {
        "asymmetry": np.array(asymmetry),
        "nu_left": np.array(nu_left),
        "nu_right": np.array(nu_right),
    }


def _score(rows, x, table, out):
    constants = PARTS.prepare(rows, 0, LANES)
    PARTS.tabulate(constants, table)
    store(out, 0, PARTS.normal_score(constants, table, load(x, 0)))


@pytest.mark.parametrize(("values", "scores"), FAR_SCORES)
def test_normal_scores_far_out(values, scores):
    np.testing.assert_allclose(LAW.normal_score(FAR_POINTS, shape(*values)), scores, atol=1e-10)
    out, rows = np.empty(LANES), np.repeat(np.array(values)[:, None], LANES, axis=1)
    score = kernel_of(_score, "asymmetric_score", PARTS=LAW.parts)
    score(rows, FAR_POINTS, np.empty((32, LANES)), out)
    np.testing.assert_allclose(out, scores, rtol=1e-10, atol=2e-10)


def test_normal_scores_go_on_where_probabilities_are_zero():
    """The score's slope is the ratio of the densities, on either side of underflow too."""
    x, thin = np.linspace(30.0, 60.0, 301), shape(-2.0, 900.0, 900.0)
    scores = LAW.normal_score(-x, thin)
    assert LAW.cdf(-x, thin)[-1] == 0.0
    assert (np.diff(scores) < 0.0).all()
    slope = np.gradient(scores, -x)[1:-1]
    exact = LAW.log_density(-x, thin) - stats.norm.logpdf(scores)
    np.testing.assert_allclose(np.log(slope), exact[1:-1], atol=1e-4)


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
    """The mean is 0, and the median on the other side of it."""
    assert LAW.quantile(0.5, shape(0.5, 8.0, 8.0)) > 0.0 > LAW.quantile(0.5, shape(-0.5, 8.0, 8.0))
    assert LAW.quantile(0.5, shape(0.0, 4.0, 30.0)) > 0.0
