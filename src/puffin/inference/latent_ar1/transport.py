r"""A skewed Markov chain, drawn backwards: the triangular transport of a Gaussian, in SIMD lanes.

The log-density of a chain h given data is a sum of terms of (h_t, omega_t), where
omega_t = h_{t+1} - mu - phi (h_t - mu). About a centre, with (q, w) the deviations of
(h_t, omega_t), each term is expanded to third order::

    h q + w w_t - (hh q^2 + 2 hw q w + ww w^2) / 2
        + (hhh q^3 + 3 hhw q^2 w + 3 hww q w^2 + www w^3) / 6

(the prior of omega_t is in w and ww; all nine are multiplied by sigma^2 in what follows, and the
rest of the prior, that of h_0 and mu, is added by `begin`). The quadratic part is a Gaussian with
tridiagonal precision, hence Markov, hence drawn backwards: q_t = r_t q_{t+1} + sqrt(V_t) z_t about
its mean, with V_t the inverse pivots of the elimination and r_t = V_t J_t, J_t the coupling.

What that leaves is nearly all third derivatives. In terms of u = q - E q at t and t + 1, each
cubic form is (A u_t^3 + 3 F u_t^2 u_{t+1} + 3 G u_t u_{t+1}^2 + H u_{t+1}^3) / 6. Integrating
u_0, u_1, ... out in turn, to first order, hands alpha u_{t+1}^3 / 6 on to the next::

    A_t <- A_t + alpha_t,    alpha_{t+1} = r^3 A + 3 r^2 F + 3 r G + H

and gives mean, variance and skewness of u_t given u_{t+1}, to first order in the third
derivatives::

    u_t = r u_{t+1} + bend (u_{t+1}^2 - var u_{t+1}) + sqrt(V) exp(tilt u_{t+1}) (z + g (z^2 - 1))
    bend = V (r^2 A / 2 + r F + G / 2),    tilt = V (r A + F) / 2,    g = V^(3/2) A / 6

A triangular map (Rosenblatt 1952; Knothe 1957) is a bijection of R^T where each component increases
in its own z_t, whatever the others are. So the corrections need only be replaced by functions that
agree to second order, increase where they must and do not run away: see `draw_given_next`. The
Jacobian is the product of the slopes.

References
----------
Richard & Zhang (2007), Journal of Econometrics 141: derivatives expected under the Gaussian.
McCausland (2012), Journal of Econometrics 168: skewed conditionals, drawn backwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, maximum, sqrt_lanes, store
from puffin.compiling.normal_pairs import normal_pair
from puffin.inference.latent_ar1.batch import CHOICES, SCRATCH
from puffin.inference.latent_ar1.coordinates import MEAN, PHI, RHO, SIGMA

__all__ = [
    "along",
    "approximate_exp",
    "begin",
    "draw_given_next",
    "eliminate",
    "hand_on",
    "offsets_of",
    "refresh",
    "replace_of_h",
]

_POWER_LIMIT = 3.0
_BEND_LIMIT = 0.3
"""How far the slope of the conditional mean may leave that of the Gaussian."""

Front = tuple[Lanes, ...]
Offsets = tuple[Lanes, Lanes, Lanes, Lanes]
Row = tuple[Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes, Lanes]


@part
def approximate_exp(x: Lanes) -> Lanes:
    """Return exp(x) up to a factor of about 1 + x^3 / 96, with x clipped to [-4, 8]."""
    x = maximum(x, x * 0.0 - 4.0)
    x = -maximum(-x, x * 0.0 - 8.0)
    root = 1.0 + x * (0.25 + 0.03125 * x)
    return (root * root) * (root * root)


@part
def offsets_of(rows: Array, count: int, lanes: int) -> Offsets:
    """Return how far mean, phi, sigma and rho are from the guide's, in their coordinates."""
    first = rows.shape[1] * count + lanes
    return (
        load(rows, first + MEAN * count),
        load(rows, first + PHI * count),
        load(rows, first + SIGMA * count),
        load(rows, first + RHO * count),
    )


@part
def along(base: Lanes, slopes: Array, t: int, offsets: Offsets) -> Lanes:
    """Return base plus the inner product of the first elements of row t with the offsets."""
    moved = base + slopes[t, MEAN] * offsets[0] + slopes[t, PHI] * offsets[1]
    total: Lanes = moved + slopes[t, SIGMA] * offsets[2] + slopes[t, RHO] * offsets[3]
    return total


@part
def refresh(
    bits: NDArray[np.uint64], keep: float, fresh: float, z: Array, row: int, n: int
) -> None:
    """Set z to keep z + fresh N(0, 1), `n` vectors of it from flat index `row`."""
    if fresh == 0.0:
        if keep != 1.0:
            for t in range(n):
                at = row + t * LANES
                store(z, at, keep * load(z, at))
        return
    for t in range(0, n, 2):
        first, second = normal_pair(bits)
        at = row + t * LANES
        store(z, at, keep * load(z, at) + fresh * first)
        if t + 1 < n:
            store(z, at + LANES, keep * load(z, at + LANES) + fresh * second)


@part
def hand_on(z: Array, row: int, first: int, constants: Array) -> None:
    """Write the normals of choices, those from number `first` on, where a model's parts read them.

    Those of the proposals at hand begin at flat index `row`.
    """
    for i in range(first, z.shape[1]):
        store(constants, (CHOICES + i - first) * LANES, load(z, row + i * LANES))


