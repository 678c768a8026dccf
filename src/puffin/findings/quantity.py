"""What is known of a number: a mean or a median, an interval, and the probability of its sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.posterior import highest_density_interval

__all__ = ["Quantity", "SignedQuantity", "SkewedQuantity"]


@dataclass(frozen=True)
class Quantity:
    """Posterior mean and highest-density interval of a number."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: Array, hdi_prob: float) -> Quantity:
        """Summarise draws, an array of shape (n_draws,)."""
        low, high = highest_density_interval(draws, hdi_prob)
        return cls(float(draws.mean()), float(low), float(high))

    def times(self, factor: float) -> Quantity:
        """Return what is known of the number times a positive factor."""
        return Quantity(factor * self.mean, factor * self.low, factor * self.high)


@dataclass(frozen=True)
class SignedQuantity:
    """What is known of a number whose sign matters, with the draws that say so.

    Attributes
    ----------
    mean, std : float
        Of the posterior.
    low, high : float
        Its highest-density interval.
    prob_positive : float
    draws : ndarray of shape (n_draws,)
    """

    mean: float
    std: float
    low: float
    high: float
    prob_positive: float
    draws: Array

    @classmethod
    def of(cls, draws: Array, hdi_prob: float) -> SignedQuantity:
        """Summarise draws, an array of shape (n_draws,)."""
        around = Quantity.of(draws, hdi_prob)
        return cls(
            mean=around.mean,
            std=float(draws.std(ddof=1)) if draws.size > 1 else 0.0,
            low=around.low,
            high=around.high,
            prob_positive=float(np.mean(draws > 0.0)),
            draws=draws,
        )


@dataclass(frozen=True)
class SkewedQuantity:
    """Posterior median and central interval of a number with a long tail.

    The mean of such a number would be a matter of the few draws in the tail.
    """

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, increasing: Callable[[float], float], draws: Array, prob: float) -> SkewedQuantity:
        """Summarise an increasing function of a parameter, given the parameter's draws."""
        tail = 0.5 * (1.0 - prob)
        median, low, high = np.quantile(draws, [0.5, tail, 1.0 - tail])
        return cls(*(increasing(float(value)) for value in (median, low, high)))
