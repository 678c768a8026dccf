r"""Stochastic volatility filtered: log-variances given returns up to the present one.

The bootstrap filter (Gordon, Salmond & Smith 1993) with systematic resampling. With leverage a
particle moves by :math:`\sigma (\rho \varepsilon_t + \sqrt{1 - \rho^2} z)`, where the return's
shock :math:`\varepsilon_t` is known from the particle and, for Student-t errors, a draw of
:math:`\tau_t`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from puffin.arrays import Array
from puffin.compiling.kernels import kernel

__all__ = ["filter_states"]

_PARTICLES = 256
_KEPT = 16


def filter_states(y: Array, parameters: Array, stream: np.random.Generator) -> Array:
    """Draw from the filter of each of several parameters.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        NaN where a return is missing.
    parameters : ndarray of shape (6, n_filters)
        Rows mean, mu, phi, sigma, nu (infinite for normal errors) and rho.

    Returns
    -------
    ndarray of float32 of shape (n_filters * 16, n_times)
        Log-variances, equally weighted.
    """
    kept = np.empty((parameters.shape[1], _KEPT, y.size), np.float32)
    nu = parameters[4]
    finite = np.where(np.isfinite(nu), nu, 10.0)
    constant = gammaln(0.5 * (finite + 1.0)) - gammaln(0.5 * finite)
    constant -= 0.5 * np.log((finite - 2.0) * math.pi)
    _filter(stream, y, parameters, constant, np.empty((3, _PARTICLES)), kept)
    return kept.reshape(-1, y.size)


@kernel
def _filter(
    stream: np.random.Generator,
    y: Array,
    parameters: Array,
    constants: Array,
    scratch: Array,
    kept: Array,
) -> None:
    n, each = scratch.shape[1], kept.shape[1]
    h, log_weights, moved = scratch[0], scratch[1], scratch[2]
    for f in range(parameters.shape[1]):
        mean, mu, phi = parameters[0, f], parameters[1, f], parameters[2, f]
        sigma, nu, rho = parameters[3, f], parameters[4, f], parameters[5, f]
        student = nu < np.inf
        spread = math.sqrt(1.0 - rho * rho)
        for i in range(n):
            h[i] = mu + sigma / math.sqrt(1.0 - phi * phi) * stream.standard_normal()
        for t in range(y.size):
            seen = not math.isnan(y[t])
            highest = -np.inf
            for i in range(n):
                log_weights[i] = 0.0
                if seen:
                    square = (y[t] - mean) ** 2 * math.exp(-h[i])
                    if student:
                        log_weights[i] = (
                            constants[f]
                            - 0.5 * h[i]
                            - 0.5 * (nu + 1.0) * math.log1p(square / (nu - 2.0))
                        )
                    else:
                        log_weights[i] = -0.5 * (h[i] + square)
                highest = max(highest, log_weights[i])
            total = 0.0
            for i in range(n):
                log_weights[i] = math.exp(log_weights[i] - highest)
                total += log_weights[i]
            place, chosen, cumulated = stream.random(), 0, log_weights[0]
            for i in range(n):
                while cumulated * n < (place + i) * total and chosen < n - 1:
                    chosen += 1
                    cumulated += log_weights[chosen]
                moved[i] = h[chosen]
            first = int(stream.random() * (n // each))
            for k in range(each):
                kept[f, k, t] = moved[first + k * (n // each)]
            for i in range(n):
                shock = stream.standard_normal()
                if seen and rho != 0.0:
                    error = (y[t] - mean) * math.exp(-0.5 * moved[i])
                    if student:
                        rate = 0.5 * (nu - 2.0 + error * error)
                        error *= math.sqrt(stream.standard_gamma(0.5 * (nu + 1.0)) / rate)
                    shock = rho * error + spread * shock
                h[i] = mu + phi * (moved[i] - mu) + sigma * shock
