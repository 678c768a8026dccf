"""Distances of stops: against random walks and value at risk.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.risk import stop_distance
from tests.risk.constant_draws import fitted


def test_stop_of_a_random_walk():
    """Twenty steps of 1%: the reflection principle, and Broadie, Glasserman & Kou's correction.

    P(min < -d) = 2 Phi(-d / (sd sqrt n)) where paths are watched all the time; at closes the
    distance is shorter by 0.5826 sd.
    """
    n, sd = 20, 0.01
    model = fitted(5000, mean=0.0, mu=2 * np.log(sd), h_next=2 * np.log(sd), sigma=1e-9, phi=0.5)
    stop = stop_distance(model, n, 0.05)
    distance = sd * np.sqrt(n) * stats.norm.isf(0.025) - 0.5826 * sd
    for found, error, sign in ((stop.long, stop.long_error, -1), (stop.short, stop.short_error, 1)):
        exact = sign * np.expm1(sign * distance)
        assert abs(found - exact) < 4.0 * error + 0.005 * exact
        assert 0.0 < error < 0.02 * exact
    assert (stop.horizon, stop.prob) == (20, 0.05)


def test_one_step_stop_is_the_value_at_risk():
    model = fitted(5000, mean=0.0, h_next=2 * np.log(0.01))
    stop = stop_distance(model, 1, 0.01)
    assert abs(stop.long + np.expm1(-0.02326348)) < 4 * stop.long_error
    assert stop_distance(model, 1, 0.01) == stop
    assert stop_distance(model, 5, 0.01).long > stop.long


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: stop_distance(m, 0), ValueError, "horizon must be a whole number"),
        (lambda m: stop_distance(m, 1, 0.95), ValueError, "is a level of 0.05"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(fitted(50))
