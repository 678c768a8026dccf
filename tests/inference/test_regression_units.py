"""A regression is the same in any units."""

from __future__ import annotations

import numpy as np

from puffin.inference.regression_units import RegressionUnits

STREAM = np.random.default_rng(1)
X, Y = 50.0 + STREAM.normal(size=(30, 2)), 7.0 + 3.0 * STREAM.normal(size=30)
UNITS = RegressionUnits(X.mean(axis=0), X.std(axis=0), float(Y.mean()), float(Y.std()))


def test_fitted_values_do_not_change():
    Z, target = UNITS.scaled(X, Y)
    alpha, beta = STREAM.normal(size=(4, 5)), STREAM.normal(size=(4, 5, 2))
    in_units = UNITS.coefficients(alpha, beta)
    scaled_fit = alpha[..., None] + beta @ Z.T
    fit = in_units[0][..., None] + in_units[1] @ X.T
    np.testing.assert_allclose(fit, UNITS.y_centre + UNITS.y_scale * scaled_fit)
    np.testing.assert_allclose(UNITS.y_centre + UNITS.y_scale * target, Y)


def test_moments_are_those_of_the_draws():
    factor = np.array([[0.3, 0.0, 0.0], [0.1, 0.2, 0.0], [-0.2, 0.1, 0.5]])
    draws = np.array([0.4, -1.0, 2.0]) + STREAM.normal(size=(500, 3)) @ factor.T
    mean, sd = UNITS.moments(draws.mean(axis=0)[None], np.cov(draws.T)[None])
    in_units = np.column_stack(UNITS.coefficients(draws[:, 0], draws[:, 1:]))
    np.testing.assert_allclose(mean[0], in_units.mean(axis=0))
    np.testing.assert_allclose(sd[0], in_units.std(axis=0, ddof=1))


def test_a_number_takes_nothing_away():
    units = RegressionUnits.of_number(10.0, 2)
    np.testing.assert_array_equal(units.scaled(X, Y)[0], X / 10.0)
    alpha, beta = units.coefficients(np.ones(3), np.ones((3, 2)))
    np.testing.assert_array_equal(alpha, np.full(3, 10.0))
    np.testing.assert_array_equal(beta, np.ones((3, 2)))
