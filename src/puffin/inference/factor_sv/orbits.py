r"""Moves along what returns say nothing of, so that other blocks hardly get anywhere there.

Nothing changes in :math:`m + B f_t` if factors are moved and means make up for it, if two factors
are rotated and their loadings with them, or if a factor is scaled and its loadings by the inverse.
Along each of these orbits the rest of the posterior, priors and the factors' densities, is simple:
where to go is drawn from it directly (Liu & Sabatti 2000, with Haar's measure of each group).

The scale goes along two orbits, and that is interweaving (Kastner, Fruehwirth-Schnatter & Lopes
2017): "deep", where the factor's log-variance goes along, :math:`h_k \to h_k - 2 g` for
:math:`B_k \to e^g B_k`, so that the chain's level, which is fixed to zero, holds g; and "shallow",
where it stays, and the factor's density holds g. The spread of the loadings' prior goes along on
both; then it is drawn given the loadings. All three have the log-density
:math:`a g - b g^2 - c e^{2g} - d e^{-2g}`, which is concave.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.compiling.kernels import drawing_kernel, part
from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel

__all__ = ["move_along_orbits"]

_WIDTH = 0.5


@drawing_kernel
def move_along_orbits(
    stream: np.random.Generator, panel: Panel, prior: FactorPrior, chain: Chain
) -> None:
    """Draw where on each orbit factors, loadings and means are, in place."""
    for k in range(panel.n_factors):
        if prior.constant_mean:
            _translate(panel, prior, chain, k, stream.standard_normal())
        for j in range(k):
            _rotate(panel, chain, j, k, (stream.random(), stream.random()))
        a, b = _pull_of_level(panel, chain, k)
        over = 0.5 / (prior.spread_sd * prior.spread_sd)
        deep = _slice(stream, a + 1.0, b, over * chain.spread[k] ** 2, 0.0)
        _rescale(panel, chain, k, deep, 2.0 * deep)
        d = 0.5 * _size_of_factor(panel, chain, k)
        a = 1.0 - panel.returns.shape[0]
        _rescale(panel, chain, k, _slice(stream, a, 0.0, over * chain.spread[k] ** 2, d), 0.0)
        d = 0.5 * _size_of_loadings(panel, chain, k) / chain.spread[k] ** 2
        a = 1.0 - panel.n_assets
        chain.spread[k] *= math.exp(_slice(stream, a, 0.0, over * chain.spread[k] ** 2, d))


@part
def _translate(panel: Panel, prior: FactorPrior, chain: Chain, k: int, normal: float) -> None:
    """Add to a factor, at all times, and take what it makes of that off the means."""
    column, n_times = panel.n_assets + k, panel.returns.shape[0]
    of_mean = 1.0 / (prior.mean_sd * prior.mean_sd)
    precision, shift = 0.0, 0.0
    for t in range(n_times):
        precision += chain.precision[t, column]
        shift -= chain.precision[t, column] * chain.errors[t, column]
    for i in range(panel.n_assets):
        loading = chain.loadings[k, i]
        precision += of_mean * loading * loading
        shift += of_mean * loading * chain.mean[i]
    move = shift / precision + normal / math.sqrt(precision)
    for t in range(n_times):
        chain.errors[t, column] += move
    for i in range(panel.n_assets):
        chain.mean[i] -= move * chain.loadings[k, i]


@part
def _rotate(panel: Panel, chain: Chain, j: int, k: int, uniforms: tuple[float, float]) -> None:
    """Rotate two factors: a step of a slice sampler, whose slice is known.

    Twice the angle has the log-density kappa cos(x - x0), given log-variances and spreads.
    """
    first, second = panel.n_assets + j, panel.n_assets + k
    cosine, sine = 0.0, 0.0
    for t in range(panel.returns.shape[0]):
        one, other = chain.errors[t, first], chain.errors[t, second]
        difference = chain.precision[t, first] - chain.precision[t, second]
        cosine -= 0.25 * difference * (one * one - other * other)
        sine += 0.5 * difference * one * other
    difference = 1.0 / chain.spread[j] ** 2 - 1.0 / chain.spread[k] ** 2
    for i in range(panel.n_assets):
        one, other = chain.loadings[j, i], chain.loadings[k, i]
        cosine -= 0.25 * difference * (one * one - other * other)
        sine += 0.5 * difference * one * other
    kappa, centre = math.hypot(cosine, sine), math.atan2(sine, cosine)
    height = math.cos(centre) + math.log1p(-uniforms[0]) / max(kappa, 1e-300)
    half = math.acos(max(height, -1.0))
    angle = 0.5 * (centre + (2.0 * uniforms[1] - 1.0) * half)
    c, s = math.cos(angle), math.sin(angle)
    for t in range(panel.returns.shape[0]):
        one, other = chain.errors[t, first], chain.errors[t, second]
        chain.errors[t, first], chain.errors[t, second] = c * one - s * other, s * one + c * other
    for i in range(panel.n_assets):
        one, other = chain.loadings[j, i], chain.loadings[k, i]
        chain.loadings[j, i], chain.loadings[k, i] = c * one - s * other, s * one + c * other


@part
def _pull_of_level(panel: Panel, chain: Chain, k: int) -> tuple[float, float]:
    """Return what the chain of log-variances adds to a, and b, of the deep orbit."""
    column, n_times = panel.n_assets + k, panel.returns.shape[0]
    phi, sigma = math.tanh(chain.points[0, column]), chain.points[1, column] ** 2
    fresh, start = 1.0 - phi, 1.0 - phi * phi
    pull = start * chain.h[0, column]
    for t in range(1, n_times):
        pull += fresh * (chain.h[t, column] - phi * chain.h[t - 1, column])
    stiffness = start + (n_times - 1) * fresh * fresh
    over = 2.0 / (sigma * sigma)
    return over * pull, over * stiffness


@part
def _size_of_loadings(panel: Panel, chain: Chain, k: int) -> float:
    total = 0.0
    for i in range(panel.n_assets):
        total += chain.loadings[k, i] ** 2
    return total


@part
def _size_of_factor(panel: Panel, chain: Chain, k: int) -> float:
    total, column = 0.0, panel.n_assets + k
    for t in range(panel.returns.shape[0]):
        total += chain.errors[t, column] ** 2 * chain.precision[t, column]
    return total


@part
def _rescale(panel: Panel, chain: Chain, k: int, g: float, fall: float) -> None:
    """Make loadings and their spread e^g times as large, and log-variances less by `fall`."""
    column, scale, growth = panel.n_assets + k, math.exp(g), math.exp(fall)
    chain.spread[k] *= scale
    for i in range(panel.n_assets):
        chain.loadings[k, i] *= scale
    for t in range(panel.returns.shape[0]):
        chain.errors[t, column] /= scale
        chain.h[t, column] -= fall
        chain.precision[t, column] *= growth


@part
def _log_density(g: float, a: float, b: float, c: float, d: float) -> float:
    return a * g - b * g * g - c * math.exp(2.0 * g) - d * math.exp(-2.0 * g)


@part
def _slice(stream: np.random.Generator, a: float, b: float, c: float, d: float) -> float:
    """Return a slice sampler's step from zero: stepping out and shrinking (Neal 2003)."""
    height = _log_density(0.0, a, b, c, d) + math.log1p(-stream.random())
    low = -_WIDTH * stream.random()
    high = low + _WIDTH
    while _log_density(low, a, b, c, d) > height:
        low -= _WIDTH
    while _log_density(high, a, b, c, d) > height:
        high += _WIDTH
    while True:
        g = low + (high - low) * stream.random()
        if not _log_density(g, a, b, c, d) < height:
            return g
        if g < 0.0:
            low = g
        else:
            high = g
