"""The Gibbs kernels in plain NumPy, drawing from the same stream in the same order."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import gammaln

from puffin.compiling.ziggurat import EDGES, LAYERS


def gamma(stream, shape):
    d = shape - 1 / 3
    while True:
        x = stream.standard_normal()
        root = 1 + x / math.sqrt(9 * d)
        if root <= 0:
            continue
        u = stream.random()
        if u < 1 - 0.0331 * x**4 or math.log(u) < 0.5 * x**2 + d * (
            1 - root**3 + 3 * math.log(root)
        ):
            return d * root**3


def gamma_above(stream, shape, rate, bound):
    assert rate * bound < shape, "the twin leaves out the far tail"
    while True:
        draw = gamma(stream, shape) / rate
        if draw > bound:
            return draw


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
    """Many gammas: as `gamma`, but the first normal and uniform of each come in bulk."""
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


def wishart_of_inverse(stream, S, degrees):
    K = len(S)
    B = np.zeros((K, K))
    for i in range(K):
        B[i, :i] = [stream.standard_normal() for _ in range(i)]
        B[i, i] = math.sqrt(2 * gamma(stream, 0.5 * (degrees - i)))
    F = solve_triangular(reverse_cholesky(S), B, lower=True)
    return F @ F.T


def pool_prior(mu, variance, periods, inflation, log_tau):
    sd = np.sqrt(variance * inflation)
    ratio = mu * np.sqrt(periods) / sd
    return np.sum(-np.log(sd) - 0.5 * (ratio * math.exp(-log_tau)) ** 2)


def positive_normal(stream, mean, sd):
    assert -mean / sd < 0.5, "the twin leaves out the far tail"
    while True:
        draw = stream.standard_normal()
        if draw > -mean / sd:
            return mean + sd * draw


def slice_log_tau(stream, current, count, squares, pool_sd):
    def density(u):
        tau = math.exp(u)
        return (1 - count) * u - 0.5 * squares / tau**2 - 0.5 * (tau / pool_sd) ** 2

    level = density(current) + math.log(stream.random())
    left = current - stream.random()
    right = left + 1
    while density(left) > level:
        left -= 1
    while density(right) > level:
        right += 1
    while True:
        trial = left + (right - left) * stream.random()
        if density(trial) > level:
            return trial
        left, right = (trial, right) if trial < current else (left, trial)


def multivariate_t(
    stream, generators, groups, periods, location_sd, scale_sd, tail_shape, tail_rate, pool_sd,
    factors, mus, precisions, auxiliaries, tails, log_tau, count,
):  # fmt: skip
    """Return the state after each of `count` sweeps; states are lists.

    mu, sigma, log(nu - 2), tau, and the lower triangles of the factors of the precisions.
    """
    kept = []
    for _ in range(count):
        pool_precision, pool_shift = 1 / pool_sd**2 if pool_sd else 0.0, 0.0
        bounds = np.cumsum([0] + [group.shape[1] for group in groups])
        for g, x in enumerate(groups):
            T, K = x.shape
            q = periods[bounds[g] : bounds[g + 1]]
            mu, P, alpha, log_excess = mus[g], precisions[g], auxiliaries[g], tails[g]
            squares = np.einsum("ti,ij,tj->t", x - mu, P, x - mu)
            variance = np.diag(np.linalg.inv(P)).copy()
            trace = 4 * np.sum(np.diag(P) / alpha)

            def density(
                u,
                e,
                squares=squares,
                K=K,
                trace=trace,
                mu=mu,
                variance=variance,
                q=q,
                log_tau=log_tau,
            ):
                value = (
                    t_log_likelihood(squares, 0.5 * u, 2 + math.exp(e), K)
                    - 0.5 * K * (K + 1) * u - 0.5 * math.exp(-u) * trace
                    + tail_shape * e - tail_rate * math.exp(e)
                )  # fmt: skip
                if pool_sd:
                    inflation = math.exp(u) * (1 + 2 * math.exp(-e))
                    value += pool_prior(mu, variance, q, inflation, log_tau)
                return value

            u, value = 0.0, density(0.0, log_excess)
            for step in range(1, 6):
                if step == 5:
                    trial = u, log_excess + 2 * factors[g][1, 1] * stream.standard_normal()
                else:
                    a, b = stream.standard_normal(), stream.standard_normal()
                    trial = (
                        u + factors[g][0, 0] * a,
                        log_excess + factors[g][1, 0] * a + factors[g][1, 1] * b,
                    )
                trial_value = density(*trial)
                if math.log(stream.random()) < trial_value - value:
                    (u, log_excess), value = trial, trial_value
            nu = 2 + math.exp(log_excess)
            variance, P = variance * math.exp(u), P * math.exp(-u)

            weights = gammas(stream, generators, 0.5 * (nu + K), T)
            weights *= 2 / (nu + squares * math.exp(-u))
            inflation = nu / (nu - 2)
            if pool_sd:
                prior_variance = math.exp(2 * log_tau) * variance * inflation / q
            else:
                prior_variance = np.full(K, location_sd**2)
            precision = weights.sum() * P + np.diag(1 / prior_variance)
            mu = gaussian(stream, precision, P @ (weights @ x))
            S = (x - mu).T @ (weights[:, None] * (x - mu)) + np.diag(4 / alpha)
            new_P = wishart_of_inverse(stream, S, K + 1.0 + T)
            new_variance = np.diag(np.linalg.inv(new_P)).copy()
            if pool_sd:
                change = pool_prior(mu, new_variance, q, inflation, log_tau) - pool_prior(
                    mu, variance, q, inflation, log_tau
                )
                if math.log(stream.random()) < change:
                    P, variance = new_P, new_variance
            else:
                P, variance = new_P, new_variance
            alpha = np.array(
                [
                    1 / gamma_above(stream, 0.5 * (2 + K), 2 * P[k, k] + 1 / scale_sd**2, 1e-8)
                    for k in range(K)
                ]
            )
            if pool_sd:
                direction = mu * math.exp(-log_tau)
                pool_precision += weights.sum() * direction @ P @ direction
                pool_shift += direction @ P @ (weights @ x)
            mus[g], precisions[g], auxiliaries[g], tails[g] = mu, P, alpha, log_excess
        variances = [np.diag(np.linalg.inv(P)) for P in precisions]
        if pool_sd:
            tau = positive_normal(stream, pool_shift / pool_precision, pool_precision**-0.5)
            squares = 0.0
            for g, mu in enumerate(mus):
                mus[g] = mu * tau * math.exp(-log_tau)
                q, inflation = periods[bounds[g] : bounds[g + 1]], 1 + 2 * math.exp(-tails[g])
                squares += np.sum(mus[g] ** 2 * q / (variances[g] * inflation))
            log_tau = slice_log_tau(stream, math.log(tau), len(periods), squares, pool_sd)
        factors_of_precisions = [np.linalg.cholesky(P)[np.tril_indices(len(P))] for P in precisions]
        kept.append(
            [
                *np.concatenate(mus),
                *np.sqrt(np.concatenate(variances)),
                *tails,
                math.exp(log_tau),
                *np.concatenate(factors_of_precisions),
            ]
        )
    return np.array(kept)
