"""Series, what guides proposals of their states, and proposals, for all four models."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import logsumexp

from puffin.compiling.lanes import LANES
from puffin.inference.latent_ar1 import shock_derivatives, shock_integral
from puffin.inference.latent_ar1.approximation import with_slopes
from puffin.inference.latent_ar1.batch import Batch
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SHAPE, SIGMA, Coordinates
from puffin.inference.latent_ar1.leverage import NormalLeverageObservations
from puffin.inference.latent_ar1.leverage_student_t import StudentTLeverageObservations
from puffin.inference.latent_ar1.normal import NormalObservations
from puffin.inference.latent_ar1.observations import Series
from puffin.inference.latent_ar1.student_t import StudentTObservations
from puffin.inference.mode import Mode
from puffin.inference.stochastic_volatility import StochasticVolatility
from puffin.laws import LAWS
from puffin.laws.parameter import (
    BetaPrior,
    ExponentialPrior,
    HalfNormalPrior,
    LogNormalPrior,
    NormalPrior,
    SharePrior,
)
from tests.inference import plain_latent_ar1

SMOOTH = (0.05, 0.97, 0.25, -0.7)
ROUGH = (0.0, 0.55, 0.9, 0.6)
SMOOTH_T = (*SMOOTH, 9.0)
ROUGH_T = (*ROUGH, 3.0)
LEVERAGE = [SMOOTH, ROUGH, SMOOTH_T, ROUGH_T]
MODELS = [*LEVERAGE, *[(*theta[:3], None, *theta[4:]) for theta in LEVERAGE]]
MU_SD = 1.5
PRIORS = {
    "mean": NormalPrior(1.0),
    "phi": BetaPrior(20.0, 1.5),
    "sigma": HalfNormalPrior(1.0),
    "nu": ExponentialPrior(10.0, 2.0),
    "nu_left": ExponentialPrior(10.0, 2.0),
    "nu_right": ExponentialPrior(10.0, 2.0),
    "asymmetry": NormalPrior(0.5),
    "rho": BetaPrior(4.0, 4.0),
    "kappa": SharePrior(2.0, 100.0),
    "jump_mean": NormalPrior(1.0),
    "jump_sd": LogNormalPrior(3.0, 0.5),
    "mean_coefficients": NormalPrior(1.0),
    "variance_coefficients": NormalPrior(1.0),
}


def simulate(n, theta, seed, law):
    mean, phi, sigma, rho, *values = theta
    rho, shape = rho or 0.0, dict(zip(law.shape_names, map(np.array, values), strict=True))
    rng = np.random.default_rng(seed)
    h, y = -0.5 + sigma / math.sqrt(1.0 - phi**2) * rng.standard_normal(), np.empty(n)
    for t in range(n):
        eps, other = rng.standard_normal(2)
        y[t] = law.given_volatility(np.array(h), {"mean": mean, **shape}).draw(eps, rng)
        h = -0.5 + phi * (h + 0.5) + sigma * (rho * eps + math.sqrt(1.0 - rho**2) * other)
    return y


def log_error_density(error, eta, rho, nu):
    """Return the log density of an error given the shock that it is tied to."""
    k = 1.0 / (1.0 - rho**2)
    if not nu:
        return -0.5 * k * (error - rho * eta) ** 2 + 0.5 * math.log(k / (2.0 * math.pi))
    log_m = shock_integral.log_integral(k * error**2 + nu[0] - 2.0, k * rho * error * eta, nu[0])
    constant = shock_integral.log_constant(nu[0]) + 0.5 * math.log(k / (2.0 * math.pi))
    return constant + log_m - 0.5 * k * (rho * eta) ** 2


KINDS = {
    (False, False): NormalObservations,
    (True, False): StudentTObservations,
    (False, True): NormalLeverageObservations,
    (True, True): StudentTLeverageObservations,
}
WIDTHS = {"mean": 0.05, "phi": 0.1, "sigma": 0.05, "nu": 0.2, "rho": 0.1}
WIDTHS |= {"asymmetry": 0.1, "nu_left": 0.05, "nu_right": 0.05}
WIDTHS |= {"kappa": 0.03, "jump_mean": 0.3, "jump_sd": 0.2}


class Problem:
    """A series, what guides the proposals, and proposals about its parameters.

    Parameters are (mean, phi, sigma, rho), and those of the law: nu where errors are Student-t;
    rho is None without leverage. Steps are away from them in the coordinates of the sampler.
    """

    moved = 0.0
    """How far the centre of the states is from where what is observed has it."""

    def __init__(self, theta, n_times, missing=(), seed=1, y=None, kind=None, law=None):
        self.theta = theta
        self.student, self.leverage = len(theta) == 5, theta[3] is not None
        law = law or LAWS["student" if self.student else "normal"]
        names = ["mean", "phi", "sigma", *["rho"] * self.leverage, *law.shape_names]
        model = StochasticVolatility(law, self.leverage, True, MU_SD, PRIORS)
        parameters = {parameter.name: parameter for parameter in model.parameters}
        self.coordinates = Coordinates(tuple(parameters[name] for name in names))
        self.n_dims = len(names)
        self.y = simulate(n_times, theta, seed, law) if y is None else y
        self.present = np.ones(n_times)
        self.present[list(missing)] = 0.0
        self.observations = (kind or KINDS[self.student, self.leverage])(
            Series(self.y, self.present, MU_SD)
        )
        widths = np.array([WIDTHS[name] for name in names])
        mode = Mode(self.point(theta), np.diag(widths**2), 0.0)
        self.approximation = with_slopes(self.observations, self.coordinates, mode, None)

    def point(self, theta):
        """Return the coordinates of parameters."""
        mean, phi, sigma, rho, *shape = theta
        values = [mean, phi, sigma, *([] if rho is None else [rho]), *shape]
        parameters = zip(self.coordinates.parameters, values, strict=True)
        return np.array([one.transform.coordinate(np.array(value)) for one, value in parameters])

    def values(self, step):
        """Return the parameters `step` away: mean, phi, sigma, rho, and those of the law."""
        natural = self.coordinates.natural((self.point(self.theta) + step)[None])[:, 0]
        return natural[[MEAN, PHI, SIGMA, RHO, *range(SHAPE, natural.size)]]

    def fit(self, step):
        """Return the expansion of the parameters `step` away."""
        natural = self.coordinates.natural((self.point(self.theta) + step)[None])[:, 0]
        return self.observations.fit(natural, None)

    def some_steps(self, n, seed=5):
        """Return steps in random directions, shape (n, n_dims)."""
        return 0.1 * np.random.default_rng(seed).standard_normal((n, self.n_dims))

    def with_choices(self):
        """Have choices drawn that are averaged over else."""
        self.approximation = self.approximation.with_choices(self.observations, self.coordinates)
        return self

    def propose(self, steps, z=None, seed=0):
        """Return h, mu, log-weights and normals, for steps of shape (n, n_parameters)."""
        batch = self.propose_batch(steps, z, seed)
        n, n_times = len(steps), self.y.size
        h = batch.states.transpose(0, 2, 1).reshape(n, n_times)
        normals = batch.z.transpose(0, 2, 1).reshape(n, -1)
        return h, batch.mu, batch.log_weights, normals

    def propose_batch(self, steps, z=None, seed=0):
        """Return the batch of the proposals."""
        n, n_choices = len(steps), self.approximation.n_choices
        batch = Batch.of(self.y.size, np.random.default_rng(seed), n // LANES, n_choices)
        if z is not None:
            batch.z[:] = z.reshape(n // LANES, LANES, -1).transpose(0, 2, 1)
        keep, fresh = (0.0, 1.0) if z is None else (1.0, 0.0)
        origin = self.point(self.theta)
        rows = self.coordinates.rows(origin + steps, origin, self.approximation.reach)
        self.observations.propose(batch, rows, self.approximation.tables, keep, fresh)
        return batch

    def move(self, normals, step):
        """Return (h, mu) and log-weights for rows of normals, of shape (n, n_times + 1)."""
        n = -(-len(normals) // LANES) * LANES
        z = np.zeros((n, normals.shape[1]))
        z[: len(normals)] = normals
        h, mu, weights, _ = self.propose(np.tile(step, (n, 1)), z)
        return np.column_stack([h, mu])[: len(normals)], weights[: len(normals)]

    def plain_draw(self, z, step):
        """Return the twin's h, mu and log-density of having drawn them."""
        values, level = self.values(step), self.approximation.expansion.level
        offsets = self.offsets(step)
        make = {
            (False, False): self._normal_rows,
            (True, False): self._student_rows,
            (False, True): self._leverage_rows,
            (True, True): self._leverage_student_rows,
        }[self.student, self.leverage]
        m, rows = make(values, offsets)
        rows = self.with_measures(rows, m + self.moved, step)
        return plain_latent_ar1.draw(z, rows, *values[1:3], m + self.moved, level, MU_SD)

    def with_measures(self, rows, centre, step):
        """Return the rows with what measures of the states add."""
        return rows

    def offsets(self, step):
        """Return how far the parameters are from the guide's, as the kernel is told."""
        origin, reach = self.point(self.theta), self.approximation.reach
        return self.coordinates.rows((origin + step)[None], origin, reach)[1, :, 0]

    def _state_rows(self, values, m, h, hh, hhh):
        """Return the nine derivatives of observations that know nothing of the innovations."""
        rows = np.zeros((9, self.y.size))
        rows[0], rows[2], rows[5] = h, hh, hhh
        level = self.approximation.expansion.level
        rows[1, :-1] = -plain_latent_ar1.innovation_means(m + self.moved, values[1], level)[:-1]
        rows[4, :-1] = 1.0
        rows[[1, 4]] /= values[2] ** 2
        return rows

    def _normal_rows(self, values, offsets):
        centre, scale, centre_slopes, scale_slopes = self.approximation.tables
        m = centre + centre_slopes @ offsets
        scale = scale * plain_latent_ar1.approximate_exp(scale_slopes @ offsets)
        half = 0.5 * self.present * (self.y - values[0]) ** 2 * scale
        return m, self._state_rows(values, m, half - 0.5 * self.present, half, half)

    def _student_rows(self, values, offsets):
        centre, scales, slopes = self.approximation.tables
        m, nu = centre + slopes @ offsets, values[4]
        odds = self.present * (self.y - values[0]) ** 2 / (nu - 2.0) * scales
        odds = odds * plain_latent_ar1.approximate_exp(-slopes @ offsets)
        pi = odds / (1.0 + odds)
        weights = np.array([1.0, 4.0, 1.0]) / 12.0 * (nu + 1.0)
        g, c, third = (
            weights @ derivative
            for derivative in (pi, pi * (1.0 - pi), pi * (1.0 - pi) * (1.0 - 2.0 * pi))
        )
        return m, self._state_rows(values, m, g - 0.5 * self.present, c, third)

    def _leverage_rows(self, values, offsets):
        centre, variance, covariance, amplitude, level, centre_slopes, variance_slopes = (
            self.approximation.tables
        )
        m = centre + centre_slopes @ offsets
        scale = plain_latent_ar1.approximate_exp(variance_slopes @ offsets)
        v, cov = variance * scale, covariance * scale
        exponent = (centre - m) / 2.0 + (v - variance) / 8.0
        rows = plain_latent_ar1.normal_rows(
            self.y, self.present, values, m + self.moved, v, cov, level,
            amplitude * plain_latent_ar1.approximate_exp(exponent),
            plain_latent_ar1.approximate_exp(v / 4.0),
        )  # fmt: skip
        return m, rows

    def _leverage_student_rows(self, values, offsets):
        tables = self.approximation.tables
        centre, centre_slopes, level = tables.centre, tables.centre_slopes, tables.level
        sigma_origin, sigma_rate, nu_origin, nu_rate = tables.straight
        sigma = values[2]
        offsets = offsets.copy()
        squares = sigma**2, sigma_origin**2
        offsets[SIGMA] = sigma_rate * (squares[0] - squares[1]) / (squares[0] + squares[1])
        offsets[SHAPE] = nu_rate * (1.0 / (values[4] + 1.0) - nu_origin)
        m = centre + centre_slopes @ offsets
        amplitude = tables.amplitude * plain_latent_ar1.approximate_exp((centre - m) / 2.0)
        omega = plain_latent_ar1.innovation_means(m + self.moved, values[1], level)
        near = np.clip(omega, -3.0 * sigma, 3.0 * sigma)
        rows = np.array(
            shock_derivatives.point_rows(
                self.y, self.present, tuple(values), -2.0 * np.log(amplitude), near
            )
        )
        rows += tables.excess.T / sigma ** np.array([0, 1, 0, 1, 2, 0, 1, 2, 3])[:, None]
        rows[0] += tables.h_slopes @ offsets
        rows[1] += tables.w_slopes @ offsets / sigma
        rows[4, :-1] = np.maximum(rows[4, :-1], 0.5 / values[2] ** 2)
        rows[2, :-1] = np.maximum(rows[2, :-1], rows[3, :-1] ** 2 / rows[4, :-1])
        rows[[1, 3, 4, 6, 7, 8], -1] = 0.0
        rows[0] -= rows[3] * (omega - near)
        rows[1] -= rows[4] * (omega - near)
        return m, rows

    def log_joint(self, h, mu, step):
        return plain_latent_ar1.log_joint(h, mu, self.y, self.present, self.values(step), MU_SD)


