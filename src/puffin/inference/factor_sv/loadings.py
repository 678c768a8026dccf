"""The block of loadings and means: given factors and log-variances, a regression of each asset."""

from __future__ import annotations

import numpy as np

from puffin.compiling.kernels import drawing_kernel, part
from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel, Scratch
from puffin.inference.triangular import draw_gaussian

__all__ = ["draw_loadings"]


@drawing_kernel
def draw_loadings(
    stream: np.random.Generator, panel: Panel, prior: FactorPrior, chain: Chain, scratch: Scratch
) -> None:
    """Draw each asset's loadings and mean, in place, and the errors that are left.

    Days on which an asset is missing have no weight in its regression, and no error.
    """
    size = scratch.vector.size
    _add_up(panel, chain, scratch)
    for i in range(panel.n_assets):
        pair = size
        for j in range(size):
            scratch.vector[j] = scratch.products[j, i]
            for k in range(j + 1):
                scratch.matrix[j, k] = scratch.products[pair, i]
                pair += 1
            spread = chain.spread[j] if j < panel.n_factors else prior.mean_sd
            scratch.matrix[j, j] += 1.0 / (spread * spread)
        draw_gaussian(stream, scratch.matrix, scratch.vector, scratch.least)
        for j in range(panel.n_factors):
            chain.loadings[j, i] = scratch.vector[j]
        chain.mean[i] = scratch.vector[size - 1] if size > panel.n_factors else 0.0
    for t in range(panel.returns.shape[0]):
        for i in range(panel.n_assets):
            chain.errors[t, i] = panel.returns[t, i] - chain.mean[i]
        for j in range(panel.n_factors):
            factor = chain.errors[t, panel.n_assets + j]
            for i in range(panel.n_assets):
                chain.errors[t, i] -= factor * chain.loadings[j, i]
        for i in range(panel.n_assets):
            chain.errors[t, i] *= panel.present[t, i]


@part
def _add_up(panel: Panel, chain: Chain, scratch: Scratch) -> None:
    """Add up, over time, the weighted products of regressors with returns and with each other.

    All assets at once, so that each sum runs along memory.
    """
    size, n_pairs = scratch.vector.size, scratch.pairs.size
    for pair in range(n_pairs):
        for i in range(panel.n_assets):
            scratch.products[pair, i] = 0.0
    for t in range(panel.returns.shape[0]):
        pair = size
        for j in range(size):
            scratch.pairs[j] = chain.errors[t, panel.n_assets + j] if j < panel.n_factors else 1.0
            for k in range(j + 1):
                scratch.pairs[pair] = scratch.pairs[j] * scratch.pairs[k]
                pair += 1
        for i in range(panel.n_assets):
            scratch.weighted[i] = chain.precision[t, i] * panel.returns[t, i]
        for j in range(size):
            value = scratch.pairs[j]
            for i in range(panel.n_assets):
                scratch.products[j, i] += value * scratch.weighted[i]
        for pair in range(size, n_pairs):
            value = scratch.pairs[pair]
            for i in range(panel.n_assets):
                scratch.products[pair, i] += value * chain.precision[t, i]
