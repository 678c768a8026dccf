"""Observations with errors of any law: against closed forms, and against brute force."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from scipy.stats import norm

from puffin.compiling.elementary import log_gamma_lanes, log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, load
from puffin.inference.latent_ar1.any_law import LawObservations
from puffin.inference.latent_ar1.any_law_leverage import LawLeverageObservations
from puffin.laws import LAWS, Normal, StudentT
from puffin.laws.parts import LawParts, ScoredLaw
from tests.inference.latent_problems import MU_SD, Problem, brute_force_evidence, of_errors
from tests.laws.gumbel import Gumbel
from tests.slowly import slowly

SMOOTH, ROUGH = (0.05, 0.97, 0.25, -0.7), (0.0, 0.55, 0.9, 0.6)
FALSE_ALARM = 4.5
"""In standard errors: 7e-6."""


@part
def _no_constants(rows, place, apart):
    return ()


@part
def _normal_density(constants, x):
    return -0.5 * x * x - 0.5 * math.log(2.0 * math.pi)


@part
def _normal_slopes(constants, x):
    return -x, x * 0.0 - 1.0


@part
def _no_table(constants, table):
    pass


@part
def _itself(constants, table, x):
    return x


class NormalByParts(ScoredLaw, Normal):
    name = "normal_by_parts"
    parts = LawParts(_no_constants, _normal_density, _normal_slopes, _no_table, _itself)

    def normal_score(self, x, shape):
        return x


@part
def _degrees(rows, place, apart):
    nu = load(rows, place)
    constant = log_gamma_lanes(0.5 * nu + 0.5) - log_gamma_lanes(0.5 * nu)
    return nu - 2.0, 0.5 * (nu + 1.0), constant - 0.5 * log_lanes(math.pi * (nu - 2.0))


@part
def _student_density(constants, x):
    excess, half, constant = constants
    return constant - half * log_lanes(1.0 + x * x / excess)


@part
def _student_slopes(constants, x):
    excess, half, _ = constants
    over = 1.0 / (excess + x * x)
    return -2.0 * half * x * over, -2.0 * half * (excess - x * x) * over * over


class StudentByParts(ScoredLaw, StudentT):
    name = "student_by_parts"
    parts = LawParts(_degrees, _student_density, _student_slopes, _no_table, None)

    def normal_score(self, x, shape):
        return 0.0 * x


def problem_of(law, theta, *arguments, **options):
    kind = LawObservations if theta[3] is None else LawLeverageObservations
    kind = functools.partial(kind, law=law)
    named = law if law.name in LAWS else None
    return Problem(theta, *arguments, kind=kind, law=named, **options)


BY_PARTS = [
    (NormalByParts(), (*SMOOTH[:3], None)),
    (NormalByParts(), SMOOTH),
    (NormalByParts(), ROUGH),
    (StudentByParts(), (*SMOOTH[:3], None, 9.0)),
    (StudentByParts(), (*ROUGH[:3], None, 3.0)),
]
"""Slow for the kernels that no law of the package shares: three more to compile."""
SHAPE = (0.4, 4.0, 12.0)
ASYMMETRIC = [
    (LAWS["asymmetric"], (*SMOOTH[:3], None, *SHAPE)),
    (LAWS["asymmetric"], (*SMOOTH, *SHAPE)),
    (LAWS["asymmetric"], (*ROUGH, -0.6, 8.0, 2.5)),
]
GUMBEL = [(Gumbel(), (*SMOOTH[:3], None)), (Gumbel(), SMOOTH), (Gumbel(), ROUGH)]


def log_error(law, error, eta, rho, shape=()):
    """Return log p(error | eta) under the Gaussian copula."""
    shape = dict(zip(law.shape_names, shape, strict=True))
    density = law.log_density(error, shape)
    if rho == 0.0:
        return density
    u, k = np.clip(law.normal_score(error, shape), -38.0, 38.0), 1.0 / (1.0 - rho**2)
    return density + 0.5 * (u**2 - k * (u - rho * eta) ** 2) + 0.5 * math.log(k)


def log_joint(law, problem, h, mu, step):
    """Return log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2), factor by factor."""
    mean, phi, sigma, rho, *shape = problem.values(step)
    total = norm.logpdf(mu, 0.0, MU_SD) + norm.logpdf(h[0], mu, sigma / math.sqrt(1.0 - phi**2))
    for t in range(h.size):
        eta, r = 0.0, 0.0
        if t < h.size - 1:
            eta, r = (h[t + 1] - mu - phi * (h[t] - mu)) / sigma, rho
            total += norm.logpdf(eta) - math.log(sigma)
        if problem.present[t]:
            error = (problem.y[t] - mean) * math.exp(-0.5 * h[t])
            total += log_error(law, error, eta, r, shape) - 0.5 * h[t]
    return float(total)


@pytest.mark.parametrize(("law", "theta"), [*slowly(*BY_PARTS), *GUMBEL, *ASYMMETRIC])
@pytest.mark.parametrize(("n_times", "missing"), [(9, ()), (12, (3, 4)), (7, (6,)), (2, ())])
def test_weight_is_exact(law, theta, n_times, missing):
    """The density of a draw has the Jacobian of finite differences."""
    problem = problem_of(law, theta, n_times, missing)
    step = problem.some_steps(1)[0]
    z = 1.5 * np.random.default_rng(2).standard_normal(n_times + 1)
    width = 1e-5 * np.eye(n_times + 1)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    joint = log_joint(law, problem, moved[0, :-1], moved[0, -1], step)
    assert weights[0] == pytest.approx(joint - log_q, abs=5e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("law", "theta"), BY_PARTS)
def test_expansion_and_derivatives_are_those_of_the_closed_forms(law, theta):
    """Closed forms use exact expectations or the same three nodes; here there are five."""
    ours, closed = problem_of(law, theta, 200, (3, 4)), Problem(theta, 200, (3, 4))
    e, exact = ours.approximation.expansion, closed.approximation.expansion
    np.testing.assert_allclose(e.centre, exact.centre, atol=0.02)
    np.testing.assert_allclose(e.variance, exact.variance, rtol=0.06)
    natural = closed.coordinates.natural(closed.point(theta)[None])[:, 0]
    mine, theirs = (p.observations.expected(natural, exact) for p in (ours, closed))
    for name in ("h", "w", "hh", "hw", "ww"):
        np.testing.assert_allclose(
            getattr(mine, name), getattr(theirs, name), rtol=0.02, atol=0.02, err_msg=name
        )


@pytest.mark.parametrize(
    ("law", "theta", "bound"),
    [
        *slowly((*BY_PARTS[0], 0.1), (*BY_PARTS[1], 0.1), (*BY_PARTS[3], 0.03)),
        *((*g, 0.5) for g in GUMBEL[:2]),
        *((*a, 0.1) for a in ASYMMETRIC[:2]),
    ],
)
def test_transport_leaves_little_variance(law, theta, bound):
    """Three nodes are as good as closed forms, at the guide's parameters and about them."""
    problem = problem_of(law, theta, 1000)
    _, _, log_weights, _ = problem.propose(np.zeros((1024, problem.n_dims)))
    assert log_weights.var() < bound
    steps = np.repeat(0.3 * problem.some_steps(32), 32, axis=0)
    _, _, log_weights, _ = problem.propose(steps)
    assert np.median(log_weights.reshape(32, 32).var(axis=1)) < 2.0 * bound


