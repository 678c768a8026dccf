r"""How far out Student's t is, for any degrees of freedom, and in the tails by its logarithm.

With :math:`q = z^2 / \nu` and :math:`y = \sqrt{q / (1 + q)}`, which is between 0 and 1,

.. math::

    P(|t_\nu| > z) = (1 + q)^{-\nu / 2} \, \frac{N_\nu(y)}{4 + \sqrt \nu \, y}, \qquad
    N_\nu(y) = (4 + \sqrt \nu \, y) \, C_\nu
        \int_y^1 \frac{(1 - s^2)^{\nu / 2 - 1}}{(1 - y^2)^{\nu / 2}} \, ds

where N is Mills' ratio without its 1 / z and, with :math:`N_\nu(0) = 4`, without constants. As a
function of

.. math::

    x = 1 + 2 d - 8 (1 + d) / (4 + \sqrt \nu \, y), \qquad d = 4 / \sqrt \nu, \qquad
    v = 2 (1 + \sqrt 2) / (1 + \sqrt \nu) - 1

both between -1 and 1, it is so smooth, from the mode to infinity and from 2 degrees of freedom to
the normal distribution, that the polynomial of degree 15 in both that is equal to it at Chebyshev's
nodes has a relative error below 2e-11.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial.polynomial import polyval

from puffin.arrays import Array

__all__ = ["N_COEFFICIENTS", "WIDEST", "log_tail", "tail_table"]

N_COEFFICIENTS = 16
WIDEST = 1.0 + np.sqrt(2.0)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_UNDERFLOW, _FARTHEST = 42.0, 9.5


def log_tail(z: Array, nu: Array) -> Array:
    """Return log P(|t| > z), for z from 0 and nu from 2, which broadcast."""
    root = np.sqrt(nu)
    v, q, d = 2.0 * WIDEST / (1.0 + root) - 1.0, np.square(z) / nu, 4.0 / root
    distance = 4.0 + root * np.sqrt(q / (1.0 + q))
    coefficients = polyval(v, tail_table().T)
    x = 1.0 + 2.0 * d - 8.0 * (1.0 + d) / distance
    polynomial = polyval(x, coefficients, tensor=False)
    return np.asarray(np.log(polynomial / distance) - 0.5 * nu * np.log1p(q))


@functools.cache
def tail_table() -> Array:
    """Return the coefficients of powers of x (rows) and v (columns), shape (16, 16)."""
    nodes = chebyshev.chebpts1(N_COEFFICIENTS)
    root = (2.0 * WIDEST / (1.0 + nodes) - 1.0)[None]
    d = 4.0 / root
    distance = 8.0 * (1.0 + d) / (1.0 + 2.0 * d - nodes[:, None])
    y = np.minimum((distance - 4.0) / root, 1.0 - 1e-16)
    nu = np.broadcast_to(root**2, y.shape)
    w = np.sqrt(-nu * np.log1p(-y * y))
    values = distance * _areas(w, nu) / _areas(0.0 * w, nu)
    to_chebyshev = np.linalg.inv(chebyshev.chebvander(nodes, N_COEFFICIENTS - 1))
    powers = np.zeros((N_COEFFICIENTS, N_COEFFICIENTS))
    for degree, row in enumerate(np.eye(N_COEFFICIENTS)):
        powers[: degree + 1, degree] = chebyshev.cheb2poly(row)[: degree + 1]
    to_powers = powers @ to_chebyshev
    return np.asarray(to_powers @ values @ to_powers.T)


def _areas(w: Array, nu: Array) -> Array:
    r"""Return the integral in N, up to a function of nu, where (1 + q)^(-nu / 2) = exp(-w^2 / 2).

    In place of s there is the distance v of the w of s from that of y, so that it is

    .. math::

        \int_0^\infty e^{-w v - v^2 / 2} \sqrt{\frac{u}{1 - e^{-u}}} \, dv, \qquad
        u = (w + v)^2 / \nu
    """
    most = np.minimum(_FARTHEST, _UNDERFLOW / np.maximum(w, 1e-9))
    v = most[..., None] * 0.5 * (1.0 + _NODES)
    w, u = w[..., None], (w[..., None] + v) ** 2 / nu[..., None]
    root = np.sqrt(np.where(u < 1e-8, 1.0 + 0.5 * u, u / -np.expm1(-np.maximum(u, 1e-8))))
    return np.asarray(0.5 * most * ((np.exp(-w * v - 0.5 * v * v) * root) @ _WEIGHTS))
