"""Plain NumPy twins of the kernels of factor stochastic volatility: dense matrices, no lanes."""

from __future__ import annotations

import math

import numba
import numpy as np
from scipy.special import logsumexp, softmax
from scipy.stats import norm
from scipy.stats import t as student

from puffin.compiling.lanes import store
from puffin.compiling.normal_pairs import normal_pair, uniform_lanes
from puffin.inference.factor_sv.mixture import MEANS, VARIANCES, WEIGHTS


@numba.njit
def _pair(bits, out):
    one, other = normal_pair(bits)
    store(out, 0, one)
    store(out, 8, other)


@numba.njit
def _uniform(bits, out):
    store(out, 0, uniform_lanes(bits))


class Lanes:
    """Random numbers of eight lanes, in the order in which kernels take them."""

    def __init__(self, bits):
        self.bits = bits

    def pair(self):
        out = np.empty((2, 8))
        _pair(self.bits, out)
        return out

    def uniform(self):
        out = np.empty(8)
        _uniform(self.bits, out)
        return out

    def normals(self, count):
        return np.concatenate([self.pair() for _ in range((count + 1) // 2)])[:count]


def mixture(x):
    """Return the logs of the components' densities."""
    return np.log(WEIGHTS) + norm.logpdf(x, MEANS, np.sqrt(VARIANCES))


def log_weight(y, h, present, offset):
    exact = -0.5 * (h + y**2 * np.exp(-h))
    rough = [logsumexp(mixture(x)) for x in np.log(y**2 + offset) - h]
    return (present * (exact - rough)).sum()


def prior_precision(phi, n):
    """Return sigma^2 times the precision of a stationary AR(1) chain."""
    matrix = np.diag(np.full(n, 1.0 + phi**2))
    matrix[0, 0] = matrix[-1, -1] = 1.0
    return matrix - phi * (np.eye(n, k=1) + np.eye(n, k=-1))


def gaussian(phi, sigma, d, c, mu_sd):
    """Return log p(d | phi, sigma) but for what neither changes; mean and sd of mu; P and shifts.

    d_t ~ N(h_t, 1 / c_t) where c_t > 0, mu ~ N(0, mu_sd^2).
    """
    n = d.size
    P = prior_precision(phi, n) / sigma**2 + np.diag(c)
    solved_b, solved_c = np.linalg.solve(P, c * d), np.linalg.solve(P, c)
    precision = c.sum() - c @ solved_c + mu_sd**-2
    shift = (c * d).sum() - c @ solved_b
    ratio = np.linalg.slogdet(prior_precision(phi, n))[1] - np.linalg.slogdet(P * sigma**2)[1]
    quadratic = c * d @ solved_b + shift**2 / precision
    log_density = 0.5 * (quadratic + ratio - math.log(precision * mu_sd**2))
    return log_density, shift / precision, precision**-0.5, P, (solved_b, solved_c)


def log_prior(x, z, prior):
    u = 1.0 / (1.0 + math.exp(-2.0 * x))
    beta = prior.phi_a * math.log(u) + prior.phi_b * math.log(1.0 - u)
    return beta - 0.5 * z**4 / prior.sigma_sd**2 + math.log(abs(z))


def draw_log_variances(panel, prior, walks, chain):
    lanes = Lanes(chain.bits)
    n_times, n_columns = panel.returns.shape
    for first in range(0, n_columns, 8):
        normals = lanes.normals(n_times + 1)
        uniforms = np.array([lanes.uniform() for _ in range(n_times)])
        steps = [(lanes.pair(), lanes.uniform()) for _ in range(walks + 2)]
        last = lanes.uniform()
        for lane in range(8):
            of_lane = [(pair[:, lane], uniform[lane]) for pair, uniform in steps[1:-1]]
            _one(
                panel, prior, chain, first + lane, normals[:, lane], uniforms[:, lane], of_lane,
                last[lane],
            )  # fmt: skip


def _one(panel, prior, chain, column, normals, uniforms, steps, last):
    y, h, present = chain.errors[:, column], chain.h[:, column], panel.present[:, column]
    offset = 1e-8 * (present * y**2).sum() / max(present.sum(), 1e-300) + 1e-300
    log_square = np.log(y**2 + offset)
    components = [
        int(np.searchsorted(np.cumsum(softmax(mixture(x))), u))
        for x, u in zip(log_square - h, uniforms, strict=True)
    ]
    d, c = log_square - MEANS[components], present / VARIANCES[components]
    mu_sd = panel.mu_precision[column] ** -0.5
    x, z = chain.points[:, column]

    def density(x, z):
        return gaussian(math.tanh(x), z**2, d, c, mu_sd)[0] + log_prior(x, z, prior)

    first, slope, rest = chain.steps[:, column]
    for (one, other), uniform in steps:
        new_x, new_z = x + first * one, z + slope * one + rest * other
        if math.log(uniform) < density(new_x, new_z) - density(x, z):
            x, z = new_x, new_z
    _, mean, sd, P, (solved_b, solved_c) = gaussian(math.tanh(x), z**2, d, c, mu_sd)
    mu = mean + sd * normals[-1]
    noise = np.linalg.solve(np.linalg.cholesky(P).T, normals[:-1])
    new_h = mu + solved_b - mu * solved_c + noise
    ratio = log_weight(y, new_h, present, offset) - log_weight(y, h, present, offset)
    chain.accepted[column] = math.log(last) < ratio
    if chain.accepted[column]:
        chain.points[:, column], chain.mu[column], chain.h[:, column] = (x, z), mu, new_h
    chain.precision[:, column] = present * np.exp(-chain.h[:, column])


def draw_mixing(stream, panel, prior, chain):
    for i in range(panel.n_assets):
        there = panel.present[:, i] > 0
        errors = (chain.errors[:, i] * np.exp(-0.5 * chain.h[:, i]))[there]

        def density(x, errors=errors):
            nu = 2.0 + math.exp(x)
            of_errors = student.logpdf(errors, nu, 0.0, math.sqrt((nu - 2.0) / nu)).sum()
            return of_errors - (nu - 2.0) / prior.nu_mean + x

        x = math.log(chain.nu[i] - 2.0)
        nu = 2.0 + math.exp(x + slice_step(stream, lambda g, x=x, f=density: f(x + g), width=2.0))
        rates = 0.5 * (nu - 2.0 + errors**2)
        chain.nu[i], chain.mixing[:, i] = nu, 1.0
        tau = [rate / stream.standard_gamma(0.5 * (nu + 1.0)) for rate in rates]
        chain.mixing[there, i] = tau
        chain.errors[:, i] /= np.sqrt(chain.mixing[:, i])


def gaussian_draw(stream, precision, shift):
    """Draw from N(precision^-1 shift, precision^-1), with normals from the first to the last."""
    flipped = np.linalg.cholesky(precision[::-1, ::-1])
    lower = flipped[::-1, ::-1].T  # precision = lower' lower
    normals = np.array([stream.standard_normal() for _ in shift])
    return np.linalg.solve(precision, shift) + np.linalg.solve(lower, normals)


def draw_factors(stream, panel, chain):
    m, n_factors = panel.n_assets, panel.n_factors
    B = chain.loadings[:, :m]
    for t in range(panel.returns.shape[0]):
        w = chain.precision[t, :m]
        P = B * w @ B.T + np.diag(chain.precision[t, m : m + n_factors])
        shift = B @ (w * (panel.returns[t, :m] - chain.mean[:m]))
        chain.errors[t, m : m + n_factors] = gaussian_draw(stream, P, shift)


def draw_loadings(stream, panel, prior, chain):
    m, n_factors = panel.n_assets, panel.n_factors
    factors = chain.errors[:, m : m + n_factors]
    X = np.column_stack([factors, np.ones(factors.shape[0])]) if prior.constant_mean else factors
    of_mean = [prior.mean_sd**-2] if prior.constant_mean else []
    for i in range(m):
        w = chain.precision[:, i]
        P = X.T @ (w[:, None] * X) + np.diag([*chain.spread**-2.0, *of_mean])
        drawn = gaussian_draw(stream, P, X.T @ (w * panel.returns[:, i]))
        chain.loadings[:, i] = drawn[:n_factors]
        chain.mean[i] = drawn[n_factors] if prior.constant_mean else 0.0
        chain.errors[:, i] = panel.present[:, i] * (panel.returns[:, i] - X @ drawn)


def log_posterior(panel, prior, chain):
    """Return the log of all of the posterior that moves along orbits could change."""
    m, n_times = panel.n_assets, panel.returns.shape[0]
    columns = range(m, m + panel.n_factors)
    factors, B = chain.errors[:, columns], chain.loadings[:, :m]
    errors = panel.present[:, :m] * (panel.returns[:, :m] - chain.mean[:m] - factors @ B)
    total = norm.logpdf(errors, 0.0, np.exp(0.5 * chain.h[:, :m])).sum()
    if prior.constant_mean:
        total += norm.logpdf(chain.mean[:m], 0.0, prior.mean_sd).sum()
    for k, column in enumerate(columns):
        phi, sigma = math.tanh(chain.points[0, column]), chain.points[1, column] ** 2
        h = chain.h[:, column]
        Q = prior_precision(phi, n_times) / sigma**2
        total -= 0.5 * h @ Q @ h
        total += norm.logpdf(factors[:, k], 0.0, np.exp(0.5 * h)).sum()
        total += norm.logpdf(B[k], 0.0, chain.spread[k]).sum()
        total += norm.logpdf(chain.spread[k], 0.0, prior.spread_sd)
    return total


def translate(panel, chain, k, move):
    chain.errors[:, panel.n_assets + k] += move
    chain.mean[:] -= move * chain.loadings[k]


def rotate(panel, chain, j, k, angle):
    R = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    columns = [panel.n_assets + j, panel.n_assets + k]
    chain.errors[:, columns] = chain.errors[:, columns] @ R.T
    chain.loadings[[j, k]] = R @ chain.loadings[[j, k]]


def rescale(panel, chain, k, g, fall):
    column = panel.n_assets + k
    chain.loadings[k] *= math.exp(g)
    chain.spread[k] *= math.exp(g)
    chain.errors[:, column] *= math.exp(-g)
    chain.h[:, column] -= fall
    chain.precision[:, column] = np.exp(-chain.h[:, column])


def slice_step(stream, log_density, width=0.5):
    height = log_density(0.0) + math.log(1.0 - stream.random())
    low = -width * stream.random()
    high = low + width
    while log_density(low) > height:
        low -= width
    while log_density(high) > height:
        high += width
    while True:
        g = low + (high - low) * stream.random()
        if log_density(g) >= height:
            return g
        low, high = (g, high) if g < 0.0 else (low, g)


def move_along_orbits(stream, panel, prior, chain):
    """Go along each orbit by the posterior's density there, which is asked for point by point."""
    m, n_times = panel.n_assets, panel.returns.shape[0]

    def along(move, *place, log_jacobian=0.0):
        """Return the log-density along an orbit; its Jacobian is exp(g log_jacobian)."""

        def log_density(g):
            moved = type(chain)(*(array.copy() for array in chain))
            move(panel, moved, *place, g)
            return log_posterior(panel, prior, moved) + log_jacobian * g

        return log_density

    def deep(panel, chain, k, g):
        rescale(panel, chain, k, g, 2.0 * g)

    def shallow(panel, chain, k, g):
        rescale(panel, chain, k, g, 0.0)

    def of_spread(panel, chain, k, g):
        chain.spread[k] *= math.exp(g)

    for k in range(panel.n_factors):
        if prior.constant_mean:
            below, here, above = (along(translate, k)(move) for move in (-1.0, 0.0, 1.0))
            precision, shift = 2.0 * here - above - below, 0.5 * (above - below)
            normal = stream.standard_normal()
            translate(panel, chain, k, shift / precision + normal / math.sqrt(precision))
        for j in range(k):
            of_angle = along(rotate, j, k)
            at_zero, at_quarter, at_half = map(of_angle, (0.0, 0.25 * math.pi, 0.5 * math.pi))
            cosine = 0.5 * (at_zero - at_half)
            sine = at_quarter - 0.5 * (at_zero + at_half)
            kappa, centre = math.hypot(cosine, sine), math.atan2(sine, cosine)
            height, place = math.log(1.0 - stream.random()), stream.random()
            half = math.acos(max(math.cos(centre) + height / kappa, -1.0))
            rotate(panel, chain, j, k, 0.5 * (centre + (2.0 * place - 1.0) * half))
        measure = m + 1.0 - n_times
        deep(panel, chain, k, slice_step(stream, along(deep, k, log_jacobian=measure)))
        shallow(panel, chain, k, slice_step(stream, along(shallow, k, log_jacobian=measure)))
        of_spread(panel, chain, k, slice_step(stream, along(of_spread, k, log_jacobian=1.0)))
