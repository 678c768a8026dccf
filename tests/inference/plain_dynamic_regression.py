"""Twins of `dynamic_regression`: the textbook's recursion, and the dense Gaussian it stands for."""

from __future__ import annotations

import numpy as np
from scipy import stats
from scipy.special import logsumexp


def by_recursion(Z, y, prior):
    """Mix the filters of the grid, one at a time, in the textbook's order (West & Harrison).

    The covariance is in Joseph's form, and all is in extended precision.

    Returns
    -------
    dict
        Moments by the names of `FilteredCoefficients`; `log_evidence` from SciPy's t density.
    """
    Z, y = Z.astype(np.longdouble), y.astype(np.longdouble)
    runs = [_filter(Z, y, q, prior) for q in prior.walk_variances]
    logs = np.array([run["log_density"] for run in runs])
    before = np.concatenate([np.zeros((len(runs), 1)), np.cumsum(logs, axis=1)], axis=1)
    weight = np.exp(before - before.max(axis=0))
    weight /= weight.sum(axis=0)
    found = {}
    for kind, last in (("predicted", slice(None)), ("filtered", slice(1, None))):
        w = weight[:, last]
        mean = np.array([run[f"{kind}_mean"] for run in runs])
        covariance = np.array([run[f"{kind}_covariance"] for run in runs])
        total = np.einsum("gt,gti->ti", w, mean)
        apart = mean - total
        found[f"{kind}_mean"] = total
        found[f"{kind}_covariance"] = np.einsum(
            "gt,gtij->tij", w, covariance + apart[..., :, None] * apart[..., None, :]
        )
    w = weight[:, :-1]
    f, v = (np.array([run[name] for run in runs]) for name in ("forecast", "variance"))
    found["forecast_mean"] = (w * f).sum(axis=0)
    found["forecast_variance"] = (w * (v + (f - found["forecast_mean"]) ** 2)).sum(axis=0)
    with np.errstate(divide="ignore"):
        found["log_evidence"] = logsumexp(logs + np.log(w), axis=0)
    return found


def _filter(Z, y, q, prior):
    T, p = Z.shape
    m, C = np.zeros(p, np.longdouble), prior.start_variance * np.eye(p, dtype=np.longdouble)
    n, d = prior.freedom, np.longdouble(prior.sum_of_squares)
    out = {name: [] for name in (
        "predicted_mean", "predicted_covariance", "filtered_mean", "filtered_covariance",
        "forecast", "variance",
    )}  # fmt: skip
    standardised = []
    for t in range(T + 1):
        R = C + np.diag(q)
        out["predicted_mean"].append(m)
        out["predicted_covariance"].append(R * d / (n - 2))
        if t == T:
            break
        f, Q = Z[t] @ m, Z[t] @ R @ Z[t] + 1
        scale = np.sqrt(Q * d / n)
        out["forecast"].append(f)
        out["variance"].append(Q * d / (n - 2))
        standardised.append((n, (y[t] - f) / scale, scale))
        A = R @ Z[t] / Q
        keep = np.eye(p) - np.outer(A, Z[t])
        m, C = m + A * (y[t] - f), keep @ R @ keep.T + np.outer(A, A)
        n, d = n + 1, d + (y[t] - f) ** 2 / Q
        out["filtered_mean"].append(m)
        out["filtered_covariance"].append(C * d / (n - 2))
    found = {name: np.array(values) for name, values in out.items()}
    freedom, error, scale = np.array(standardised).T
    found["log_density"] = stats.t.logpdf(error.astype(float), freedom.astype(float)) - np.log(
        scale
    )
    return found


def dense_moments(Z, y, q, prior):
    """Posterior of the whole path at one grid point, from the matrices of the joint Gaussian.

    theta_t = start + w_1 + ... + w_t, the start N(0, sigma^2 c_0 I): the first row's state has
    taken a step already.

    Returns
    -------
    mean : ndarray of shape (n_times, n_coefficients)
    covariance : ndarray of shape (n_times n_coefficients, n_times n_coefficients)
        Over E sigma^2.
    freedom, sum_of_squares : float
        sigma^2 ~ InvGamma(freedom / 2, sum_of_squares / 2).
    log_density : float
        Of y.
    """
    T, p = Z.shape
    walked = np.minimum.outer(np.arange(1, T + 1), np.arange(1, T + 1))
    prior_covariance = np.kron(np.ones((T, T)), prior.start_variance * np.eye(p)) + np.kron(
        walked, np.diag(q)
    )
    H = np.zeros((T, T * p))
    for t in range(T):
        H[t, t * p : (t + 1) * p] = Z[t]
    V = H @ prior_covariance @ H.T + np.eye(T)
    gain = np.linalg.solve(V, H @ prior_covariance).T
    covariance = prior_covariance - gain @ H @ prior_covariance
    freedom = prior.freedom + T
    sum_of_squares = prior.sum_of_squares + y @ np.linalg.solve(V, y)
    shape = V * prior.sum_of_squares / prior.freedom
    log_density = stats.multivariate_t(np.zeros(T), shape, prior.freedom).logpdf(y)
    return (gain @ y).reshape(T, p), covariance, freedom, sum_of_squares, log_density
