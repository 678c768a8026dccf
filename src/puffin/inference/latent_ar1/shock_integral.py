r"""The integral that a Student-t error with leverage leaves, in SIMD lanes and in NumPy.

With y_t = mean + exp(h_t / 2) sqrt(tau_t) eps_t, tau_t ~ InvGamma(nu/2, (nu-2)/2) and
corr(eps_t, eta_t) = rho, the density given h_t and eta_t has tau_t integrated out. Let
a = (y_t - mean) exp(-h_t / 2), k = 1 / (1 - rho^2), A = k a^2 + nu - 2, B = k rho a eta_t. Then::

    p(y_t | h_t, eta_t) = exp(-h_t / 2) sqrt(k / (2 pi)) exp(-k rho^2 eta_t^2 / 2)
                          2 ((nu - 2) / 2)^(nu / 2) / Gamma(nu / 2) M(A, B)
    M(A, B) = integral over p > 0 of p^nu exp(-A p^2 / 2 + B p)

with p standing for tau_t^(-1/2). Laplace's method in log p gives, with N = nu + 1,
D = sqrt(B^2 + 4 N A) and p = (B + D) / (2 A) the mode::

    log M = N log p + (B p - N) / 2 - log(p D) / 2 + log(2 pi) / 2 + R(B / D, N)

whose remainder R is a function of the bounded variables B / D in (-1, 1) and 1 / N < 1/3, zero as
N grows and where B / D -> 1, and Stirling's series where B / D -> -1. It is a polynomial here,
to 4e-7, fitted to quadrature for nu >= 2.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln

from puffin.arrays import Array
from puffin.compiling.elementary import log_gamma_lanes, log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, store

__all__ = [
    "log_constant",
    "log_constant_lanes",
    "log_integral",
    "log_integral_coefficients",
    "remainder",
    "remainder_coefficients",
]

# Rows: powers of B / D; columns: powers of 1 / N; R is the sum over N.
_TABLE = (
    (0.1666609367, 0.0002189974399, -0.02473052431, 0.01230664926),
    (0.06234921714, 0.08193133958, -0.05098462439, -0.007008774015),
    (-0.1250509794, 0.07955629711, 0.1773768316, -0.209162836),
    (-0.1033613216, -0.1809577647, 0.4373876931, -0.283092203),
    (0.001100415289, -0.1942800509, -0.1095590283, 0.3663863186),
    (0.001292184905, 0.0742806439, -0.8520358925, 1.333660679),
    (-0.001610500672, 0.2076646864, -1.003048783, 1.536906037),
    (-0.01236917655, 0.2603179619, -0.2755625049, -1.602498287),
    (-0.009254366999, -0.09850881671, 2.171504732, -5.820663083),
    (0.02339782833, -0.584023604, 2.482645713, -0.5067512361),
    (0.02956330861, -0.1536195575, -1.468164812, 7.349523024),
    (-0.01776899239, 0.502352167, -2.605055581, 1.954211544),
    (-0.03022610833, 0.2660172615, 0.0758125074, -4.041305043),
    (0.004793006596, -0.1539119066, 0.8651199314, -0.8889210853),
    (0.01048454831, -0.1070376545, 0.1792943406, 0.8064082958),
)
_DEGREE = len(_TABLE) - 1
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


def log_integral(A: Array, B: Array, nu: float) -> Array:
    """Return log M(A, B)."""
    N = nu + 1.0
    D = np.sqrt(B * B + 4.0 * N * A)
    p = (B + D) / (2.0 * A)
    R = np.polynomial.polynomial.polyval(B / D, log_integral_coefficients(nu))
    total: Array = N * np.log(p) + 0.5 * (B * p - N) - 0.5 * np.log(p * D) + _HALF_LOG_2PI + R
    return total


def log_integral_coefficients(nu: float) -> Array:
    """Return the coefficients of R in powers of B / D."""
    return np.asarray(np.asarray(_TABLE) @ (nu + 1.0) ** -np.arange(1.0, 5.0))


def log_constant(nu: float) -> float:
    """Return the logarithm of 2 ((nu - 2) / 2)^(nu / 2) / Gamma(nu / 2)."""
    return float(math.log(2.0) + 0.5 * nu * math.log(0.5 * nu - 1.0) - gammaln(0.5 * nu))


@part
def log_constant_lanes(nu: Lanes) -> Lanes:
    """Return the logarithm of 2 ((nu - 2) / 2)^(nu / 2) / Gamma(nu / 2)."""
    x = 0.5 * nu
    return math.log(2.0) + x * log_lanes(x - 1.0) - log_gamma_lanes(x)


@part
def remainder_coefficients(nu: Lanes, coefficients: Array) -> None:
    """Write the coefficients of R in powers of B / D, an array of 15 rows of 8 at least."""
    over = 1.0 / (nu + 1.0)
    for i in range(_DEGREE + 1):
        row = _TABLE[i]
        value = over * (row[0] + over * (row[1] + over * (row[2] + over * row[3])))
        store(coefficients, i * LANES, value)


@part
def remainder(y: Lanes, coefficients: Array) -> Lanes:
    """Return R at y = B / D, even and odd powers apart."""
    s = y * y
    even, odd = load(coefficients, _DEGREE * LANES), load(coefficients, (_DEGREE - 1) * LANES)
    for i in range(_DEGREE - 2, 0, -2):
        even = load(coefficients, i * LANES) + s * even
        odd = load(coefficients, (i - 1) * LANES) + s * odd
    return load(coefficients, 0) + s * even + y * odd
