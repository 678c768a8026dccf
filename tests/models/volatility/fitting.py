"""Fits of one call, and which sampler makes them."""

from __future__ import annotations

import itertools

from puffin.inference.latent_ar1 import sampler
from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate


def fit(y, distribution="normal", leverage=False, samples=2000, **options):
    mean, priors = options.pop("mean", "constant"), options.pop("priors", None)
    model = StochasticVolatilityModel(distribution, leverage, mean=mean, priors=priors)
    return model.fit(y, samples, **{"random_seed": 1, **options})


def simulated(n, seed, **parameters):
    return simulate(n, random_seed=seed, **parameters)["returns"].to_numpy()


SAMPLERS = [*(attempt.method for attempt in sampler._ATTEMPTS), sampler.LOCAL_MOVES]
"""In the order in which they are tried."""


def skip(monkeypatch, number):
    """Have the first samplers found wanting in the next fit: one after them makes it."""
    wanting, reliable = itertools.chain([False] * number, itertools.repeat(True)), sampler._reliable
    monkeypatch.setattr(sampler, "_reliable", lambda *facts: next(wanting) and reliable(*facts))


def force_local_moves(monkeypatch):
    """Have all samplers but the last found wanting in each fit."""
    monkeypatch.setattr(sampler, "_reliable", lambda *_: False)
