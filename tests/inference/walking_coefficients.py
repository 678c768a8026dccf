"""Coefficients that walk, and priors of their walks."""

from __future__ import annotations

import numpy as np

from puffin.inference.dynamic_regression import (
    DynamicPrior,
)
from puffin.inference.settings import Settings
from puffin.models.bayesian import PairsPriors

GRID = PairsPriors(n_walks=4)


def series(T, hedges=1, *, step=0.05, noise=0.3, seed=1):
    """Coefficients that walk, on regressors that walk."""
    stream = np.random.default_rng([T, hedges, seed])
    Z = np.column_stack([np.ones(T), 0.3 * np.cumsum(stream.normal(size=(T, hedges)), axis=0)])
    paths = np.array([0.5] + [0.8] * hedges) + step * np.cumsum(
        stream.normal(size=(T, hedges + 1)), axis=0
    )
    return Z, (Z * paths).sum(axis=1) + noise * stream.normal(size=T), paths


def one_point(*q):
    return DynamicPrior(4.0, 3.0, 0.27, np.array([q]))


def run(draws=4_000, chains=2, seed=1):
    return Settings(draws, 0, chains, None, seed, False)
