"""Normals by the ziggurat."""

from __future__ import annotations

import numpy as np
from scipy import stats

from puffin.compiling.kernels import drawing_kernel
from puffin.compiling.ziggurat import EDGES, LAYERS, settle_normal

FALSE_ALARM = 1e-6


def test_ziggurat_layers_have_equal_areas():
    heights = np.exp(-(EDGES**2) / 2)
    tail = np.sqrt(2 * np.pi) * stats.norm.sf(EDGES[1])
    base = EDGES[1] * heights[1] + tail
    np.testing.assert_allclose(EDGES[1:-1] * np.diff(heights[1:]), base, rtol=1e-9)
    np.testing.assert_allclose(EDGES[0] * heights[1], base, rtol=1e-12)
    assert EDGES.size == LAYERS + 1
    assert EDGES[-1] == 0.0


def test_settled_normals_are_normal():
    """Tail and wedges included: half a million points of the layers that are seldom used."""
    stream = np.random.default_rng(12)
    for layer, reach in ((0, EDGES[0]), (1, EDGES[1]), (LAYERS - 1, EDGES[LAYERS - 1])):
        x = settled(stream, stream.uniform(-reach, reach, 200_000), layer)
        x = np.abs(x[~np.isnan(x)])
        inner, outer = EDGES[layer + 1], np.inf if layer == 0 else EDGES[layer]
        low, high = np.exp(-(EDGES[layer] ** 2) / 2), np.exp(-(inner**2) / 2)
        low = 0.0 if layer == 0 else low

        def cdf(z, low=low, high=high, inner=inner):
            """Of the layer's share of the half normal."""
            below = np.sqrt(2 * np.pi) * (stats.norm.cdf(z) - stats.norm.cdf(inner))
            return np.where(
                z < inner, z * (high - low), inner * (high - low) + below - (z - inner) * low
            )

        top = cdf(np.minimum(outer, 40.0))
        uniform = cdf(x) / top
        assert stats.kstest(uniform, "uniform").pvalue > FALSE_ALARM


@drawing_kernel
def settled(stream, x, layer):
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = settle_normal(stream, x[i], layer)
    return out