@pytest.mark.parametrize(
    ("law", "theta", "n_times", "missing"),
    [
        (*GUMBEL[0], 3, ()),
        (*GUMBEL[1], 2, ()),
        (*GUMBEL[1], 3, ()),
        (*GUMBEL[2], 3, (1,)),
        *slowly((*BY_PARTS[4], 3, ())),
        (*ASYMMETRIC[0], 3, ()),
        (*ASYMMETRIC[1], 2, ()),
        (*ASYMMETRIC[1], 3, ()),
        (*ASYMMETRIC[2], 3, (1,)),
    ],
)
def test_weights_average_to_the_evidence(law, theta, n_times, missing):
    """Returns that a Gumbel law allows for: of large losses its density expects infinitely much."""
    y = np.array([0.4, 1.5, 0.9])[:n_times]
    problem = problem_of(law, theta, n_times, missing, y=y)
    step = np.array([0.05, -0.1, 0.1, 0.1, 0.02, -0.02, 0.05])[: problem.n_dims]
    exact = brute_force_evidence(problem, step, of_errors(functools.partial(log_error, law)))
    n = 200_000
    _, _, log_weights, _ = problem.propose(np.tile(step, (n, 1)))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error
    assert error < 0.005


@pytest.mark.parametrize(("law", "theta"), [*slowly(BY_PARTS[0]), GUMBEL[1], *ASYMMETRIC])
def test_awkward_series_give_weights_that_can_be_compared(law, theta):
    y = np.r_[np.tile([0.7, -0.7], 10), np.zeros(30), 40.0, np.ones(20), -40.0]
    problem = problem_of(law, theta, y.size, y=y)
    h, mu, log_weights, _ = problem.propose(problem.some_steps(64 * LANES))
    assert np.isfinite(h).all()
    assert np.isfinite(mu).all()
    assert (log_weights < np.inf).all()
