from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.adaptive_proposal import adapt_proposal
from puffin.inference.failure import SamplingError
from puffin.inference.mode import Mode, find_mode


def two_modes(points):
    """Unequal normals, far apart: the left one has a fifth of the mass."""
    left = np.log(0.2) - 0.5 * ((points + 4.0) ** 2).sum(axis=1)
    right = np.log(0.8) - 0.5 * ((points - 4.0) ** 2).sum(axis=1)
    return np.logaddexp(left, right)


def banana(points):
    return -0.5 * points[:, 0] ** 2 - 0.5 * ((points[:, 1] - points[:, 0] ** 2) / 0.5) ** 2


def test_modes_have_their_shares():
    modes = [find_mode(two_modes, np.full(2, start)) for start in (-4.0, 4.0)]
    adapted = adapt_proposal(two_modes, modes, np.random.default_rng(1))
    assert adapted.pilot.efficiency > 0.5
    share = adapted.pilot.weights[adapted.pilot.points[:, 0] < 0].sum()
    assert share == pytest.approx(0.2, abs=0.06)  # five standard errors: 1e-6


def test_one_that_no_ellipsoid_fits_is_learnt():
    start = Mode(np.zeros(2), np.diag([1.0, 0.25]), 0.0)
    adapted = adapt_proposal(banana, [start], np.random.default_rng(2))
    assert adapted.pilot.efficiency > 0.4
    squares = adapted.factor @ adapted.factor.T
    assert squares[0, 0] == pytest.approx(1.0, rel=0.25)
    assert squares[1, 1] == pytest.approx(0.25 + 2.0, rel=0.5)


def test_the_same_stream_gives_the_same_proposal():
    start = Mode(np.zeros(2), np.diag([1.0, 0.25]), 0.0)
    one, two = (adapt_proposal(banana, [start], np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one.pilot.points, two.pilot.points)


def test_no_curvature_is_said():
    flat = Mode(np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]), 0.0)
    with pytest.raises(SamplingError, match="no curvature"):
        adapt_proposal(banana, [flat], np.random.default_rng(4))
