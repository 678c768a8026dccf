r"""The ziggurat of Marsaglia & Tsang (2000): the normal density in layers of equal area.

Layer i holds the points with :math:`|x| < e_i` between the heights :math:`f(e_i)` and
:math:`f(e_{i+1})` of the unnormalised density f. A layer, and an abscissa in it, are drawn
uniformly; the abscissa is a normal variate at once if :math:`|x| < e_{i+1}`, as all but 4 in 1,000
are. The base layer is widened, to :math:`e_0`, by the area of the tail beyond :math:`e_1`.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.arrays import Array
from puffin.compiling.kernels import part

__all__ = ["EDGES", "LAYERS", "settle_normal"]

LAYERS = 1024
_TAIL_EDGE = 4.038849846109505
_AREA = 0.0012263246463530852
"""Of a layer. It and the edge where the tail begins follow from the number of layers: the area is
that of the base with the tail, and the topmost layer ends at the density's mode."""


def _density(x: float) -> float:
    return math.exp(-0.5 * x * x)


def _edges() -> Array:
    edges = [_AREA / _density(_TAIL_EDGE), _TAIL_EDGE]
    while len(edges) < LAYERS:
        edges.append(math.sqrt(-2.0 * math.log(_AREA / edges[-1] + _density(edges[-1]))))
    return np.array([*edges, 0.0])


EDGES = _edges()
"""The e of the formulas, shape (LAYERS + 1,)."""

_HEIGHTS = np.exp(-0.5 * EDGES**2)


@part
def settle_normal(stream: np.random.Generator, x: float, layer: np.int64) -> float:
    """Return a normal variate, given a layer and an abscissa in it, or NaN: draw another.

    The variate is x if the point is below the density, and one of the tail's if it stands for that.
    """
    if abs(x) < EDGES[layer + 1]:
        return x
    if layer == 0:
        return math.copysign(_draw_tail(stream), x)
    inner, outer = _HEIGHTS[layer + 1], _HEIGHTS[layer]
    below = outer + (inner - outer) * stream.random() < math.exp(-0.5 * x * x)
    return x if below else math.nan


@part
def _draw_tail(stream: np.random.Generator) -> float:
    """Draw from the normal distribution beyond the base layer's edge (Marsaglia 1964)."""
    while True:
        excess = -math.log1p(-stream.random()) / _TAIL_EDGE
        if -2.0 * math.log1p(-stream.random()) > excess * excess:
            return _TAIL_EDGE + excess
