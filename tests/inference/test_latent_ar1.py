"""Latent AR(1) chains: the expansion, the proposal and its weight, for all four models."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, store
from puffin.inference.latent_ar1 import leverage, shock_derivatives, shock_integral
from puffin.inference.latent_ar1.expansion import Expansion
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.observations import Series
from tests.inference import plain_latent_ar1
from tests.inference.latent_problems import MU_SD, Problem

SMOOTH = (0.05, 0.97, 0.25, -0.7)
ROUGH = (0.0, 0.55, 0.9, 0.6)
SMOOTH_T = (*SMOOTH, 9.0)
ROUGH_T = (*ROUGH, 3.0)
LEVERAGE = [SMOOTH, ROUGH, SMOOTH_T, ROUGH_T]
MODELS = [*LEVERAGE, *[(*theta[:3], None, *theta[4:]) for theta in LEVERAGE]]
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


def log_error_density(error, eta, rho, nu):
    k = 1.0 / (1.0 - rho**2)
    if not nu:
        return -0.5 * k * (error - rho * eta) ** 2 + 0.5 * math.log(k / (2.0 * math.pi))
    log_m = shock_integral.log_integral(k * error**2 + nu[0] - 2.0, k * rho * error * eta, nu[0])
    constant = shock_integral.log_constant(nu[0]) + 0.5 * math.log(k / (2.0 * math.pi))
    return constant + log_m - 0.5 * k * (rho * eta) ** 2


def brute_force_evidence(problem, step, n_grid=61, n_mu=24):
    """Return log p(y | theta) by the trapezoidal rule in h and Gauss-Hermite in mu."""
    mean, phi, sigma, rho, *nu = problem.values(step)
    nodes, mu_weights = np.polynomial.hermite_e.hermegauss(n_mu)
    n_times = problem.y.size
    # Innovations are independent N(0, 1): the grid lies in them.
    grid = np.linspace(-7.0, 7.0, n_grid)
    shocks = np.meshgrid(*[grid] * n_times, indexing="ij")
    prior = sum(-0.5 * e**2 - 0.5 * math.log(2 * math.pi) for e in shocks)
    total = []
    for mu, weight in zip(MU_SD * nodes, mu_weights / math.sqrt(2.0 * math.pi), strict=True):
        log_density = prior
        h = mu + sigma / math.sqrt(1.0 - phi**2) * shocks[0]
        for t in range(n_times):
            eta, r = (shocks[t + 1], rho) if t < n_times - 1 else (0.0, 0.0)
            if problem.seen[t]:
                error = (problem.y[t] - mean) * np.exp(-0.5 * h)
                log_density = log_density + log_error_density(error, eta, r, nu) - 0.5 * h
            h = mu + phi * (h - mu) + sigma * eta
        total.append(math.log(weight) + logsumexp(log_density))
    return logsumexp(total) + n_times * math.log(grid[1] - grid[0])


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
    exact = brute_force_evidence(problem, step)
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


@pytest.mark.parametrize("theta", [MODELS[i] for i in (0, 2, 4, 6)])
def test_slopes_lead_to_the_expansion_of_other_parameters(theta):
    problem = Problem(theta, 400)
    step = np.array([0.03, 0.03, -0.03, 0.08, 0.2])[: problem.n_dims]
    exact, centre = problem.fit(step).centre, problem.approximation.expansion.centre
    origin = problem.point(theta)
    reach = problem.approximation.reach
    offsets = problem.coordinates.rows((origin + step)[None], origin, reach)[1, :, 0]
    slopes = next(
        argument
        for argument in problem.approximation.tables
        if isinstance(argument, np.ndarray)
        and argument.shape == (400, problem.coordinates.n_natural)
    )
    unmoved = np.abs(exact - centre).mean()
    assert np.abs(exact - centre - slopes @ offsets).mean() < 0.25 * unmoved


@pytest.mark.parametrize("theta", [SMOOTH, ROUGH, SMOOTH_T])
def test_expansion_is_where_expected_gradients_vanish(theta):
    problem = Problem(theta, 50, (7, 8))
    e = problem.fit(np.zeros(problem.n_dims))
    if len(theta) == 5:
        rows = np.array(shock_derivatives.expected_rows(problem.y, problem.seen, theta, e, 3))
    else:
        rows = plain_latent_ar1.normal_rows(
            problem.y, problem.seen, theta, e.centre, e.variance, e.covariance, e.level,
            np.exp(e.variance / 8.0 - e.centre / 2.0), np.exp(e.variance / 4.0),
        )  # fmt: skip
    gradient, precision = plain_latent_ar1.gradient_and_precision(
        rows, *theta[1:3], e.centre, e.level, MU_SD
    )
    covariance = np.linalg.inv(precision)
    assert np.abs(covariance @ gradient).max() < 2e-3
    np.testing.assert_allclose(np.diag(covariance)[:-1], e.variance, rtol=5e-3)
    np.testing.assert_allclose(np.diag(covariance, 1)[:-1], e.covariance[:-1], rtol=5e-3)


@pytest.mark.parametrize("nu", [2.0001, 2.5, 4.0, 11.0, 60.0, 1000.0])
def test_shock_integral_agrees_with_quadrature(nu):
    log_p = np.linspace(-40.0, 5.0, 400_001)
    step = log_p[1] - log_p[0]
    p = np.exp(log_p)
    for x in (-30.0, -6.0, -1.0, 0.0, 0.5, 3.0, 12.0):
        exact = logsumexp((nu + 1.0) * log_p - 0.5 * p**2 + x * p) + math.log(step)
        ours = shock_integral.log_integral(np.array([1.0]), np.array([x]), nu)
        assert ours[0] == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("nu", [2.2, 6.0, 40.0])
def test_density_agrees_with_quadrature_over_the_mixing_variable(nu):
    for error, eta, rho in ((0.3, 1.0, -0.7), (-4.0, 2.0, -0.7), (8.0, -2.5, 0.9), (1.0, 0.5, 0.0)):
        ours = log_error_density(np.array([error]), eta, rho, (nu,))
        exact = plain_latent_ar1.log_student_t(error, eta, rho, nu)
        assert ours[0] == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("theta", [SMOOTH_T, ROUGH_T])
def test_hermite_moments_are_sums_over_nodes(theta):
    problem = Problem(theta, 15, (0, 6))
    e = problem.fit(np.zeros(problem.n_dims))
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    linked = np.r_[problem.seen[:-1], 0.0]
    onward = np.r_[np.ones(14), 0.0]
    x = nodes[:, None, None] * np.sqrt(e.variance)
    omega = e.innovation(theta[1]) + 0.3 * x + nodes[None, :, None] * 0.2
    values = shock_derivatives.log_terms(
        problem.y, problem.seen, theta, e.centre + x, omega, linked, onward
    )
    polynomials = np.array([np.ones(3), nodes, nodes**2 - 1.0, nodes**3 - 3.0 * nodes]) * weights
    exact = np.einsum("ai,bj,ijt->abt", polynomials, polynomials, values)
    moment = np.zeros((4, 4, 15))
    error = problem.seen * (problem.y - theta[0])
    shape = np.array([np.sqrt(e.variance), np.full(15, 0.3), np.full(15, 0.2)])
    constant = shock_integral.log_constant(theta[4])
    coefficients = shock_integral.log_integral_coefficients(theta[4])
    shock_derivatives._hermite_moments(
        shock_derivatives.Errors(error, problem.seen, linked, onward),
        shock_derivatives.Gaussian(e.centre, e.innovation(theta[1]), *shape),
        shock_derivatives.Density(*theta[2:], constant, coefficients),
        nodes, polynomials, moment,
    )  # fmt: skip
    # The last time has no innovation, and the first and seventh no return.
    np.testing.assert_allclose(moment, exact, atol=1e-10)


@kernel
def constants_in_lanes(nu, out):
    store(out, 0, shock_integral.log_constant_lanes(load(nu, 0)))


def test_constant_in_lanes():
    nu, out = 2.0 + np.logspace(-4, 3, LANES), np.empty(LANES)
    constants_in_lanes(nu, out)
    exact = math.log(2.0) + 0.5 * nu * np.log(0.5 * nu - 1.0) - gammaln(0.5 * nu)
    np.testing.assert_allclose(out, exact, rtol=1e-12, atol=1e-11)


def test_gaussian_errors_are_the_limit_of_student_t_errors():
    y, seen = Problem(SMOOTH, 30).y, np.ones(30)
    h = 0.4 * np.random.default_rng(1).standard_normal(30)
    omega = np.append(h[1:] - 0.97 * h[:-1], 0.0)
    linked = np.r_[np.ones(29), 0.0]
    ours = shock_derivatives.log_terms(y, seen, (*SMOOTH, 1e7), h, omega, linked, linked)
    eta, r = omega / 0.25, linked * -0.7
    a = (y - 0.05) * np.exp(-0.5 * h)
    k = 1.0 / (1.0 - r**2)
    exact = -0.5 * (h + k * (a - r * eta) ** 2 + linked * eta**2) + 0.5 * np.log(k / (2 * math.pi))
    np.testing.assert_allclose(ours, exact, atol=1e-5)


def test_derivatives_at_a_point_are_those_of_the_profile():
    theta, h, omega, width = (0.1, 0.95, 0.3, -0.6, 6.0), -0.2, 0.1, 4e-3
    y, seen = np.array([1.4, 0.0]), np.ones(2)

    def profile(i, j):
        mean, _, sigma, rho, nu = theta
        N, k = nu + 1.0, 1.0 / (1.0 - rho**2)
        w = omega + j * width
        a = (1.4 - mean) * math.exp(-0.5 * (h + i * width))
        A, B = k * a**2 + nu - 2.0, k * rho / sigma * math.sqrt((N - 0.5 + 0.125 / N) / N) * a * w
        p = (B + math.sqrt(B**2 + 4.0 * N * A)) / (2.0 * A)
        prior = -0.5 * k * (w / sigma) ** 2 - 0.5 * (h + i * width)
        return N * math.log(p) - 0.5 * A * p**2 + B * p + prior

    stencils = {1: {1: 0.5, -1: -0.5}, 2: {1: 1, 0: -2, -1: 1}, 3: {2: 0.5, 1: -1, -1: 1, -2: -0.5}}
    stencils[0] = {0: 1}

    def difference(m, n):
        total = sum(
            a * b * profile(i, j) for i, a in stencils[m].items() for j, b in stencils[n].items()
        )
        return total / width ** (m + n)

    orders = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    signs = [1, 1, -1, -1, -1, 1, 1, 1, 1]
    ours = shock_derivatives.point_rows(y, seen, theta, np.full(2, h), np.full(2, omega))
    for row, sign, order in zip(ours, signs, orders, strict=True):
        assert row[0] == pytest.approx(sign * difference(*order), rel=2e-4, abs=2e-4)


def natural_of(theta):
    mean, phi, sigma, rho = theta
    return np.array([mean, phi, sigma, rho])


def test_expected_derivatives_agree_with_averages_of_those_of_gaussian_errors():
    """Hermite moments against the closed forms, at nu so large that the errors are Gaussian."""
    y, seen = Problem(SMOOTH, 20).y, np.ones(20)
    seen[4] = 0.0
    e = NormalLeverageObservations(Series(y, seen, MU_SD)).fit(natural_of(SMOOTH), None)
    ours = shock_derivatives.expected_rows(y, seen, (*SMOOTH, 1e6), e, 5)
    closed = leverage.expected_derivatives(y, seen, SMOOTH, e)
    for mine, name in zip(ours[:5], ("h", "w", "hh", "hw", "ww"), strict=True):
        np.testing.assert_allclose(mine, getattr(closed, name), atol=5e-3, rtol=5e-3)


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


def test_no_variance_gives_the_derivatives_at_the_mode():
    y, seen = Problem(ROUGH, 12).y, np.ones(12)
    e = NormalLeverageObservations(Series(y, seen, MU_SD)).fit(natural_of(ROUGH), None).at_centre()
    assert isinstance(e, Expansion)
    d = leverage.expected_derivatives(y, seen, ROUGH, e)
    a = y * np.exp(-0.5 * e.centre)
    np.testing.assert_allclose(d.h[-1], 0.5 * a[-1] ** 2 - 0.5)
