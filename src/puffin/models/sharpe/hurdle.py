"""Strategies that are flat at times: how often, and what their Sharpe ratio is."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.settings import Settings

__all__ = ["draw_activity", "hurdle_moments", "hurdle_sharpe"]


def draw_activity(active: int, observations: int, settings: Settings) -> Array:
    """Draw how often a strategy is active, under a uniform prior: (n_chains, n_draws).

    The streams are not those of the chains, so that both engines give the same draws; and those are
    quantiles of uniform numbers, so that strategies that are nearly alike have nearly the same.
    """
    chain_streams = streams(settings.seed, settings.chains, purpose=Purpose.ACTIVITY)
    uniforms = np.array([stream.random(settings.draws) for stream in chain_streams])
    return np.asarray(betaincinv(1.0 + active, 1.0 + observations - active, uniforms))


def hurdle_moments(prob_active: Array, mu: Array, sd: Array, flat: float) -> tuple[Array, Array]:
    """Return mean and standard deviation of a mixture of active and flat periods."""
    mean = prob_active * mu + (1.0 - prob_active) * flat
    # p sd^2 + p (1 - p) (mu - c)^2 is the variance of the mixture without its cancellation.
    variance = prob_active * sd**2 + prob_active * (1.0 - prob_active) * (mu - flat) ** 2
    return np.asarray(mean), np.asarray(np.sqrt(variance))


def hurdle_sharpe(prob_active: Array, mu: Array, sd: Array, flat: float) -> Array:
    """Return mean over standard deviation of a mixture of active and flat periods."""
    mean, spread = hurdle_moments(prob_active, mu, sd, flat)
    return np.asarray(mean / spread)
