"""Gamma variates inside kernels, many at once, by the method of Marsaglia & Tsang (2000).

With d = shape - 1/3, c = 1 / sqrt(9 d) and x normal, d (1 + c x)^3 is gamma once it is accepted
with probability exp(x^2 / 2 + d (1 - v + log v)), v = (1 + c x)^3.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part
from puffin.compiling.random_bits import Bits, fill_bits
from puffin.compiling.ziggurat import EDGES, LAYERS, settle_normal

__all__ = ["draw_gammas"]

_LAYER_MASK = np.uint64(LAYERS - 1)
_UNUSED = np.uint64(11)
_NEXT = np.uint64(1)
_TO_UNIT = 2.0**-52


@part
def _accepted(x: float, u: float, c: float, d: float) -> bool:
    root = 1.0 + c * x
    if not root > 0.0:
        return False
    cube = root * root * root
    return u < 1.0 - 0.0331 * x * x * x * x or math.log(u) < 0.5 * x * x + d * (
        1.0 - cube + math.log(cube)
    )


@part
def draw_gammas(
    stream: np.random.Generator,
    generators: Bits,
    shape: float,
    bits: Bits,
    normals: Array,
    certain: Array,
    draws: Array,
) -> None:
    r"""Fill `draws` with draws from Gamma(shape, 1), shape at least 1.

    Normals come from the ziggurat, and a squeeze that knows the shape accepts nearly all. With
    y = c x, the log of the acceptance probability is

    .. math:: 3 d \left(\log(1 + y) - y + \frac{y^2}{2} - \frac{y^3}{3}\right)
        \ge -\frac{c^2 x^4}{12} \bigl(1 + \tfrac{8}{5} \max(-y, 0)\bigr)
        \quad \text{for } y > -\tfrac{1}{2},

    so that a uniform below one plus the right-hand side accepts. The few in doubt, 8 in 1,000, are
    decided one at a time.

    `bits`, `normals` and `certain` are scratch: random words, two for each draw, the size of
    which is a multiple of `LANES`; and, of the size of `draws`, the normals and the uniforms below
    which they are certain to be accepted.
    """
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    squeeze = c * c / 12.0
    size = draws.size
    fill_bits(generators, bits)
    words, uniforms = bits[:size], bits[size : 2 * size]
    for t in range(size):
        layer = words[t] & _LAYER_MASK
        x = np.float64(np.int64(words[t]) >> 11) * _TO_UNIT * EDGES[layer]
        normals[t] = x
        certain[t] = EDGES[layer + _NEXT] - abs(x)
    for t in range(size):
        x = normals[t]
        y, square = c * x, x * x
        root = 1.0 + y
        draws[t] = d * root * root * root
        bound = 1.0 - squeeze * square * square * (1.0 + 1.6 * max(-y, 0.0))
        certain[t] = bound if min(certain[t], y + 0.5) > 0.0 else 0.0
    for t in range(size):
        u: float = np.float64(np.int64(uniforms[t] >> _UNUSED)) * (0.5 * _TO_UNIT)
        if u >= certain[t]:
            normal: float = settle_normal(stream, normals[t], np.int64(words[t] & _LAYER_MASK))
            while not _accepted(normal, u, c, d):
                normal, u = stream.standard_normal(), stream.random()
            root = 1.0 + c * normal
            draws[t] = d * root * root * root
