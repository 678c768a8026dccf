"""Stochastic volatility with leverage: the expansion, the proposal and its weight."""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import logsumexp

from puffin.inference.lanes import LANES
from puffin.inference.latent_ar1.leverage import fit, guide, weigh_leverage
from puffin.inference.latent_ar1.transport import ROOM
from tests.inference import plain_leverage

SMOOTH = (0.05, 0.97, 0.25, -0.7)
ROUGH = (0.0, 0.55, 0.9, 0.6)
MU_SD = 1.5


def simulate(n, mean, phi, sigma, rho, seed):
    rng = np.random.default_rng(seed)
    h, y = -0.5 + sigma / math.sqrt(1.0 - phi**2) * rng.standard_normal(), np.empty(n)
    for t in range(n):
        eps, other = rng.standard_normal(2)
        y[t] = mean + math.exp(0.5 * h) * eps
        h = -0.5 + phi * (h + 0.5) + sigma * (rho * eps + math.sqrt(1.0 - rho**2) * other)
    return y


def unconstrained(theta):
    return np.array([theta[0], np.arctanh(theta[1]), np.log(theta[2]), np.arctanh(theta[3])])


def natural(point):
    return np.array([point[0], np.tanh(point[1]), np.exp(point[2]), np.tanh(point[3])])


