"""The model with leverage and its proposal in dense matrices, for the kernel to agree with."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm


def log_joint(h, mu, y, seen, mean, phi, sigma, rho, mu_sd):
    """Return log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2), factor by factor."""
    total = norm.logpdf(mu, 0.0, mu_sd)
    total += norm.logpdf(h[0], mu, sigma / math.sqrt(1.0 - phi**2))
    for t in range(len(y)):
        shift, factor = 0.0, 1.0
        if t < len(y) - 1:
            eta = (h[t + 1] - mu - phi * (h[t] - mu)) / sigma
            total += norm.logpdf(eta) - math.log(sigma)
            shift, factor = rho * eta, math.sqrt(1.0 - rho**2)
        if seen[t]:
            scale = math.exp(0.5 * h[t])
            total += norm.logpdf(y[t], mean + scale * shift, scale * factor)
    return total


def expected_derivatives(y, seen, theta, m, v, cov, level, amplitude, inflation):
    """Return the gradient and minus the Hessian in (h, mu) at the centre, and E3 and F.

    `amplitude` is E exp(-h/2), and its square times `inflation` is E exp(-h).
    """
    mean, phi, sigma, rho = theta
    n = len(y)
    gradient, precision = np.zeros(n + 1), np.zeros((n + 1, n + 1))
    third, mixed = np.zeros(n), np.zeros(n)
    start = np.zeros(n + 1)
    start[0], start[n] = 1.0, -1.0
    weight = (1.0 - phi**2) / sigma**2
    precision += weight * np.outer(start, start)
    gradient -= weight * (m[0] - level) * start
    for t in range(n):
        r = rho if seen[t] and t < n - 1 else 0.0
        k = 1.0 / (1.0 - r**2)
        a = seen[t] * (y[t] - mean) * amplitude[t]
        square = a**2 * inflation[t]
        own, innovation = np.zeros(n + 1), np.zeros(n + 1)
        own[t] = 1.0
        omega = product = stiffness = 0.0
        if t < n - 1:
            innovation[t + 1], innovation[t], innovation[n] = 1.0, -phi, -(1.0 - phi)
            omega = innovation @ np.append(m, level)
            product = a * (omega - 0.5 * (cov[t] - phi * v[t]))
            stiffness = k / sigma**2
        tie = r * k / sigma
        hw = 0.5 * tie * a
        hh = 0.5 * k * square - 0.25 * tie * product
        if t < n - 1:
            hh = max(hh, hw**2 / stiffness)
        precision += hh * np.outer(own, own) + stiffness * np.outer(innovation, innovation)
        precision += hw * (np.outer(own, innovation) + np.outer(innovation, own))
        gradient += (-0.5 * seen[t] + 0.5 * k * square - 0.5 * tie * product) * own
        gradient += (tie * a - stiffness * omega) * innovation
        third[t] = 0.5 * k * square - 0.125 * tie * product
        mixed[t] = 0.25 * tie * a
    return gradient, precision, third, mixed


def approximate_exp(x):
    return (1.0 + x / 4.0 + x**2 / 32.0) ** 4


def moved_centre(guide, step):
    """Return the marginals of h for parameters `step` away from those of the guide."""
    m = guide.centre + guide.centre_slopes @ step
    scale = approximate_exp(guide.variance_slopes @ step)
    return m, guide.variance * scale, guide.covariance * scale


def draw(z, y, seen, theta, step, guide, mu_sd):
    """Return h, mu and the log-density of having drawn them."""
    n, phi = len(y), theta[1]
    m, v, cov = moved_centre(guide, step)
    level = guide.level
    amplitude = guide.amplitude * approximate_exp(
        (guide.centre - m) / 2.0 + (v - guide.variance) / 8.0
    )
    gradient, precision, third, mixed = expected_derivatives(
        y, seen, theta, m, v, cov, level, amplitude, approximate_exp(v / 4.0)
    )
    gradient[n] -= level / mu_sd**2
    precision[n, n] += 1.0 / mu_sd**2
    covariance = np.linalg.inv(precision)
    shift = covariance @ gradient
    level_sd = math.sqrt(covariance[n, n])
    mu = level + shift[n] + level_sd * z[n]
    log_q = norm.logpdf(z).sum() - math.log(level_sd)
    inner = np.linalg.inv(precision[:n, :n])
    mean_h = m + inner @ (gradient[:n] - precision[:n, n] * (mu - level))
    pivots = np.array([1.0 / np.linalg.inv(precision[: t + 1, : t + 1])[t, t] for t in range(n)])
    alpha, coefficients = 0.0, []
    for t in range(n):
        r = -precision[t, t + 1] / pivots[t] if t < n - 1 else 0.0
        a = alpha + third[t] - 3.0 * phi * mixed[t]
        coefficients.append((r, 1.0 / pivots[t], a, mixed[t]))
        alpha = r**3 * a + 3.0 * r**2 * mixed[t]
    u = np.zeros(n + 1)
    for t in range(n - 1, -1, -1):
        r, var, a, f = coefficients[t]
        spread = inner[t + 1, t + 1] if t < n - 1 else 0.0
        bend = var * r * (0.5 * a * r + f)
        tilt = 0.5 * var * (a * r + f) * u[t + 1]
        g = a * var**1.5 / 6.0
        scale = math.sqrt(var) * (1.0 + tilt / 2 + tilt**2 / 12) / (1.0 - tilt / 2 + tilt**2 / 12)
        damped = u[t + 1] ** 2 / (1.0 + (bend * u[t + 1] / 0.3) ** 2)
        x = g * z[t]
        u[t] = r * u[t + 1] + bend * (damped - spread)
        u[t] += scale * (z[t] - g + x * z[t] / (1.0 + x**2))
        log_q -= math.log(scale * (1.0 + 2.0 * x / (1.0 + x**2) ** 2))
    return mean_h + u[:n], mu, log_q