def of_errors(log_error_density):
    """Return the log density of a return, given that of an error, eta, rho and the law's shape."""
    return lambda deviation, h, *rest: (
        log_error_density(deviation * np.exp(-0.5 * h), *rest) - 0.5 * h
    )


def brute_force_evidence(
    problem, step, log_density_of, n_grid=61, n_mu=24, log_density_of_state=lambda t, h: 0.0
):
    """Return log p(y | theta) by the trapezoidal rule in h and Gauss-Hermite in mu.

    `log_density_of` has the log density of a return less its mean, given its log-variance, the
    shock eta, rho and the law's shape; `log_density_of_state` that of what else is known at a time,
    given its state.
    """
    mean, phi, sigma, rho, *shape = problem.values(step)
    nodes, mu_weights = np.polynomial.hermite_e.hermegauss(n_mu)
    n_times = problem.y.size
    # Innovations are independent N(0, 1): the grid lies in them. What is of a time varies along the
    # axes of the shocks up to then alone.
    grid = np.linspace(-7.0, 7.0, n_grid)
    shocks = np.meshgrid(*[grid] * n_times, indexing="ij", sparse=True)
    prior = sum(-0.5 * e**2 - 0.5 * math.log(2 * math.pi) for e in shocks)
    total = []
    for mu, weight in zip(MU_SD * nodes, mu_weights / math.sqrt(2.0 * math.pi), strict=True):
        log_density = prior
        h = mu + sigma / math.sqrt(1.0 - phi**2) * shocks[0]
        for t in range(n_times):
            eta, r = (shocks[t + 1], rho) if t < n_times - 1 else (0.0, 0.0)
            if problem.present[t]:
                log_density = log_density + log_density_of(problem.y[t] - mean, h, eta, r, shape)
            log_density = log_density + log_density_of_state(t, h)
            h = mu + phi * (h - mu) + sigma * eta
        total.append(math.log(weight) + logsumexp(log_density))
    return logsumexp(total) + n_times * math.log(grid[1] - grid[0])
