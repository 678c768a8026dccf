"""What is proposed for parameters and states together, and its weight, for all four models."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from puffin.compiling.lanes import LANES
from tests.inference.latent_problems import (
    MODELS,
    ROUGH,
    ROUGH_T,
    SMOOTH,
    SMOOTH_T,
    Problem,
    brute_force_evidence,
    log_error_density,
    of_errors,
)

SHAPES = [(9, ()), (12, (3, 4)), (10, (0,)), (7, (6,)), (2, ())]
CASES = [(theta, *shape) for theta in MODELS for shape in SHAPES]
FALSE_ALARM = 4.5
"""In standard errors: 7e-6."""


@pytest.mark.parametrize(("theta", "n_times", "missing"), CASES)
def test_every_lane_agrees_with_dense_matrices(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    steps = problem.some_steps(3 * LANES)
    h, mu, log_weights, z = problem.propose(steps)
    for i in range(3 * LANES):
        plain_h, plain_mu, log_q = problem.plain_draw(z[i], steps[i])
        np.testing.assert_allclose(h[i], plain_h, atol=1e-10)
        assert mu[i] == pytest.approx(plain_mu, abs=1e-10)
        joint = problem.log_joint(plain_h, plain_mu, steps[i])
        table = 4e-7 * n_times if len(theta) == 5 else 0.0
        assert log_weights[i] == pytest.approx(joint - log_q, abs=1e-9 + table)


@pytest.mark.parametrize(("theta", "n_times", "missing"), CASES)
def test_weight_has_the_jacobian_of_finite_differences(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    step = problem.some_steps(1)[0]
    z = 1.5 * np.random.default_rng(2).standard_normal(n_times + 1)
    width = 1e-5 * np.eye(n_times + 1)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    joint = problem.log_joint(moved[0, :-1], moved[0, -1], step)
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    assert weights[0] == pytest.approx(joint - log_q, abs=5e-6)


@pytest.mark.parametrize("theta", MODELS)
def test_every_path_comes_from_normals_of_its_own(theta):
    """The map is onto and one to one: a path far out gives back the normals it was made from."""
    problem = Problem(theta, 5, (2,))
    step = problem.some_steps(1)[0]
    rng = np.random.default_rng(8)
    for _ in range(4):
        z = 4.0 * rng.standard_normal(6)
        target = problem.move(z[None], step)[0][0]
        found = np.zeros(6)
        for i in (5, 4, 3, 2, 1, 0):

            def miss(value, i=i, found=found, target=target):
                trial = found.copy()
                trial[i] = value
                return problem.move(trial[None], step)[0][0, i] - target[i]

            found[i] = brentq(miss, -60.0, 60.0, xtol=1e-13)
        np.testing.assert_allclose(found, z, atol=1e-6)


@pytest.mark.parametrize("theta", MODELS)
def test_slopes_are_positive_however_far_out(theta):
    problem = Problem(theta, 6)
    rng = np.random.default_rng(3)
    for _ in range(20):
        z = 8.0 * rng.standard_normal(7)
        width = 1e-4 * np.eye(7)
        moved, _ = problem.move(np.vstack([z + width, z - width]), np.zeros(problem.n_dims))
        ahead, behind = np.split(moved, 2)
        assert (np.diag(ahead - behind) > 0.0).all()


@pytest.mark.parametrize(
    ("theta", "n_times", "missing"),
    [
        (SMOOTH, 2, ()),
        (SMOOTH, 3, ()),
        (ROUGH, 2, ()),
        (ROUGH, 3, (1,)),
        (ROUGH, 3, (0,)),
        (SMOOTH_T, 3, ()),
        (ROUGH_T, 2, ()),
        (ROUGH_T, 3, (1,)),
        (MODELS[4], 3, ()),
        (MODELS[5], 2, ()),
        (MODELS[5], 3, (1,)),
        (MODELS[6], 3, ()),
        (MODELS[7], 3, (0,)),
    ],
)
def test_weights_average_to_the_evidence(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    step = np.array([0.05, -0.1, 0.1, 0.1, -0.2])[: problem.n_dims]
    exact = brute_force_evidence(problem, step, of_errors(log_error_density))
    n = 200_000
    _, _, log_weights, _ = problem.propose(np.tile(step, (n, 1)))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error
    assert error < 0.005


@pytest.mark.parametrize(
    ("theta", "bound"),
    [(SMOOTH, 0.1), (SMOOTH_T, 0.05), (ROUGH_T, 0.4), (MODELS[4], 0.1), (MODELS[6], 0.03)],
)
def test_transport_leaves_little_variance(theta, bound):
    """The Gaussian alone leaves 0.8 in the first case."""
    problem = Problem(theta, 1000)
    _, _, log_weights, _ = problem.propose(np.zeros((1024, problem.n_dims)))
    assert log_weights.var() < bound


@pytest.mark.parametrize(
    "y",
    [
        np.r_[np.tile([0.7, -0.7], 10), np.zeros(30), np.tile([0.7, -0.7], 10)],
        np.r_[np.ones(20), 40.0, np.ones(20)],
        np.r_[np.full(30, 0.1), np.full(30, 9.0)],
    ],
    ids=["thirty zeros", "one huge return", "a jump of volatility"],
)
@pytest.mark.parametrize(
    "theta",
    [*MODELS, (0.0, 0.999, 0.02, -0.95), (0.0, 0.3, 2.0, 0.95, 2.05), (0, 0.99, 0.3, 0, 90)],
)
def test_awkward_series_give_weights_that_can_be_compared(y, theta):
    """A proposal may be hopeless, and its weight zero, but never NaN."""
    problem = Problem(theta, y.size, y=y)
    h, mu, log_weights, _ = problem.propose(problem.some_steps(512))
    assert np.isfinite(h).all()
    assert np.isfinite(mu).all()
    assert (log_weights < np.inf).all()


@pytest.mark.parametrize("theta", [SMOOTH, SMOOTH_T])
def test_kept_normals_repeat_the_draw(theta):
    problem = Problem(theta, 40)
    steps = problem.some_steps(2 * LANES)
    h, _, log_weights, z = problem.propose(steps)
    again = problem.propose(steps, z)
    np.testing.assert_array_equal(h, again[0])
    np.testing.assert_array_equal(log_weights, again[2])
