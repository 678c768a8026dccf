r"""The block of the factors: given all else, each day's are a Gaussian of their own.

.. math:: f_t \sim N(P_t^{-1} B' W_t (r_t - m),\ P_t^{-1}), \qquad
    P_t = \operatorname{diag}(e^{-h_{kt}}) + B' W_t B

with W_t the diagonal matrix of :math:`e^{-h_{it}}`, zero where a return is missing.
"""

from __future__ import annotations

import numpy as np

from puffin.compiling.kernels import drawing_kernel
from puffin.inference.factor_sv.chain import Chain, Panel, Scratch
from puffin.inference.triangular import draw_gaussian

__all__ = ["draw_factors"]


@drawing_kernel
def draw_factors(stream: np.random.Generator, panel: Panel, chain: Chain, scratch: Scratch) -> None:
    """Draw the factors, in place of the errors of their columns."""
    n_assets, n_factors = panel.n_assets, panel.n_factors
    loadings, products = chain.loadings, scratch.products
    matrix, vector = scratch.matrix[:n_factors, :n_factors], scratch.vector[:n_factors]
    least = scratch.least[:n_factors]
    pair = 0
    for j in range(n_factors):
        for k in range(j + 1):
            for i in range(n_assets):
                products[pair, i] = loadings[j, i] * loadings[k, i]
            pair += 1
    for t in range(panel.returns.shape[0]):
        for i in range(n_assets):
            centred = panel.returns[t, i] - chain.mean[i]
            scratch.weighted[i] = chain.precision[t, i] * centred
        pair = 0
        for j in range(n_factors):
            shift = 0.0
            for i in range(n_assets):
                shift += scratch.weighted[i] * loadings[j, i]
            vector[j] = shift
            for k in range(j + 1):
                total = 0.0
                for i in range(n_assets):
                    total += chain.precision[t, i] * products[pair, i]
                matrix[j, k] = total
                pair += 1
            matrix[j, j] += chain.precision[t, n_assets + j]
        draw_gaussian(stream, matrix, vector, least)
        for j in range(n_factors):
            chain.errors[t, n_assets + j] = vector[j]
