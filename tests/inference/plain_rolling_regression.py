"""Twins of `rolling_regression` that share no code or method with it.

`by_grid` knows no conjugacy: it adds up likelihood times prior over a grid of intercept, hedge
ratio and sigma. `by_covariance` writes the errors' covariance matrix down and takes a dense
Gaussian's posterior at each (sigma, rho).
"""

from __future__ import annotations

import numpy as np


def standardised(X, y, scale):
    """Rows in the units of the priors, in extended precision, and what takes them back."""
    values = np.column_stack([X, y]).astype(np.longdouble)
    centre = values.mean(axis=0) if scale is None else np.zeros(values.shape[1], np.longdouble)
    spread = values.std(axis=0) if scale is None else np.full(values.shape[1], np.longdouble(scale))
    return (values - centre) / spread, centre, spread


def in_units(mean, covariance, centre, spread):
    """Moments of (alpha, beta) in the units of the data; extended precision throughout."""
    p = mean.size
    back = np.zeros((p, p), np.longdouble)
    back[0, 0] = spread[-1]
    back[0, 1:] = -spread[-1] / spread[:-1] * centre[:-1]
    back[np.arange(1, p), np.arange(1, p)] = spread[-1] / spread[:-1]
    offset = np.zeros(p, np.longdouble)
    offset[0] = centre[-1]
    return offset + back @ mean, np.sqrt(np.diag(back @ covariance @ back.T))


def by_grid(X, y, prior, scale=None, *, size=90, width=9.0):
    """Mean and sd of (alpha, beta) for one feature and independent errors: a sum over 3-D."""
    rows, centre, spread = standardised(X, y, scale)
    x, target = rows[:, 0].astype(float), rows[:, 1].astype(float)
    n = target.size
    # The intercept at the middle of x, which is not collinear with the hedge ratio.
    middle = x.mean()
    Z = np.column_stack([np.ones(n), x - middle])
    least = np.linalg.lstsq(Z, target, rcond=None)[0]
    residual = np.sqrt(np.sum((target - Z @ least) ** 2) / (n - 2))
    sds = residual * np.sqrt(np.diag(np.linalg.inv(Z.T @ Z)))
    steps = np.linspace(-width, width, size)
    stretch = np.sinh(steps * 0.5) / 0.5  # tails of a t: a grid that widens outwards
    jacobian = np.cosh(steps * 0.5)
    alphas, betas = (least[i] + sds[i] * stretch for i in (0, 1))
    log_sigmas = np.log(residual) + np.linspace(-7, 7, 3 * size) * min(1.0, 2.0 / np.sqrt(n))
    sigmas = np.exp(log_sigmas)
    squares = ((target - alphas[:, None, None] - betas[:, None] * (x - middle)) ** 2).sum(axis=2)
    intercepts = alphas[:, None] - betas * middle
    log_density = (
        (1.0 - n) * log_sigmas
        - 0.5 * squares[..., None] / sigmas**2
        - 0.5 * (intercepts[..., None] / prior.intercept_sd) ** 2
        - 0.5 * (betas[:, None] / prior.coefficient_sd) ** 2
        - 0.5 * (sigmas / prior.sigma_sd) ** 2
    )
    log_density[..., sigmas < prior.sigma_floor] = -np.inf
    weight = np.exp(log_density - log_density.max())
    weight = weight.sum(axis=2) * jacobian[:, None] * jacobian
    weight /= weight.sum()
    values = np.array([intercepts, np.broadcast_to(betas, intercepts.shape)])
    mean = np.einsum("ab,iab->i", weight, values)
    apart = values - mean[:, None, None]
    return in_units(mean, np.einsum("ab,iab,jab->ij", weight, apart, apart), centre, spread)


def by_covariance(X, y, following, prior, scale=None, *, autoregressive=False, nodes=(300, 800)):
    """Mean and sd of (alpha, beta), of y in the row that follows, and the mean of rho."""
    rows, centre, spread = standardised(X, y, scale)
    n, p = rows.shape
    Z = np.column_stack([np.ones(n), rows[:, :-1].astype(float)])
    target = rows[:, -1].astype(float)
    z = np.concatenate([[1.0], ((following - centre[:-1]) / spread[:-1]).astype(float)])
    prior_precision = np.diag(prior.coefficient_sds(p - 1) ** -2.0)
    lags = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    log_sigma = np.linspace(np.log(prior.sigma_floor), np.log(10 * prior.sigma_sd), nodes[1])
    v = np.exp(2 * log_sigma)
    parts = []
    for artanh in np.linspace(-7.5, 7.5, nodes[0]) if autoregressive else np.zeros(1):
        rho, one_minus = np.tanh(artanh), np.cosh(artanh) ** -2.0
        R = rho**lags / one_minus
        P = np.linalg.inv(R)
        G, c, s = Z.T @ P @ Z, Z.T @ P @ target, target @ P @ target
        precision = prior_precision + G / v[:, None, None]
        covariance = np.linalg.inv(precision)
        mean = covariance @ c / v[:, None]
        fit = s - 2 * mean @ c + np.einsum("si,ij,sj->s", mean, G, mean)
        log_density = (
            (1 - n) * log_sigma - 0.5 * np.linalg.slogdet(R)[1]
            - 0.5 * np.linalg.slogdet(precision)[1] - 0.5 * fit / v
            - 0.5 * np.einsum("si,ij,sj->s", mean, prior_precision, mean)
            - 0.5 * v / prior.sigma_sd**2 + np.log(one_minus)
        )  # fmt: skip
        parts.append((log_density, np.full(v.size, rho), v, mean, covariance))
    log_density, rho, v, mean, covariance = (
        np.concatenate(one) for one in zip(*parts, strict=True)
    )
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    total = weight @ mean
    apart = mean - total
    between = np.einsum("s,sij->ij", weight, covariance + apart[:, :, None] * apart[:, None, :])
    w = z - rho[:, None] * Z[-1]
    forecast = rho * target[-1] + np.einsum("si,si->s", w, mean)
    variance = v + np.einsum("si,sij,sj->s", w, covariance, w)
    expected = weight @ forecast
    forecast_sd = np.sqrt(weight @ (variance + (forecast - expected) ** 2))
    return (
        *in_units(total, between, centre, spread),
        centre[-1] + spread[-1] * expected,
        spread[-1] * forecast_sd,
        weight @ rho,
    )
