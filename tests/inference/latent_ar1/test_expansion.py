"""The Gaussian that the states are expanded about."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.latent_ar1 import leverage, shock_derivatives
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.observations import Series
from tests.inference import plain_latent_ar1
from tests.inference.latent_problems import (
    MU_SD,
    ROUGH,
    SMOOTH,
    SMOOTH_T,
    Problem,
)


@pytest.mark.parametrize("theta", [SMOOTH, ROUGH, SMOOTH_T])
def test_expansion_is_where_expected_gradients_vanish(theta):
    problem = Problem(theta, 50, (7, 8))
    e = problem.fit(np.zeros(problem.n_dims))
    if len(theta) == 5:
        rows = np.array(shock_derivatives.expected_rows(problem.y, problem.present, theta, e, 3))
    else:
        rows = plain_latent_ar1.normal_rows(
            problem.y, problem.present, theta, e.centre, e.variance, e.covariance, e.level,
            np.exp(e.variance / 8.0 - e.centre / 2.0), np.exp(e.variance / 4.0),
        )  # fmt: skip
    gradient, precision = plain_latent_ar1.gradient_and_precision(
        rows, *theta[1:3], e.centre, e.level, MU_SD
    )
    covariance = np.linalg.inv(precision)
    assert np.abs(covariance @ gradient).max() < 2e-3
    np.testing.assert_allclose(np.diag(covariance)[:-1], e.variance, rtol=5e-3)
    np.testing.assert_allclose(np.diag(covariance, 1)[:-1], e.covariance[:-1], rtol=5e-3)


def test_no_variance_gives_the_derivatives_at_the_mode():
    y, present = Problem(ROUGH, 12).y, np.ones(12)
    e = NormalLeverageObservations(Series(y, present, MU_SD)).fit(np.array(ROUGH), None).at_centre()
    assert isinstance(e, Expansion)
    d = leverage.expected_derivatives(y, present, ROUGH, e)
    a = y * np.exp(-0.5 * e.centre)
    np.testing.assert_allclose(d.h[-1], 0.5 * a[-1] ** 2 - 0.5)