class Problem:
    """A series, the expansion of its parameters, and proposals of others nearby."""

    def __init__(self, theta, n_times, missing=(), seed=1):
        self.theta = theta
        self.y = simulate(n_times, *theta, seed)
        self.seen = np.ones(n_times)
        self.seen[list(missing)] = 0.0
        self.expansion = fit(self.y, self.seen, *theta, MU_SD)
        widths = np.array([0.05, 0.1, 0.1, 0.1])
        self.guide = guide(self.y, self.seen, unconstrained(theta), widths, MU_SD, self.expansion)

    def propose(self, steps, z=None, seed=0):
        """Return h, mu, log-weights and normals at parameters `steps` away, of shape (4, n)."""
        n, n_times = steps.shape[1], self.y.size
        params = natural(unconstrained(self.theta)[:, None] + steps)
        keep, fresh = (0.0, 1.0) if z is None else (1.0, 0.0)
        if z is None:
            z = np.zeros((n // LANES, n_times + 1, LANES))
        bits = np.random.SeedSequence(seed).generate_state(32, np.uint64).reshape(4, 8)
        room = np.empty((n_times, ROOM, LANES))
        states = np.empty((n // LANES, n_times, LANES))
        mus, log_weights = np.empty(n), np.empty(n)
        weigh_leverage(
            bits, keep, fresh, z, params, np.ascontiguousarray(steps), MU_SD, self.y, self.seen,
            *astuple(self.guide), room, states, mus, log_weights,
        )  # fmt: skip
        h = states.transpose(0, 2, 1).reshape(n, n_times)
        return h, mus, log_weights, z.transpose(0, 2, 1).reshape(n, n_times + 1)

    def move(self, normals, step):
        """Return h and mu for rows of normals, of shape (n, n_times + 1), at one step."""
        n = -(-len(normals) // LANES) * LANES
        z = np.zeros((n, normals.shape[1]))
        z[: len(normals)] = normals
        lanes = z.reshape(n // LANES, LANES, -1).transpose(0, 2, 1)
        h, mu, weights, _ = self.propose(np.repeat(step[:, None], n, 1), lanes.copy())
        moved = np.column_stack([h, mu])
        return moved[: len(normals)], weights[: len(normals)]


def some_steps(n, seed=5, size=0.1):
    return size * np.random.default_rng(seed).standard_normal((4, n))


CASES = [(SMOOTH, 9, ()), (SMOOTH, 12, (3, 4)), (ROUGH, 10, (0,)), (ROUGH, 7, (6,)), (ROUGH, 2, ())]


@pytest.mark.parametrize(("theta", "n_times", "missing"), CASES)
def test_every_lane_agrees_with_dense_matrices(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    steps = some_steps(3 * LANES)
    h, mu, log_weights, z = problem.propose(steps)
    for i in range(3 * LANES):
        values = natural(unconstrained(theta) + steps[:, i])
        plain_h, plain_mu, log_q = plain_leverage.draw(
            z[i], problem.y, problem.seen, values, steps[:, i],
            problem.guide, MU_SD,
        )  # fmt: skip
        joint = plain_leverage.log_joint(plain_h, plain_mu, problem.y, problem.seen, *values, MU_SD)
        np.testing.assert_allclose(h[i], plain_h, atol=1e-10)
        assert mu[i] == pytest.approx(plain_mu, abs=1e-10)
        assert log_weights[i] == pytest.approx(joint - log_q, abs=1e-9)


@pytest.mark.parametrize(("theta", "n_times", "missing"), CASES)
def test_weight_has_the_jacobian_of_finite_differences(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    step = some_steps(1)[:, 0]
    values = natural(unconstrained(theta) + step)
    z = 1.5 * np.random.default_rng(2).standard_normal(n_times + 1)
    width = 1e-5 * np.eye(n_times + 1)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    jacobian = (ahead - behind) / 2e-5
    joint = plain_leverage.log_joint(
        moved[0, :-1], moved[0, -1], problem.y, problem.seen, *values, MU_SD
    )
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi) - np.linalg.slogdet(jacobian)[1]
    assert weights[0] == pytest.approx(joint - log_q, abs=1e-6)


@pytest.mark.parametrize("theta", [SMOOTH, ROUGH])
def test_every_path_has_its_normals(theta):
    """The map is onto, and one to one: any path, however odd, comes from one vector of normals."""
    problem = Problem(theta, 5, (2,))
    step = some_steps(1)[:, 0]
    rng = np.random.default_rng(8)
    for _ in range(4):
        z = 6.0 * rng.standard_normal(6)
        target = problem.move(z[None], step)[0][0]
        found = np.zeros(6)
        for i in (5, 4, 3, 2, 1, 0):

            def miss(value, i=i, found=found, target=target):
                trial = found.copy()
                trial[i] = value
                return problem.move(trial[None], step)[0][0, i] - target[i]

            found[i] = brentq(miss, -60.0, 60.0, xtol=1e-13)
        np.testing.assert_allclose(found, z, atol=1e-6)


def test_slopes_are_positive_however_far_out():
    problem = Problem(ROUGH, 6)
    rng = np.random.default_rng(3)
    for _ in range(20):
        z = 8.0 * rng.standard_normal(7)
        width = 1e-4 * np.eye(7)
        moved, _ = problem.move(np.vstack([z + width, z - width]), np.zeros(4))
        ahead, behind = np.split(moved, 2)
        assert (np.diag(ahead - behind) > 0.0).all()


def brute_force_evidence(problem, values, n_grid=61, n_mu=24):
    """Return log p(y | theta) by the trapezoidal rule in h and Gauss-Hermite in mu."""
    mean, phi, sigma, rho = values
    nodes, mu_weights = np.polynomial.hermite_e.hermegauss(n_mu)
    n_times = problem.y.size
    deviation = sigma / math.sqrt(1.0 - phi**2)
    total = []
    for mu, weight in zip(MU_SD * nodes, mu_weights / math.sqrt(2.0 * math.pi), strict=True):
        # Innovations are independent N(0, 1): the grid lies in them.
        grid = np.linspace(-7.0, 7.0, n_grid)
        shocks = np.meshgrid(*[grid] * n_times, indexing="ij")
        log_density = sum(-0.5 * e**2 - 0.5 * math.log(2 * math.pi) for e in shocks)
        h = mu + deviation * shocks[0]
        for t in range(n_times):
            eta = shocks[t + 1] if t < n_times - 1 else 0.0
            r = rho if t < n_times - 1 else 0.0
            if problem.seen[t]:
                scale = np.exp(0.5 * h)
                error = (problem.y[t] - mean) / scale - r * eta
                log_density = log_density - 0.5 * error**2 / (1.0 - r**2) - np.log(scale)
                log_density = log_density - 0.5 * math.log(2 * math.pi * (1.0 - r**2))
            if t < n_times - 1:
                h = mu + phi * (h - mu) + sigma * eta
        total.append(
            math.log(weight) + logsumexp(log_density) + n_times * math.log(grid[1] - grid[0])
        )
    return logsumexp(total)


@pytest.mark.parametrize(
    ("theta", "n_times", "missing"),
    [(SMOOTH, 2, ()), (SMOOTH, 3, ()), (ROUGH, 2, ()), (ROUGH, 3, (1,)), (ROUGH, 3, (0,))],
)
def test_weights_average_to_the_evidence(theta, n_times, missing):
    problem = Problem(theta, n_times, missing)
    step = np.array([0.05, -0.1, 0.15, 0.1])
    exact = brute_force_evidence(problem, natural(unconstrained(theta) + step))
    n = 200_000
    _, _, log_weights, _ = problem.propose(np.repeat(step[:, None], n, 1))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < 4.5 * error
    assert error < 0.005


def test_transport_leaves_little_variance():
    """0.8 without transport; the bound is three times what was measured."""
    problem = Problem(SMOOTH, 1000)
    _, _, log_weights, _ = problem.propose(np.zeros((4, 1024)))
    assert log_weights.var() < 0.1


def test_response_predicts_the_expansion_of_other_parameters():
    problem = Problem(SMOOTH, 400)
    step = np.array([0.03, 0.1, -0.1, 0.08])
    values = natural(unconstrained(SMOOTH) + step)
    exact = fit(problem.y, problem.seen, *values, MU_SD)
    m, v, _ = plain_leverage.moved_centre(problem.guide, step)
    unmoved = np.abs(exact.centre - problem.expansion.centre).mean()
    assert np.abs(exact.centre - m).mean() < 0.2 * unmoved
    assert np.abs(np.log(exact.variance / v)).mean() < 0.05


def test_expansion_is_where_expected_gradients_vanish():
    problem = Problem(SMOOTH, 50, (7, 8))
    e = problem.expansion
    gradient, precision, _, _ = plain_leverage.expected_derivatives(
        problem.y,
        problem.seen,
        SMOOTH,
        e.centre,
        e.variance,
        e.covariance,
        e.level,
        problem.guide.amplitude,
        np.exp(e.variance / 4.0),
    )
    gradient[-1] -= e.level / MU_SD**2
    precision[-1, -1] += 1.0 / MU_SD**2
    covariance = np.linalg.inv(precision)
    assert np.abs(covariance @ gradient).max() < 2e-3
    np.testing.assert_allclose(np.diag(covariance)[:-1], e.variance, rtol=5e-3)
    np.testing.assert_allclose(np.diag(covariance, 1)[:-1], e.covariance[:-1], rtol=5e-3)


@pytest.mark.parametrize(
    "y",
    [
        np.zeros(30),
        np.r_[np.ones(20), 40.0, np.ones(20)],
        np.r_[np.full(30, 0.1), np.full(30, 9.0)],
    ],
    ids=["zeros", "one huge return", "a jump of volatility"],
)
@pytest.mark.parametrize("theta", [SMOOTH, ROUGH, (0.0, 0.999, 0.02, -0.95), (0.0, 0.3, 2.0, 0.95)])
def test_awkward_series_give_finite_weights(y, theta):
    problem = Problem(theta, y.size)
    problem.y = y
    still = np.zeros(4)
    point = unconstrained(theta)
    expansion = fit(y, problem.seen, *theta, MU_SD)
    problem.guide = guide(y, problem.seen, point, still + 0.05, MU_SD, expansion)
    h, mu, log_weights, _ = problem.propose(some_steps(512))
    assert np.isfinite(h).all()
    assert np.isfinite(mu).all()
    assert np.isfinite(log_weights).all()


def test_repeated_normals_repeat_the_draw():
    problem = Problem(SMOOTH, 40)
    steps = some_steps(2 * LANES)
    h, _, log_weights, z = problem.propose(steps)
    lanes = z.reshape(2, LANES, -1).transpose(0, 2, 1).copy()
    again = problem.propose(steps, lanes)
    np.testing.assert_array_equal(h, again[0])
    np.testing.assert_array_equal(log_weights, again[2])
