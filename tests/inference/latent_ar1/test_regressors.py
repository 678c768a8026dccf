"""Regressors in the sweeps: a plain twin, exact weights, brute force, and what is left without.

Statistical tests raise a false alarm with probability 7e-6 each, and their seeds are fixed.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from puffin.compiling.lanes import LANES
from puffin.inference.latent_ar1.regressors import NO_REGRESSORS, log_jacobian
from tests.inference.explained_problems import ExplainedProblem
from tests.inference.latent_ar1.test_any_law import log_error, log_joint
from tests.inference.latent_problems import (
    brute_force_evidence,
    log_error_density,
    of_errors,
)
from tests.inference.measured_problems import KINDS, ONE, TWO, MeasuredProblem
from tests.slowly import slowly

FALSE_ALARM = 4.5
"""In standard errors: 7e-6."""
B, G = (0.3, -0.2), (0.8, -0.3, 0.1)
NOISY = ((-2.0, 0.6, 0.4), *ONE)
"""A step from less noise than this ends where it is nothing, and matrices are singular."""
UNKNOWN = ((0, 0), (5, slice(None)))
"""Measures that are missing, of a series of six or more."""
CLOSED = [kind for kind in KINDS if kind[0] != "asymmetric"]


@pytest.mark.parametrize("kind", CLOSED)
@pytest.mark.parametrize(
    ("b", "g", "measures"),
    [(B, G, ()), (B, G, NOISY), *slowly((B, (), ()), ((), G[:1], ()), (B, (), ONE))],
)
def test_every_lane_agrees_with_a_plain_twin(kind, b, g, measures):
    problem = ExplainedProblem(kind, b, g, 9, (3,), measures=measures, unknown=UNKNOWN)
    steps = problem.some_steps(2 * LANES)
    h, mu, log_weights, z = problem.propose(steps)
    for i in range(2 * LANES):
        plain_h, plain_mu, log_q = problem.plain_draw(z[i], steps[i])
        np.testing.assert_allclose(h[i], plain_h, atol=1e-9)
        assert mu[i] == pytest.approx(plain_mu, abs=1e-9)
        joint = problem.log_joint(plain_h, plain_mu, steps[i])
        table = 4e-7 * 9 if kind[0] == "student" else 0.0
        assert log_weights[i] == pytest.approx(joint - log_q, abs=1e-9 + table)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measures", [(), TWO])
def test_weight_is_exact(kind, measures):
    """The joint density over that of the draw, by its finite differences."""
    problem = ExplainedProblem(kind, B, G, 9, (3,), measures=measures, unknown=UNKNOWN)
    step = problem.some_steps(1)[0]
    z = 1.5 * np.random.default_rng(2).standard_normal(10)
    width = 1e-5 * np.eye(10)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    h, mu = moved[0, :-1], moved[0, -1]
    joint = problem.log_joint(h, mu, step, *[] if kind in CLOSED else [by_law])
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    assert weights[0] == pytest.approx(joint - log_q, abs=1e-5)


def by_law(alone, h, mu, step):
    return log_joint(alone.law, alone, h, mu, step)


def test_density_of_a_return():
    """What the problems' y* stands for: a return about x'b with log-variance z'g + s."""
    problem = ExplainedProblem(KINDS[0], B, G, 6, missing=(2,))
    step = problem.some_steps(1)[0]
    h, (b, g), mean = np.linspace(-1.0, 1.0, 6), problem.coefficients(step), problem.values(step)[0]
    location = mean + problem.design.of_mean @ b
    spread = np.exp(0.5 * (problem.design.of_variance @ g + h))
    of_returns = problem.present @ norm.logpdf(problem.y, location, spread)
    alone = problem.chain_alone(step)
    of_chain = problem.present @ norm.logpdf(alone.y, mean, np.exp(0.5 * h))
    assert of_chain + problem.of_chain(step)[1] == pytest.approx(of_returns, abs=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("n_times", "missing", "measures"), [(2, (), ()), (3, (1,), ()), (3, (1,), ONE)]
)
def test_weights_average_to_the_evidence(kind, n_times, missing, measures):
    """The quadrature over mu, which measures make narrow, is right to 1e-4."""
    problem = ExplainedProblem(kind, B[:1], G[:1], n_times, missing, measures=measures)
    step = 0.5 * problem.some_steps(1)[0]
    log_density_of = (
        log_error_density
        if kind in CLOSED
        else lambda error, eta, rho, shape: log_error(problem.law, error, eta, rho, shape)
    )
    exact = brute_force_evidence(
        problem.chain_alone(step), step, of_errors(log_density_of),
        log_density_of_state=lambda t, s: problem.log_density_of_measures(t, s, step),
    )  # fmt: skip
    exact += problem.of_chain(step)[1]
    n = 100_000
    _, _, log_weights, _ = problem.propose(np.tile(step, (n, 1)))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error + 1e-4
    assert error < 0.005


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measures", [(), ONE])
def test_without_information_nothing_changes(kind, measures):
    """Regressors that are zero leave proposals and weights as they were, whatever coefficients."""
    alone = MeasuredProblem(kind, measures, 30)
    problem = ExplainedProblem(kind, B, G, 30, size=0.0, measures=measures, x=alone.x)
    steps = problem.some_steps(16)
    ours, theirs = problem.propose(steps)[:3], alone.propose(steps[:, : -len(B + G)])
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("measures", [(), TWO])
def test_the_gaussian_follows_coefficients(kind, measures):
    """Weights hardly vary more about the guide's coefficients than at them."""
    problem = ExplainedProblem(kind, (0.1,), (0.5, 0.3), 1000, measures=measures)
    steps = np.zeros((32, problem.n_dims))
    steps[:, -3:] = np.random.default_rng(5).normal(size=(32, 3)) * [0.03, 0.1, 0.05]

    def spread(steps):
        _, _, log_weights, _ = problem.propose(np.repeat(steps, 32, axis=0))
        return float(np.median(log_weights.reshape(32, 32).var(axis=1)))

    there, about = spread(0.0 * steps), spread(steps)
    assert about < 1.3 * there + 0.03


def test_no_regressors():
    assert NO_REGRESSORS.n_coefficients == 0
    np.testing.assert_array_equal(log_jacobian(NO_REGRESSORS, np.ones(5), np.ones((4, 3))), 0.0)
