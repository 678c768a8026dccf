"""Series with leverage, their guides, and proposals about them: Gaussian and Student-t errors."""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.lanes import LANES
from puffin.inference.latent_ar1 import leverage, leverage_student_t
from puffin.inference.latent_ar1.transport import ROOM
from tests.inference import plain_leverage

MU_SD = 1.5


def simulate(n, theta, seed):
    mean, phi, sigma, rho, *nu = theta
    rng = np.random.default_rng(seed)
    h, y = -0.5 + sigma / math.sqrt(1.0 - phi**2) * rng.standard_normal(), np.empty(n)
    for t in range(n):
        eps, other = rng.standard_normal(2)
        tau = (0.5 * nu[0] - 1.0) / rng.gamma(0.5 * nu[0]) if nu else 1.0
        y[t] = mean + math.exp(0.5 * h) * math.sqrt(tau) * eps
        h = -0.5 + phi * (h + 0.5) + sigma * (rho * eps + math.sqrt(1.0 - rho**2) * other)
    return y


def unconstrained(theta):
    point = [theta[0], np.arctanh(theta[1]), np.log(theta[2]), np.arctanh(theta[3])]
    return np.array(point + [np.log(nu - 2.0) for nu in theta[4:]])


def natural(point):
    values = [point[0], np.tanh(point[1]), np.exp(point[2]), np.tanh(point[3])]
    return np.array(values + [2.0 + np.exp(nu) for nu in point[4:]])


class Problem:
    """A series, and the guide of its parameters: five of them with Student-t errors, else four."""

    def __init__(self, theta, n_times, missing=(), seed=1, y=None):
        self.theta = theta
        self.module = leverage_student_t if len(theta) == 5 else leverage
        self.y = simulate(n_times, theta, seed) if y is None else y
        self.seen = np.ones(n_times)
        self.seen[list(missing)] = 0.0
        self.expansion = self.module.fit(self.y, self.seen, *theta, MU_SD)
        widths = np.array([0.05, 0.1, 0.1, 0.1, 0.2])[: len(theta)]
        self.guide = self.module.guide(
            self.y, self.seen, unconstrained(theta), widths, MU_SD, self.expansion
        )

    def values(self, step):
        """Return the parameters `step` away."""
        return natural(unconstrained(self.theta) + step)

    def propose(self, steps, z=None, seed=0):
        """Return h, mu, log-weights and normals, for steps of shape (n_parameters, n)."""
        n, n_times = steps.shape[1], self.y.size
        params = natural(unconstrained(self.theta)[:, None] + steps)
        keep, fresh = (0.0, 1.0) if z is None else (1.0, 0.0)
        if z is None:
            z = np.zeros((n // LANES, n_times + 1, LANES))
        bits = np.random.SeedSequence(seed).generate_state(32, np.uint64).reshape(4, 8)
        room = np.empty((n_times, ROOM, LANES))
        states = np.empty((n // LANES, n_times, LANES))
        mus, log_weights = np.empty(n), np.empty(n)
        kernel = {
            leverage: leverage.weigh_leverage,
            leverage_student_t: leverage_student_t.weigh_leverage_student_t,
        }[self.module]
        kernel(
            bits, keep, fresh, z, params, np.ascontiguousarray(steps), MU_SD, self.y, self.seen,
            *vars(self.guide).values(), room, states, mus, log_weights,
        )  # fmt: skip
        h = states.transpose(0, 2, 1).reshape(n, n_times)
        return h, mus, log_weights, z.transpose(0, 2, 1).reshape(n, n_times + 1)

    def move(self, normals, step):
        """Return (h, mu) and log-weights for rows of normals, of shape (n, n_times + 1)."""
        n = -(-len(normals) // LANES) * LANES
        z = np.zeros((n, normals.shape[1]))
        z[: len(normals)] = normals
        lanes = z.reshape(n // LANES, LANES, -1).transpose(0, 2, 1)
        h, mu, weights, _ = self.propose(np.repeat(step[:, None], n, 1), lanes.copy())
        return np.column_stack([h, mu])[: len(normals)], weights[: len(normals)]

    def plain_draw(self, z, step):
        """Return the twin's h, mu and log-density of having drawn them."""
        values, guide = self.values(step), self.guide
        m = guide.centre + guide.centre_slopes @ step
        if self.module is leverage:
            scale = plain_leverage.approximate_exp(guide.variance_slopes @ step)
            v, cov = guide.variance * scale, guide.covariance * scale
            exponent = (guide.centre - m) / 2.0 + (v - guide.variance) / 8.0
            rows = plain_leverage.normal_rows(
                self.y, self.seen, values, m, v, cov, guide.level,
                guide.amplitude * plain_leverage.approximate_exp(exponent),
                plain_leverage.approximate_exp(v / 4.0),
            )  # fmt: skip
        else:
            amplitude = guide.amplitude * plain_leverage.approximate_exp((guide.centre - m) / 2.0)
            omega = plain_leverage.innovation_means(m, values[1], guide.level)
            rows = np.array(
                leverage_student_t.point_rows(
                    self.y, self.seen, tuple(values), -2.0 * np.log(amplitude), omega
                )
            )
            rows[0] += guide.gradient[:, :6] @ np.append(1.0, step)
            rows[1] += guide.gradient[:, 6:] @ np.append(1.0, step)
            rows[2:] += guide.curvature.T
            rows[4, :-1] = np.maximum(rows[4, :-1], 0.5 / values[2] ** 2)
            rows[2, :-1] = np.maximum(rows[2, :-1], rows[3, :-1] ** 2 / rows[4, :-1])
            rows[[1, 3, 4, 6, 7, 8], -1] = 0.0
        return plain_leverage.draw(z, rows, *values[1:3], m, guide.level, MU_SD)

    def log_joint(self, h, mu, step):
        return plain_leverage.log_joint(h, mu, self.y, self.seen, self.values(step), MU_SD)
