"""Derivatives of a return's density in its log-variance and the shock that follows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.inference.latent_ar1 import leverage, shock_derivatives, shock_integral
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.observations import Series
from tests.inference.latent_problems import MU_SD, ROUGH_T, SMOOTH, SMOOTH_T, Problem


@pytest.mark.parametrize("theta", [SMOOTH_T, ROUGH_T])
def test_hermite_moments_are_sums_over_nodes(theta):
    problem = Problem(theta, 15, (0, 6))
    e = problem.fit(np.zeros(problem.n_dims))
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    linked = np.r_[problem.present[:-1], 0.0]
    onward = np.r_[np.ones(14), 0.0]
    x = nodes[:, None, None] * np.sqrt(e.variance)
    omega = e.innovation(theta[1]) + 0.3 * x + nodes[None, :, None] * 0.2
    values = shock_derivatives.log_terms(
        problem.y, problem.present, theta, e.centre + x, omega, linked, onward
    )
    polynomials = np.array([np.ones(3), nodes, nodes**2 - 1.0, nodes**3 - 3.0 * nodes]) * weights
    exact = np.einsum("ai,bj,ijt->abt", polynomials, polynomials, values)
    moment = np.zeros((4, 4, 15))
    error = problem.present * (problem.y - theta[0])
    shape = np.array([np.sqrt(e.variance), np.full(15, 0.3), np.full(15, 0.2)])
    constant = shock_integral.log_constant(theta[4])
    coefficients = shock_integral.log_integral_coefficients(theta[4])
    shock_derivatives._hermite_moments(
        shock_derivatives.Errors(error, problem.present, linked, onward),
        shock_derivatives.Gaussian(e.centre, e.innovation(theta[1]), *shape),
        shock_derivatives.Density(*theta[2:], constant, coefficients),
        nodes, polynomials, moment,
    )  # fmt: skip
    # The last time has no innovation, and the first and seventh no return.
    np.testing.assert_allclose(moment, exact, atol=1e-10)


def test_gaussian_errors_are_the_limit_of_student_t_errors():
    y, present = Problem(SMOOTH, 30).y, np.ones(30)
    h = 0.4 * np.random.default_rng(1).standard_normal(30)
    omega = np.append(h[1:] - 0.97 * h[:-1], 0.0)
    linked = np.r_[np.ones(29), 0.0]
    ours = shock_derivatives.log_terms(y, present, (*SMOOTH, 1e7), h, omega, linked, linked)
    eta, r = omega / 0.25, linked * -0.7
    a = (y - 0.05) * np.exp(-0.5 * h)
    k = 1.0 / (1.0 - r**2)
    exact = -0.5 * (h + k * (a - r * eta) ** 2 + linked * eta**2) + 0.5 * np.log(k / (2 * math.pi))
    np.testing.assert_allclose(ours, exact, atol=1e-5)


def test_derivatives_at_a_point_are_those_of_the_profile():
    theta, h, omega, width = (0.1, 0.95, 0.3, -0.6, 6.0), -0.2, 0.1, 4e-3
    y, present = np.array([1.4, 0.0]), np.ones(2)

    def profile(i, j):
        mean, _, sigma, rho, nu = theta
        N, k = nu + 1.0, 1.0 / (1.0 - rho**2)
        w = omega + j * width
        a = (1.4 - mean) * math.exp(-0.5 * (h + i * width))
        A, B = k * a**2 + nu - 2.0, k * rho / sigma * math.sqrt((N - 0.5 + 0.125 / N) / N) * a * w
        p = (B + math.sqrt(B**2 + 4.0 * N * A)) / (2.0 * A)
        prior = -0.5 * k * (w / sigma) ** 2 - 0.5 * (h + i * width)
        return N * math.log(p) - 0.5 * A * p**2 + B * p + prior

    stencils = {1: {1: 0.5, -1: -0.5}, 2: {1: 1, 0: -2, -1: 1}, 3: {2: 0.5, 1: -1, -1: 1, -2: -0.5}}
    stencils[0] = {0: 1}

    def difference(m, n):
        total = sum(
            a * b * profile(i, j) for i, a in stencils[m].items() for j, b in stencils[n].items()
        )
        return total / width ** (m + n)

    orders = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    signs = [1, 1, -1, -1, -1, 1, 1, 1, 1]
    ours = shock_derivatives.point_rows(y, present, theta, np.full(2, h), np.full(2, omega))
    for row, sign, order in zip(ours, signs, orders, strict=True):
        assert row[0] == pytest.approx(sign * difference(*order), rel=2e-4, abs=2e-4)


def test_expected_derivatives_agree_with_averages_of_those_of_gaussian_errors():
    """Hermite moments against the closed forms, at nu so large that the errors are Gaussian."""
    y, present = Problem(SMOOTH, 20).y, np.ones(20)
    present[4] = 0.0
    e = NormalLeverageObservations(Series(y, present, MU_SD)).fit(np.array(SMOOTH), None)
    ours = shock_derivatives.expected_rows(y, present, (*SMOOTH, 1e6), e, 5)
    closed = leverage.expected_derivatives(y, present, SMOOTH, e)
    for mine, name in zip(ours[:5], ("h", "w", "hh", "hw", "ww"), strict=True):
        np.testing.assert_allclose(mine, getattr(closed, name), atol=5e-3, rtol=5e-3)
