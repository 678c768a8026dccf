r"""Factor stochastic volatility filtered: log-variances given returns up to their own period.

Given parameters and the factors of all periods so far, series have nothing to do with each other:
each log-variance has a bootstrap filter of its own (`particle_filter`), whose return is the error
that the factors leave. So it is the factors' paths that are filtered, and each path carries a small
filter for every series: a system. Factors are proposed period by period, and systems weighed by the
density of the period's returns (`period`), and taken by weight once few of them have most of it.
A weight on log-variances of all series at once would have nothing left after a few assets.

As the number of systems grows this is the exact filter, whatever the number of particles of each
series: they estimate the likelihood of a path of factors without bias (Andrieu & Roberts 2009;
Chopin, Jacob & Papaspiliopoulos 2013, "SMC^2").
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.factor_sv.period import Particles, propose_factors
from puffin.inference.particle_filter import taken
from puffin.inference.threads import go_on

__all__ = ["FilterParameters", "Sizes", "filter_log_variances"]


_FEWEST, _MOST, _IN_ALL = 8, 64, 512


class FilterParameters(NamedTuple):
    """Parameters that are given, of one filter for each.

    Attributes
    ----------
    mean : ndarray of shape (n_filters, n_assets)
    loadings : ndarray of shape (n_filters, n_factors, n_assets)
    mu, phi, sigma : ndarray of shape (n_filters, n_assets + n_factors)
    rarity : ndarray of the same shape
        One over the degrees of freedom of errors, zero of normal ones.
    """

    mean: Array
    loadings: Array
    mu: Array
    phi: Array
    sigma: Array
    rarity: Array


class Sizes(NamedTuple):
    """How many systems a filter has, how many particles of each series, how many draws it keeps."""

    systems: int
    particles: int
    kept: int

    @classmethod
    def of(cls, n_assets: int, kept: int = 16) -> Sizes:
        """Return sizes that serve so many assets.

        With few, factors are known badly, and take many systems. With many, the noise of all their
        filters together would blur the systems' weights: it takes many particles. Of 3 to 90 assets
        means of log-variances were within a twentieth of their standard deviation of those of
        filters ten times as large.
        """
        particles = min(max(n_assets, _FEWEST), _MOST)
        return cls(_IN_ALL // particles, particles, kept)


def filter_log_variances(
    returns: Array, parameters: FilterParameters, sizes: Sizes, stream: np.random.Generator
) -> NDArray[np.float32]:
    """Draw from the filters; what is drawn of a period does not depend on later ones.

    Parameters
    ----------
    returns : ndarray of shape (n_times, n_assets)
        NaN where missing.
    parameters : FilterParameters
    sizes : Sizes

    Returns
    -------
    ndarray of shape (n_filters * kept, n_times, n_assets + n_factors)
        Log-variances, those of a filter one after the other, equally weighted.
    """
    n_filters, columns = parameters.mu.shape
    mu, phi, sigma = (
        values[:, None, :, None].astype(np.float32)
        for values in (parameters.mu, parameters.phi, parameters.sigma)
    )
    shape = (n_filters, sizes.systems, columns, sizes.particles)
    h: Particles = mu + sigma / np.sqrt(1.0 - phi**2) * stream.standard_normal(shape, np.float32)
    log_weights: Array = np.zeros((n_filters, sizes.systems))
    kept = np.empty((n_filters, sizes.kept, returns.shape[0], columns), np.float32)
    for t, observed in enumerate(returns):
        go_on()
        found = propose_factors(
            (observed - parameters.mean)[:, None], parameters.loadings[:, None], h,
            parameters.rarity[:, None], stream,
        )  # fmt: skip
        log_weights += found.log_weights
        h = _by_density(h, found.densities, stream)
        kept[:, :, t] = _some(h, log_weights, sizes.kept, stream)
        h, log_weights = _by_weight(h, log_weights, stream)
        h = mu + phi * (h - mu) + sigma * stream.standard_normal(shape, np.float32)
    return kept.reshape(-1, returns.shape[0], columns)


def _by_density(h: Particles, densities: Particles, stream: np.random.Generator) -> Particles:
    """Return particles of each series, taken by how well they explain its error."""
    rows = h.reshape(-1, h.shape[-1])
    starts = stream.random((rows.shape[0], 1), np.float32)
    return taken(rows, densities.reshape(rows.shape), starts).reshape(h.shape)


def _some(h: Particles, log_weights: Array, count: int, stream: np.random.Generator) -> Particles:
    """Return draws of each filter: a system by its weight, and in it a particle of each series."""
    n_filters, n_systems, columns, n_particles = h.shape
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    cumulated = np.cumsum(weights, axis=1)[:, None] / weights.sum(axis=1)[:, None, None]
    places = (np.arange(count) + stream.random((n_filters, 1))) / count
    system = np.minimum((cumulated < places[..., None]).sum(axis=2), n_systems - 1)
    particle = stream.integers(n_particles, size=(n_filters, count, columns))
    filters, series = np.arange(n_filters)[:, None, None], np.arange(columns)
    some: Particles = h[filters, system[..., None], series, particle]
    return some


def _by_weight(
    h: Particles, log_weights: Array, stream: np.random.Generator
) -> tuple[Particles, Array]:
    """Return systems and their weights: taken by weight where few of them have most of it."""
    n_filters, n_systems = log_weights.shape
    log_weights = log_weights - log_weights.max(axis=1, keepdims=True)
    weights = np.exp(log_weights)
    effective = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)
    starts = stream.random((n_filters, 1))
    few = effective < 0.5 * n_systems
    if not few.any():
        return h, log_weights
    places = np.tile(np.arange(n_systems), (n_filters, 1))
    places[few] = taken(places, log_weights, starts)[few]
    h = np.take_along_axis(h, places[:, :, None, None], axis=1)
    return h, np.where(few[:, None], 0.0, log_weights)
