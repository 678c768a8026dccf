"""The tail of Student's t by its logarithm, against SciPy's distribution function."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, stdtr

from puffin.laws.half_t import log_tail

STEPS = np.concatenate([[0.0], np.geomspace(1e-4, 300.0, 400)])


def test_tail_is_that_of_the_student_t():
    nu = np.concatenate([2.0 + np.geomspace(1e-6, 1.0, 20), np.geomspace(3.0, 1e4, 60)])[:, None]
    exact = 2.0 * stdtr(nu, -STEPS)
    ours, far = log_tail(STEPS, nu), exact < 1e-290
    np.testing.assert_allclose(ours[~far], np.log(exact[~far]), atol=3e-11)
    assert (ours[far] < -660.0).all()


def test_infinite_degrees_are_the_normal_distribution():
    near = STEPS[STEPS < 40.0]
    exact = np.log(2.0) + log_ndtr(-near)
    np.testing.assert_allclose(log_tail(near, np.array(1e16)), exact, rtol=1e-12, atol=5e-11)
