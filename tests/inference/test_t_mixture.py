"""Mixtures of t distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.inference.proposal import MultivariateT, Pilot
from puffin.inference.t_mixture import TMixture, fit_t_mixture

FALSE_ALARM = 1e-5


def test_components_are_drawn_in_their_shares_and_in_random_order():
    apart = TMixture(
        (
            MultivariateT(np.zeros(1), np.eye(1), 5.0),
            MultivariateT(np.full(1, 1e6), np.eye(1), 5.0),
        ),
        np.array([0.2, 0.8]),
    )
    second = apart.draw(np.random.default_rng(3), 50_000)[:, 0] > 5e5
    assert stats.binomtest(int(second.sum()), 50_000, 0.8).pvalue > FALSE_ALARM
    runs = 1 + np.count_nonzero(second[1:] != second[:-1])
    p = second.mean()
    expected, sd = 2 * p * (1 - p) * 50_000, 2 * p * (1 - p) * math.sqrt(50_000)
    assert abs(runs - expected) < 4.5 * sd


def test_mixture_fits_what_no_ellipse_does():
    """Two humps, from draws of one wide t."""
    humps = TMixture(
        (
            MultivariateT(np.array([-3.0, 0.0]), np.diag([0.5, 1.0]), 8.0),
            MultivariateT(np.array([3.0, 1.0]), np.diag([1.0, 0.3]), 8.0),
        ),
        np.array([0.4, 0.6]),
    )
    wide = MultivariateT(np.zeros(2), np.diag([4.0, 2.0]), 5.0)
    points = wide.draw(np.random.default_rng(5), 4000)
    weights = np.exp(humps.log_density(points) - wide.log_density(points))
    pilot = Pilot(points, weights / weights.sum())
    fitted = fit_t_mixture(pilot, wide, np.random.default_rng(6), n_components=4, degrees=6.0)
    assert fitted.shares.sum() == pytest.approx(1.0)
    assert fitted.shares[-1] == pytest.approx(0.1)
    assert fitted.components[-1] is wide
    fresh = fitted.draw(np.random.default_rng(7), 4000)
    ratios = np.exp(humps.log_density(fresh) - fitted.log_density(fresh))
    assert ratios.mean() ** 2 / np.mean(ratios**2) > 0.8 > 1.5 * pilot.efficiency
