"""The models with leverage and their proposal, in dense matrices, for the kernels to agree with."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import logsumexp
from scipy.stats import invgamma, norm


def log_normal(error, eta, rho):
    """Return log p(error | eta), both standard normal."""
    return norm.logpdf(error, rho * eta, math.sqrt(1.0 - rho**2))


def log_student_t(error, eta, rho, nu):
    """Return log p(error | eta) of sqrt(tau) times a standard normal, by quadrature in log tau."""
    log_tau = np.linspace(-12.0, 60.0, 20_001)
    tau = np.exp(log_tau)
    values = invgamma.logpdf(tau, 0.5 * nu, scale=0.5 * nu - 1.0) + log_tau
    values += norm.logpdf(error, np.sqrt(tau) * rho * eta, np.sqrt(tau * (1.0 - rho**2)))
    return logsumexp(values) + math.log(log_tau[1] - log_tau[0])


def log_joint(h, mu, y, present, theta, mu_sd):
    """Return log p(y, h | mu, theta) + log N(mu; 0, mu_sd^2), factor by factor."""
    mean, phi, sigma, rho, *nu = theta
    log_error = log_student_t if nu else log_normal
    total = norm.logpdf(mu, 0.0, mu_sd)
    total += norm.logpdf(h[0], mu, sigma / math.sqrt(1.0 - phi**2))
    for t in range(len(y)):
        eta, r = 0.0, 0.0
        if t < len(y) - 1:
            eta, r = (h[t + 1] - mu - phi * (h[t] - mu)) / sigma, rho
            total += norm.logpdf(eta) - math.log(sigma)
        if present[t]:
            error = (y[t] - mean) * math.exp(-0.5 * h[t])
            total += log_error(error, eta, r, *nu) - 0.5 * h[t]
    return total


def approximate_exp(x):
    x = np.clip(x, -4.0, 8.0)
    return (1.0 + x / 4.0 + x**2 / 32.0) ** 4


def innovation_means(m, phi, level):
    q = m - level
    return np.append(q[1:] - phi * q[:-1], 0.0)


def normal_rows(y, present, theta, m, v, cov, level, amplitude, inflation):
    """Return the nine expected derivatives of each time's term.

    `amplitude` is E exp(-h/2), and its square times `inflation` is E exp(-h).
    """
    mean, phi, sigma, rho = theta
    rows = np.zeros((9, len(y)))
    omegas = innovation_means(m, phi, level)
    for t in range(len(y)):
        ahead = t < len(y) - 1
        r = rho if present[t] and ahead else 0.0
        k = 1.0 / (1.0 - r**2)
        a = present[t] * (y[t] - mean) * amplitude[t]
        half = 0.5 * k * a**2 * inflation[t]
        stiffness = k / sigma**2 if ahead else 0.0
        tie = r * k / sigma
        product = tie * a * (omegas[t] - 0.5 * (cov[t] - phi * v[t]))
        hw, hh = 0.5 * tie * a, half - 0.25 * product
        rows[:, t] = (
            half - 0.5 * product - 0.5 * present[t],
            tie * a - stiffness * omegas[t],
            max(hh, hw**2 / stiffness) if ahead else hh,
            hw,
            stiffness,
            half - 0.125 * product,
            0.25 * tie * a,
            0.0,
            0.0,
        )
    return rows


def gradient_and_precision(rows, phi, sigma, m, level, mu_sd):
    """Return the gradient and minus the Hessian of the log-density in (h, mu) at (m, level)."""
    n = len(m)
    gradient, precision = np.zeros(n + 1), np.zeros((n + 1, n + 1))
    start = np.zeros(n + 1)
    start[0], start[n] = 1.0, -1.0
    weight = (1.0 - phi**2) / sigma**2
    precision += weight * np.outer(start, start)
    gradient -= weight * (m[0] - level) * start
    gradient[n] -= level / mu_sd**2
    precision[n, n] += 1.0 / mu_sd**2
    for t in range(n):
        h, w, hh, hw, ww = rows[:5, t]
        own, innovation = np.zeros(n + 1), np.zeros(n + 1)
        own[t] = 1.0
        if t < n - 1:
            innovation[t + 1], innovation[t], innovation[n] = 1.0, -phi, -(1.0 - phi)
        precision += hh * np.outer(own, own) + ww * np.outer(innovation, innovation)
        precision += hw * (np.outer(own, innovation) + np.outer(innovation, own))
        gradient += h * own + w * innovation
    return gradient, precision


def cubic_in_neighbours(row, phi):
    """Return coefficients of u^3, 3 u^2 v, 3 u v^2 and v^3, of a cubic form in u and v - phi u."""
    hhh, hhw, hww, www = row
    return (
        hhh - 3 * phi * hhw + 3 * phi**2 * hww - phi**3 * www,
        hhw - 2 * phi * hww + phi**2 * www,
        hww - phi * www,
        www,
    )


def draw(z, rows, phi, sigma, m, level, mu_sd):
    """Return h, mu and the log-density of having drawn them."""
    n = len(m)
    gradient, precision = gradient_and_precision(rows, phi, sigma, m, level, mu_sd)
    covariance = np.linalg.inv(precision)
    level_sd = math.sqrt(covariance[n, n])
    mu = level + (covariance @ gradient)[n] + level_sd * z[n]
    log_q = norm.logpdf(z).sum() - math.log(level_sd)
    inner = np.linalg.inv(precision[:n, :n])
    mean_h = m + inner @ (gradient[:n] - precision[:n, n] * (mu - level))
    alpha, coefficients = 0.0, []
    for t in range(n):
        # The variance of h_t given h_{t+1}, as if the data ended at t.
        v = np.linalg.inv(precision[: t + 1, : t + 1])[t, t]
        r = -precision[t, t + 1] * v if t < n - 1 else 0.0
        a, f, g, last = cubic_in_neighbours(rows[5:, t], phi)
        a += alpha
        coefficients.append((v, r, a, f, g))
        alpha = r**3 * a + 3 * r**2 * f + 3 * r * g + last
    u = np.zeros(n + 1)
    for t in range(n - 1, -1, -1):
        v, r, a, f, g = coefficients[t]
        spread = inner[t + 1, t + 1] if t < n - 1 else 0.0
        bend = v * (0.5 * a * r**2 + f * r + 0.5 * g)
        tilt = 0.5 * v * (a * r + f) * u[t + 1]
        skew = a * v**1.5 / 6.0
        tilt = np.clip(tilt, -3.0, 3.0)
        scale = math.sqrt(v) * (1.0 + tilt / 2.0 + tilt**2 / 8.0) ** 2
        bent = np.clip(bend * u[t + 1], -0.3, 0.3)
        x = skew * z[t]
        u[t] = (r + bent) * u[t + 1] - bend * spread
        u[t] += scale * (z[t] - skew + x * z[t] / (1.0 + x**2))
        log_q -= math.log(scale * (1.0 + 2.0 * x / (1.0 + x**2) ** 2))
    return mean_h + u[:n], mu, log_q
