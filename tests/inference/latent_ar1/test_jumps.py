"""Returns with jumps: plain densities, brute force, and a filter on a grid."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
from scipy.special import gammaln, logsumexp
from scipy.stats import norm

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, store
from puffin.inference.latent_ar1.batch import CHOICES
from puffin.inference.latent_ar1.jump_errors import normal_row
from puffin.inference.latent_ar1.jumps import JumpObservations
from puffin.inference.latent_ar1.jumps_leverage import JumpLeverageObservations
from puffin.laws import find_law
from tests.inference import plain_jump_choices
from tests.inference.explained_problems import ExplainedProblem
from tests.inference.latent_problems import MU_SD, Problem
from tests.inference.measured_problems import ONE

JUMPS = (0.03, -0.5, 3.0)
SMOOTH, ROUGH = (0.05, 0.97, 0.25), (0.0, 0.55, 0.9)
FALSE_ALARM = 4.5
"""In standard errors: 7e-6."""

MODELS = [
    ("normal", (*SMOOTH, None, *JUMPS)),
    ("normal", (*ROUGH, None, 0.3, 1.0, 0.5)),
    ("normal", (*SMOOTH, -0.7, *JUMPS)),
    ("normal", (*ROUGH, 0.6, 0.3, 1.0, 0.5)),
    ("student", (*SMOOTH, None, 9.0, *JUMPS)),
    ("student", (*ROUGH, None, 4.0, 0.3, 1.0, 0.5)),
    ("student", (*SMOOTH, -0.7, 9.0, *JUMPS)),
    ("student", (*ROUGH, 0.6, 4.0, 0.3, 1.0, 0.5)),
]
UNSURE = np.array([0.5, -2.5, 0.3, 0.0, 1.4, -0.2, 3.5, -3.0, 0.1, -0.7, 2.6, 2.2])
"""Of which some may be jumps."""
every_model = pytest.mark.parametrize(("errors", "theta"), MODELS)


def problem_of(errors, theta, *arguments, **options):
    law = find_law(errors, jumps=True)
    kind = JumpObservations if theta[3] is None else JumpLeverageObservations
    kind = functools.partial(kind, law=law)
    return Problem(theta, *arguments, kind=kind, law=law, **options)


def log_density(deviation, h, eta, rho, shape):
    """Return that of a return less its mean, tau integrated by the trapezoidal rule."""
    return np.logaddexp(*log_components(deviation, h, eta, rho, shape))


def log_components(deviation, h, eta, rho, shape):
    """Return the log densities with no jump and with one, and their probabilities."""
    *nu, kappa, jump_mean, jump_sd = shape
    variance, shift = np.exp(h), rho * eta * np.exp(0.5 * h)
    none = one = -np.inf
    for tau, weight in _mixing(nu):
        off, own = deviation - math.sqrt(tau) * shift, (1.0 - rho**2) * tau * variance
        none = np.logaddexp(none, weight + _log_normal(off, own))
        one = np.logaddexp(one, weight + _log_normal(off - jump_mean, own + jump_sd**2))
    return math.log1p(-kappa) + none, math.log(kappa) + one


def _log_normal(deviation, variance):
    return -0.5 * (deviation**2 / variance + np.log(2.0 * math.pi * variance))


def _mixing(nu, step=0.1):
    """Return values of tau and their log-weights: half as many give a log-density to 2e-8."""
    if not nu:
        return [(1.0, 0.0)]
    half, rate = 0.5 * nu[0], 0.5 * (nu[0] - 2.0)
    u = np.arange(-4.0, 18.0, step)
    weights = half * math.log(rate) - gammaln(half) - half * u - rate * np.exp(-u)
    keep = weights > -45.0
    return zip(np.exp(u[keep]), weights[keep] + math.log(step), strict=True)


def explained(problem, step):
    """Return what regressors explain of the mean and of the log-variance."""
    if not isinstance(problem, ExplainedProblem):
        return np.zeros(problem.y.size), np.zeros(problem.y.size)
    b, g = problem.coefficients(step)
    return problem.design.of_mean @ b, problem.design.of_variance @ g


def explained_problem_of(errors, theta, n_times, missing=(), **options):
    theta = (*theta[:3], theta[3] or 0.0, *theta[4:])
    return ExplainedProblem(
        (errors, theta), (0.3,), (0.8, -0.3), n_times, missing, jumps=True, **options
    )


def log_joint(problem, h, mu, step, chosen=None):
    """Return log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2), factor by factor.

    Where it was chosen whether there was a jump, at the times that `chosen` has, that is given.
    """
    chosen = chosen or {}
    mean, phi, sigma, rho, *shape = problem.values(step)
    less, more = explained(problem, step)
    total = norm.logpdf(mu, 0.0, MU_SD) + norm.logpdf(h[0], mu, sigma / math.sqrt(1.0 - phi**2))
    for t in range(h.size):
        eta, r = 0.0, 0.0
        if t < h.size - 1:
            eta, r = (h[t + 1] - mu - phi * (h[t] - mu)) / sigma, rho
            total += norm.logpdf(eta) - math.log(sigma)
        if problem.present[t]:
            both = log_components(problem.y[t] - mean - less[t], h[t] + more[t], eta, r, shape)
            total += both[chosen[t]] if t in chosen else np.logaddexp(*both)
    return float(total)


@every_model
@pytest.mark.parametrize(("n_times", "missing"), [(9, ()), (12, (3, 4)), (7, (6,)), (2, ())])
def test_weight_is_exact(errors, theta, n_times, missing):
    """The density of a draw has the Jacobian of finite differences."""
    problem = problem_of(errors, theta, n_times, missing)
    step = problem.some_steps(1)[0]
    z = 1.5 * np.random.default_rng(2).standard_normal(n_times + 1)
    width = 1e-5 * np.eye(n_times + 1)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    ahead, behind = np.split(moved[1:], 2)
    log_q = -0.5 * z @ z - 0.5 * z.size * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    joint = log_joint(problem, moved[0, :-1], moved[0, -1], step)
    assert weights[0] == pytest.approx(joint - log_q, abs=5e-6)


def choices_of(problem, batch):
    """Return whether there is a jump, by time, and the log probability of that."""
    times = problem.approximation.tables.choices.times
    q = batch.constants[CHOICES : CHOICES + times.size, 0]
    return dict(zip(times.tolist(), (q > 0.0).astype(int), strict=True)), np.log(np.abs(q)).sum()


@every_model
@pytest.mark.parametrize("seed", [1, 2])
def test_weight_of_choices_is_exact(errors, theta, seed):
    """It is known whether there was a jump, and how probable that was."""
    problem = problem_of(errors, theta, 12, (3,), y=UNSURE).with_choices()
    step, n_choices = problem.some_steps(1)[0], problem.approximation.n_choices
    assert n_choices > 2
    z = np.random.default_rng(seed).standard_normal(13 + n_choices)
    width = 1e-5 * np.eye(13, z.size)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    chosen, log_q = choices_of(problem, problem.propose_batch(np.tile(step, (8, 1)), np.tile(z, 8)))
    ahead, behind = np.split(moved[1:], 2)
    log_q += -0.5 * z[:13] @ z[:13] - 6.5 * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    joint = log_joint(problem, moved[0, :-1], moved[0, -1], step, chosen)
    assert weights[0] == pytest.approx(joint - log_q, abs=5e-6)


@pytest.mark.parametrize(("errors", "theta"), [MODELS[0], MODELS[3], MODELS[5], MODELS[6]])
@pytest.mark.parametrize(("choices", "measures"), [(False, ONE), (True, ())])
def test_weight_beside_regressors_is_exact(errors, theta, choices, measures):
    """A jump has the size that it has, whatever regressors make of the rest of the return."""
    problem = explained_problem_of(errors, theta, 12, (3,), quiet=UNSURE, measures=measures)
    if choices:
        assert problem.with_choices().approximation.n_choices > 2
    step, size = problem.some_steps(1)[0], 13 + problem.approximation.n_choices
    z = np.random.default_rng(2).standard_normal(size)
    width = 1e-5 * np.eye(13, size)
    moved, weights = problem.move(np.vstack([z, z + width, z - width]), step)
    batch = problem.propose_batch(np.tile(step, (8, 1)), np.tile(z, 8))
    chosen, log_q = choices_of(problem, batch)
    ahead, behind = np.split(moved[1:], 2)
    log_q += -0.5 * z[:13] @ z[:13] - 6.5 * math.log(2 * math.pi)
    log_q -= np.linalg.slogdet((ahead - behind) / 2e-5)[1]
    h, mu = moved[0, :-1], moved[0, -1]
    joint = log_joint(problem, h, mu, step, chosen)
    joint += sum(problem.log_density_of_measures(t, s, step) for t, s in enumerate(h))
    assert weights[0] == pytest.approx(joint - log_q, abs=5e-6)


@pytest.mark.parametrize(("errors", "theta"), [MODELS[0], MODELS[3]])
def test_weights_beside_regressors_average_to_the_evidence(errors, theta):
    problem = explained_problem_of(errors, theta, 3, quiet=np.array([0.4, -4.0, 0.9]))
    assert problem.with_choices().approximation.n_choices
    step, n = 0.5 * problem.some_steps(1)[0], 100_000
    exact = filtered_evidence(problem, step)
    _, _, log_weights, _ = problem.propose(np.tile(step, (n, 1)))
    ratios = np.exp(log_weights - exact)
    error = ratios.std() / math.sqrt(n)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error
    assert error < 0.01


@pytest.mark.parametrize(("errors", "theta"), [MODELS[0], MODELS[6]])
def test_regressors_leave_weights_as_even(errors, theta):
    """Away from the guide's coefficients, too: choices are made as if at the proposal's own."""
    plain, explained = (
        kind(errors, theta, 300).with_choices() for kind in (problem_of, explained_problem_of)
    )
    steps = np.zeros((1024, explained.n_dims))
    steps[:, -3:] = 0.1, -0.1, 0.05
    ours = explained.propose(steps)[2].var()
    theirs = plain.propose(np.zeros((1024, plain.n_dims)))[2].var()
    assert ours < 1.5 * theirs + 0.1, (ours, theirs)


@every_model
def test_jumps_are_drawn_and_move_the_centres_as_they_should(errors, theta):
    problem = problem_of(errors, theta, 12, (3,), y=UNSURE).with_choices()
    step, n_choices = problem.some_steps(1)[0], problem.approximation.n_choices
    z = np.random.default_rng(4).standard_normal(13 + n_choices)
    batch = problem.propose_batch(np.tile(step, (8, 1)), np.tile(z, 8))
    chosen, shift = plain_jump_choices.decide(problem, step, z[13:], errors)
    first = CHOICES + n_choices
    np.testing.assert_allclose(batch.constants[CHOICES:first, 0], chosen, atol=1e-6)
    np.testing.assert_allclose(batch.constants[first : first + 12, 0], shift, atol=1e-5)


def filtered_evidence(problem, step, n_grid=81, n_mu=24, chosen=None):
    """Return log p(y | theta): h less mu filtered on a grid, mu by Gauss-Hermite.

    Where whether there was a jump is `chosen`, it is log p(y, that | theta).
    """

    def density(t, h, eta, rho):
        both = log_components(problem.y[t] - less[t] - mean, h + more[t], eta, rho, shape)
        return both[chosen[t]] if chosen and t in chosen else np.logaddexp(*both)

    mean, phi, sigma, rho, *shape = problem.values(step)
    less, more = explained(problem, step)
    stationary = sigma / math.sqrt(1.0 - phi**2)
    grid = np.linspace(-6.0, 6.0, n_grid) * stationary
    eta = (grid[None] - phi * grid[:, None]) / sigma
    forwards = norm.logpdf(eta) - math.log(sigma) + math.log(grid[1] - grid[0])
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_mu)
    total = []
    for mu, weight in zip(MU_SD * nodes, weights / weights.sum(), strict=True):
        h, log_p = mu + grid, norm.logpdf(grid, 0.0, stationary) + math.log(grid[1] - grid[0])
        for t in range(problem.y.size - 1):
            known = problem.present[t] * density(t, h[:, None], eta if rho else 0.0, rho)
            log_p = logsumexp(log_p[:, None] + known + forwards, axis=0)
        log_p = log_p + density(problem.y.size - 1, h, 0.0, 0.0)
        total.append(math.log(weight) + logsumexp(log_p))
    return logsumexp(total)


SHORT_STEP = np.array([0.05, -0.1, 0.1, 0.1, 0.02, -0.02, 0.05, 0.03])


def short_problem_of(errors, theta, n_times, missing):
    return problem_of(errors, theta, n_times, missing, y=np.array([0.4, -2.5, 0.9])[:n_times])


def assert_one_on_average(ratios):
    error = ratios.std() / math.sqrt(ratios.size)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * error
    assert error < 0.01


short_series = pytest.mark.parametrize(
    ("errors", "theta", "n_times", "missing"),
    [
        (*MODELS[0], 3, ()),
        (*MODELS[1], 3, (1,)),
        (*MODELS[2], 2, ()),
        (*MODELS[3], 3, ()),
        (*MODELS[4], 3, ()),
        (*MODELS[7], 2, ()),
    ],
)


@short_series
def test_weights_average_to_the_evidence(errors, theta, n_times, missing):
    problem = short_problem_of(errors, theta, n_times, missing)
    step, n = SHORT_STEP[: problem.n_dims], 200_000
    exact = filtered_evidence(problem, step)
    _, _, log_weights, _ = problem.propose(np.tile(step, (n, 1)))
    assert_one_on_average(np.exp(log_weights - exact))


@short_series
def test_weights_given_choices_average_to_the_evidence(errors, theta, n_times, missing):
    """Each way to choose by itself, as often as the others, the improbable ones too.

    How probable it is depends on the parameters and the choices before, not on the states.
    """
    problem = short_problem_of(errors, theta, n_times, missing).with_choices()
    times = problem.approximation.tables.choices.times
    step, n = SHORT_STEP[: problem.n_dims], 40_000
    for ways in itertools.product((0, 1), repeat=times.size):
        normals = np.random.default_rng(1).standard_normal((n, n_times + 1 + times.size))
        normals[:, n_times + 1 :] = np.where(np.array(ways) == 1, -9.0, 9.0)
        batch = problem.propose_batch(np.tile(step, (n, 1)), normals)
        chosen, log_q = choices_of(problem, batch)
        assert tuple(chosen.values()) == ways
        exact = filtered_evidence(problem, step, chosen=chosen)
        assert_one_on_average(np.exp(batch.log_weights + log_q - exact))


@pytest.mark.parametrize(("errors", "theta"), [MODELS[0], MODELS[2]])
def test_evidence_is_that_of_a_filter_on_a_grid(errors, theta):
    problem = problem_of(errors, theta, 40, (7, 8), seed=6)
    exact, n = filtered_evidence(problem, np.zeros(problem.n_dims)), 20_000
    _, _, log_weights, _ = problem.propose(np.zeros((n, problem.n_dims)))
    ratios = np.exp(log_weights - exact)
    assert abs(ratios.mean() - 1.0) < FALSE_ALARM * ratios.std() / math.sqrt(n)
    assert ratios.std() < 0.02 * math.sqrt(n)


@pytest.mark.parametrize(("errors", "theta"), [MODELS[0], MODELS[4]])
def test_transport_leaves_little_variance(errors, theta):
    problem = problem_of(errors, theta, 1000)
    _, _, log_weights, _ = problem.propose(np.zeros((1024, problem.n_dims)))
    assert log_weights.var() < 1.0


@pytest.mark.parametrize(("errors", "theta"), [MODELS[2], MODELS[6]])
def test_states_do_not_run_away(errors, theta):
    """With leverage a day that may have had a jump leaves two modes; draws stay about one."""
    problem = problem_of(errors, theta, 1000)
    h, _, log_weights, _ = problem.propose(np.zeros((1024, problem.n_dims)))
    expansion = problem.approximation.expansion
    assert np.isfinite(log_weights).all()
    assert np.abs((h - expansion.centre) / np.sqrt(expansion.variance)).max() < 10.0


@kernel
def _normal_row_in_lanes(inputs, out):
    row = normal_row(load(inputs, 0), load(inputs, 8), load(inputs, 16), load(inputs, 24))
    for i in range(5):
        store(out, i * LANES, row[i])


def test_derivatives_of_a_normal_component():
    """Those in closed form against differences of the density itself."""
    stream = np.random.default_rng(3)
    e, h, eta = stream.normal(0.0, [[2.0], [1.0], [1.0]], (3, LANES))
    rho, s = stream.uniform(-0.9, 0.9, LANES), stream.uniform(0.0, 3.0, LANES)

    def density(h, eta):
        variance = (1.0 - rho**2) * np.exp(h) + s**2
        return norm.logpdf(e, rho * eta * np.exp(0.5 * h), np.sqrt(variance)) + 0.5 * h

    root = np.sqrt((1.0 - rho**2) * np.exp(h) + s**2)
    shift = rho * np.exp(0.5 * h)
    inputs = np.array([(e - shift * eta) / root, shift / root, root**-2 * (root**2 - s**2), eta])
    out = np.empty((5, LANES))
    _normal_row_in_lanes(inputs, out)
    d = 1e-4
    of_h = [density(h + step, eta) for step in (-d, 0.0, d)]
    of_eta = [density(h, eta + step) for step in (-d, 0.0, d)]
    corners = [[density(h + i * d, eta + j * d) for j in (-1, 1)] for i in (-1, 1)]
    expected = [
        (of_h[2] - of_h[0]) / (2 * d),
        (of_eta[2] - of_eta[0]) / (2 * d),
        (of_h[2] - 2 * of_h[1] + of_h[0]) / d**2,
        (corners[1][1] - corners[1][0] - corners[0][1] + corners[0][0]) / (4 * d**2),
        (of_eta[2] - 2 * of_eta[1] + of_eta[0]) / d**2,
    ]
    np.testing.assert_allclose(out, expected, atol=1e-5)
