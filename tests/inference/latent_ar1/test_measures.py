"""Measures of the states: exact weights, brute force, a grid, and what is left without them.

Statistical tests raise a false alarm with probability 7e-6 each, and their seeds are fixed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import norm

from puffin.inference.latent_ar1.expansion import Derivatives
from puffin.inference.latent_ar1.measures import NO_MEASURES, curvature, with_measures
from tests.inference.latent_ar1.test_any_law import log_error, log_joint
from tests.inference.latent_problems import (
    MU_SD,
    brute_force_evidence,
    log_error_density,
    of_errors,
)
from tests.inference.measured_problems import KINDS, ONE, TWO, MeasuredProblem

FALSE_ALARM = 4.5
"""In standard errors: 7e-6."""


def test_derivatives_are_those_of_the_density():
    problem = MeasuredProblem(KINDS[0], TWO, 6, unknown=((2, 0), (4, slice(None))))
    natural, measures = problem.natural(0.0), problem.observations.series.measures
    h = np.random.default_rng(3).normal(size=6)
    nothing = Derivatives(*np.zeros((5, 6)))

    def density(h):
        return np.array([problem.log_density_of_measures(t, h[t], 0.0) for t in range(6)])

    ours, step = with_measures(nothing, measures, natural, h), 1e-3
    above, at, below = (density(h + move) for move in (step, 0.0, -step))
    np.testing.assert_allclose(ours.h, (above - below) / (2 * step), rtol=1e-7)
    np.testing.assert_allclose(ours.hh, -(above - 2 * at + below) / step**2, rtol=1e-4, atol=1e-9)
    assert ours.hh[4] == 0.0
    for of_states in (ours.w, ours.hw, ours.ww):
        assert not of_states.any()
    assert curvature(NO_MEASURES, natural) == 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measures", [ONE, TWO])
def test_weight_is_exact(kind, measures):
    """Of what is proposed: the joint density over that of the draw, by its finite differences."""
    problem = MeasuredProblem(kind, measures, 9, missing=(3,), unknown=((0, 0), (5, slice(None))))
    step = problem.some_steps(1)[0]
    z = 1.5 * np.random.default_rng(2).standard_normal(10)
    width = 1e-5 * np.eye(10)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    h, mu = moved[0, :-1], moved[0, -1]
    joint = (
        problem.log_joint(h, mu, step)
        if kind[0] != "asymmetric"
        else problem.log_joint(
            h, mu, step, lambda h, mu, *_: log_joint(problem.law, _View(problem), h, mu, step)
        )
    )
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    assert weights[0] == pytest.approx(joint - log_q, abs=1e-5)


class _View:
    """A problem as tests without measures know one."""

    def __init__(self, problem):
        self.values, self.present, self.y = problem.of_law, problem.present, problem.y


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_times", "unknown"), [(2, ()), (3, ((1, 0),))])
def test_weights_average_to_the_evidence(kind, n_times, unknown):
    """The quadrature over mu, which measures make narrow, is right to 1e-4."""
    problem = MeasuredProblem(kind, ONE, n_times, missing=(n_times - 2,), unknown=unknown)
    step = problem.some_steps(1)[0]
    log_density_of = (
        log_error_density
        if kind[0] != "asymmetric"
        else lambda error, eta, rho, shape: log_error(problem.law, error, eta, rho, shape)
    )
    exact = brute_force_evidence(
        _View(problem), step, of_errors(log_density_of),
        log_density_of_state=lambda t, h: problem.log_density_of_measures(t, h, step),
    )  # fmt: skip
    n = 40_000
    _, _, log_weights = problem.propose(np.tile(step, (n, 1)))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error + 1e-4
    assert error < 0.005


@pytest.mark.parametrize("kind", [KINDS[0], ("normal", (0.05, 0.9, 0.4, -0.7))])
@pytest.mark.parametrize("measures", [ONE, TWO])
def test_likelihood_of_a_grid(kind, measures):
    """With mu known the states are one-dimensional, and integrated on a grid, forwards."""
    problem = MeasuredProblem(kind, measures, 150, (20, 21), ((30, 0), (20, slice(None))), 1e-6)
    mean, phi, sigma, rho = problem.of_law(0.0)
    h = np.linspace(-4.0, 4.0, 201)
    log_p = norm.logpdf(h, 0.0, sigma / math.sqrt(1.0 - phi**2))
    total, width = 0.0, math.log(h[1] - h[0])
    for t in range(problem.y.size):
        error = (problem.y[t] - mean) * np.exp(-0.5 * h)
        log_p = log_p + problem.present[t] * (norm.logpdf(error) - 0.5 * h)
        log_p = log_p + problem.log_density_of_measures(t, h, 0.0)
        now = logsumexp(log_p) + width
        total += now
        r = rho * problem.present[t]
        centre, spread = phi * h + sigma * r * error, sigma * math.sqrt(1.0 - r**2)
        moved = norm.logpdf(h[:, None], centre[None], spread)
        log_p = logsumexp(moved + (log_p - now)[None], axis=1) + width
    _, _, log_weights = problem.propose(np.zeros((8192, problem.origin.size)))
    ratios = np.exp(log_weights - total)
    error = ratios.std() / math.sqrt(ratios.size)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error + 2e-4
    assert error < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_without_information_nothing_changes(kind):
    """A measure that is never known leaves proposals and weights as they were."""
    hidden = MeasuredProblem(kind, ((0.3, 1.0, 0.2),), 30, unknown=(slice(None),))
    alone = MeasuredProblem(kind, (), 30)
    steps = alone.some_steps(16)
    ours = hidden.propose(np.column_stack([steps, np.zeros((16, 2))]))
    for with_measure, without in zip(ours, alone.propose(steps), strict=True):
        np.testing.assert_allclose(with_measure, without, rtol=1e-9, atol=1e-9)


def test_exact_measures_leave_the_measures_themselves():
    """With hardly any noise the states are where the measures say, and weights are even."""
    problem = MeasuredProblem(KINDS[0], ((0.3, 1.0, 1e-3),), 200)
    h, _, log_weights = problem.propose(np.zeros((512, problem.origin.size)))
    assert np.abs(h - (problem.x[:, 0] - 0.3)).max() < 1e-3 * 8.0
    assert log_weights.var() < 1e-3
    assert problem.model.mu_sd == MU_SD
