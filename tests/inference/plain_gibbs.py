"""The Gibbs kernels in plain NumPy, drawing from the same stream in the same order."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from puffin.compiling.ziggurat import EDGES, LAYERS


def random_words(generators, count):
    """Step all generators together until there are `count` words; the state is left stepped."""
    words = []
    for _ in range(math.ceil(count / generators.shape[1])):
        a, b, c, counter = generators.copy()
        total = a + b + counter
        words.append(total)
        rotated = (c << np.uint64(24)) | (c >> np.uint64(40))
        generators[:] = [
            b ^ (b >> np.uint64(11)),
            c + (c << np.uint64(3)),
            rotated + total,
            counter + np.uint64(1),
        ]
    return np.concatenate(words)


def normal_of_the_ziggurat(stream, word):
    """Return the normal that a word stands for, or None where another must be drawn."""
    layer = int(word) % LAYERS
    x = (int(word.view(np.int64)) >> 11) * 2.0**-52 * EDGES[layer]
    if abs(x) < EDGES[layer + 1]:
        return x
    if layer == 0:
        r = EDGES[1]
        while True:
            excess = -math.log(1 - stream.random()) / r
            if -2 * math.log(1 - stream.random()) > excess**2:
                return math.copysign(r + excess, x)
    low, high = math.exp(-0.5 * EDGES[layer] ** 2), math.exp(-0.5 * EDGES[layer + 1] ** 2)
    return x if low + (high - low) * stream.random() < math.exp(-0.5 * x**2) else None


def gammas(stream, generators, shape, count):
    """Many gammas (Marsaglia & Tsang); the first normal and uniform of each come in bulk."""
    words = random_words(generators, 2 * count)
    d = shape - 1 / 3

    def accepted(x, u):
        root = 0.0 if x is None else 1 + x / math.sqrt(9 * d)
        return root > 0 and (
            u == 0 or math.log(u) < 0.5 * x**2 + d * (1 - root**3 + 3 * math.log(root))
        )

    draws = []
    for word, uniform in zip(words[:count], words[count : 2 * count], strict=True):
        x, u = normal_of_the_ziggurat(stream, word), int(uniform >> np.uint64(11)) * 2.0**-53
        while not accepted(x, u):
            x, u = stream.standard_normal(), stream.random()
        draws.append(d * (1 + x / math.sqrt(9 * d)) ** 3)
    return np.array(draws)


def reverse_cholesky(A):
    """Return the lower triangular M for which M'M = A."""
    return np.linalg.cholesky(A[::-1, ::-1])[::-1, ::-1].T


def gaussian(stream, precision, shift):
    M = reverse_cholesky(precision)
    centred = solve_triangular(M.T, shift)
    noise = np.array([stream.standard_normal() for _ in shift])
    return solve_triangular(M, centred + noise, lower=True)


def t_log_likelihood(squares, log_scale, nu, dimension):
    half = (nu + dimension) / 2
    constant = (
        gammaln(half) - gammaln(nu / 2) - dimension * (0.5 * math.log(math.pi * nu) + log_scale)
    )
    return len(squares) * constant - half * np.log1p(squares * math.exp(-2 * log_scale) / nu).sum()


def student_t_regression(
    stream,
    generators,
    Z,
    y,
    prior_precision,
    sigma_sd,
    log_floor,
    tail_mean,
    factor,
    coefficients,
    scale_tail,
    count,
):
    """Return coefficients and (log sigma, log(nu - 2)) after each of `count` sweeps."""
    log_sigma, log_excess = scale_tail
    kept = []
    for _ in range(count):
        squares = (y - coefficients @ Z) ** 2

        def density(s, e, squares=squares):
            return (
                t_log_likelihood(squares, s, 2 + math.exp(e), 1)
                - 0.5 * (math.exp(s) / sigma_sd) ** 2 + s - math.exp(e) / tail_mean + e
            )  # fmt: skip

        value = density(log_sigma, log_excess)
        for step in range(1, 6):
            if step > 3:
                trial = log_sigma, log_excess + stream.standard_normal()
            else:
                a, b = stream.standard_normal(), stream.standard_normal()
                trial = (
                    log_sigma + factor[0, 0] * a,
                    log_excess + factor[1, 0] * a + factor[1, 1] * b,
                )
            trial_value = density(*trial)
            if trial[0] > log_floor and math.log(stream.random()) < trial_value - value:
                (log_sigma, log_excess), value = trial, trial_value

        nu = 2 + math.exp(log_excess)
        rates = 0.5 * (nu + squares * math.exp(-2 * log_sigma))
        weights = gammas(stream, generators, 0.5 * (nu + 1), len(y)) / rates
        gram, moments = (Z * weights) @ Z.T, (Z * weights) @ y

        def marginal(s, weights=weights, gram=gram, moments=moments):
            P = gram * math.exp(-2 * s) + np.diag(prior_precision)
            r = moments * math.exp(-2 * s)
            return (
                -len(y) * s - 0.5 * (weights @ y**2 * math.exp(-2 * s) - r @ np.linalg.solve(P, r))
                - 0.5 * np.linalg.slogdet(P)[1] - 0.5 * (math.exp(s) / sigma_sd) ** 2 + s
            )  # fmt: skip

        for width in (0.1, 0.5, 1.5):
            trial = log_sigma + width * stream.standard_normal()
            if trial >= log_floor and math.log(stream.random()) < marginal(trial) - marginal(
                log_sigma
            ):
                log_sigma = trial
        precision = gram * math.exp(-2 * log_sigma) + np.diag(prior_precision)
        coefficients = gaussian(stream, precision, moments * math.exp(-2 * log_sigma))
        kept.append([*coefficients, log_sigma, log_excess])
    return np.array(kept)