@part
def begin(phi: Lanes, square: Lanes, q: Lanes, level: float, mu_sd: float) -> Front:
    """Return the front of the elimination before the first time.

    Parameters
    ----------
    phi, square : eight floats
        Autoregression, and sigma^2.
    q : eight floats
        The first centre less that of mu.
    level, mu_sd : float
        Centre of mu, and the standard deviation of its N(0, mu_sd^2) prior.

    Returns
    -------
    tuple of eight floats each
        Of the innovation before t: w, ww, and (1 - phi) ww; J_{t-1}, r_{t-1}; the eliminated
        gradient, and its derivative in mu; gradient and curvature in mu; alpha_t.
    """
    zero = phi * 0.0
    start = 1.0 - phi * phi
    gain = start * q - square * (level / (mu_sd * mu_sd))
    precision = start + square * (1.0 / (mu_sd * mu_sd))
    return -start * q, start, start, zero, zero, zero, zero, gain, precision, zero


@part
def replace_of_h(row: Row, of_h: tuple[Lanes, Lanes]) -> Row:
    """Return the nine derivatives with others in h alone, the first and minus the second."""
    return of_h[0], row[1], of_h[1], row[3], row[4], row[5], row[6], row[7], row[8]


@part
def eliminate(row: Row, phi: Lanes, front: Front, scratch: Array, t: int) -> Front:
    """Eliminate time t, leave in `scratch` what drawing it needs, and return the next one's front.

    Parameters
    ----------
    row : tuple of eight floats each
        Its nine derivatives, all but those of h zero at the last time.
    scratch : ndarray of shape (7, n_times, 8)
        Takes V / sigma^2; sigma^2 bend / V and 2 sigma^2 tilt / V; A; r; and the eliminated
        gradient, and its derivative in mu.
    """
    h, w, hh, hw, ww, hhh, hhw, hww, www = row
    before_w, before_ww, before_level, before_coupling, r, eliminated, per_level = front[:7]
    gain, precision, alpha = front[7:]
    rest = 1.0 - phi
    coupling = phi * ww - hw
    diagonal = before_ww + hh - phi * hw + phi * coupling
    inverse = 1.0 / (diagonal - r * before_coupling)
    eliminated = before_w + h - phi * w + r * eliminated
    per_level = before_level - rest * coupling + r * per_level
    gain = gain - rest * w + per_level * eliminated * inverse
    precision = precision + rest * rest * ww - per_level * per_level * inverse
    r = coupling * inverse
    outer = hww - phi * www
    mixed = hhw - phi * (hww + outer)
    third = alpha + hhh - phi * (2.0 * hhw + mixed - phi * hww)
    tilt = r * third + mixed
    bend = 0.5 * (r * (tilt + mixed) + outer)
    alpha = r * (2.0 * bend + r * mixed + 2.0 * outer) + www
    at = t * SCRATCH * LANES
    store(scratch, at, inverse)
    store(scratch, at + LANES, bend)
    store(scratch, at + 2 * LANES, tilt)
    store(scratch, at + 3 * LANES, third)
    store(scratch, at + 4 * LANES, r)
    store(scratch, at + 5 * LANES, eliminated)
    store(scratch, at + 6 * LANES, per_level)
    return w, ww, rest * ww, coupling, r, eliminated, per_level, gain, precision, alpha


@part
def draw_given_next(
    z: Lanes,
    u: Lanes,
    spread: Lanes,
    width: tuple[Lanes, Lanes],
    shape: tuple[Lanes, Lanes, Lanes, Lanes],
) -> tuple[Lanes, Lanes]:
    """Return u_t given u = u_{t+1} with variance `spread`, and its slope in z over sqrt(V).

    exp(x) becomes (1 + x / 2 + x^2 / 8)^2, which is a quarter at least; z + g z^2 becomes
    z + g z^2 / (1 + g^2 z^2), whose slope is 0.35 at least; x, and in bend u^2 the first two
    factors, are clipped to limits, so that the recursion does not run away. The one division does
    not wait for u, and so not for the time after.

    Parameters
    ----------
    z, u, spread : eight floats
    width : tuple of eight floats each
        V / sigma^2 and V.
    shape : tuple of eight floats each
        r, bend, tilt and third derivative: see `eliminate`.
    """
    inverse, variance = width
    r, bend, tilt, third = shape
    deviation = sqrt_lanes(variance)
    g = (1.0 / 6.0) * third * inverse * deviation
    x = g * z
    over_skew = 1.0 / (1.0 + x * x)
    skewed = deviation * (z + x * z * over_skew - g)
    bend = inverse * bend
    bent = maximum(bend * u, u * 0.0 - _BEND_LIMIT)
    bent = -maximum(-bent, u * 0.0 - _BEND_LIMIT)
    power = maximum(0.5 * inverse * tilt * u, u * 0.0 - _POWER_LIMIT)
    power = -maximum(-power, u * 0.0 - _POWER_LIMIT)
    root = 1.0 + power * (0.5 + 0.125 * power)
    scale = root * root
    u = (r + bent) * u - bend * spread + scale * skewed
    return u, scale * (1.0 + 2.0 * x * over_skew * over_skew)
