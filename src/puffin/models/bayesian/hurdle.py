"""Strategies that are flat at times: when they are, and what their Sharpe ratio is."""

from __future__ import annotations

import numpy as np

from puffin.inference.arrays import Array
from puffin.inference.chains import streams
from puffin.inference.settings import Settings

__all__ = ["check_active", "draw_activity", "flat_value", "hurdle_sharpe", "repeated_value"]

_ACTIVITY = 1
_FEWEST_FLAT, _LEAST_SHARE = 5, 0.05


def repeated_value(values: Array) -> float | None:
    """Return the value that more than half of `values` are, if there is one."""
    # A value held by more than half is the median, whichever of the two middle ones.
    candidate = float(np.partition(values, values.size // 2)[values.size // 2])
    return candidate if np.count_nonzero(values == candidate) > values.size / 2 else None


def flat_value(values: Array) -> float | None:
    """Return the value that a strategy returns when it is flat, if it ever is.

    That of more than half of `values`, or of more than a twentieth and at least five of them. A
    Student-t distribution takes so many equal values for its centre: of simulated strategies that
    are flat on 10% of days its posterior mean of the Sharpe ratio was half a standard deviation too
    near to zero, on 30% nine of them.
    """
    usual = repeated_value(values)
    if usual is not None:
        return usual
    distinct, counts = np.unique(values, return_counts=True)
    most = int(counts.argmax())
    often = counts[most] >= _FEWEST_FLAT and counts[most] > _LEAST_SHARE * values.size
    return float(distinct[most]) if often else None


def check_active(active: Array) -> None:
    """Refuse active returns that are too few, or mostly one value again."""
    if active.size < 2 or repeated_value(active) is not None:
        raise ValueError(
            "returns are one repeated value on most days, and on the "
            f"{active.size} others they take only {np.unique(active).size} value(s); a Sharpe "
            "ratio needs active days with different returns."
        )


def draw_activity(active: int, observations: int, settings: Settings, place: int = 0) -> Array:
    """Draw how often a strategy is active, under a uniform prior: (n_chains, n_draws).

    The streams are not those of the chains, so that both engines give the same draws. Strategies
    in different places have streams of their own: their draws are independent.
    """
    shapes = (1.0 + active, 1.0 + observations - active)
    chain_streams = streams(settings.seed, settings.chains, purpose=_ACTIVITY + place)
    return np.array([stream.beta(*shapes, settings.draws) for stream in chain_streams])


def hurdle_sharpe(prob_active: Array, mu: Array, sd: Array, flat: float) -> Array:
    """Return mean over standard deviation of a mixture of active and flat periods."""
    mean = prob_active * mu + (1.0 - prob_active) * flat
    # p sd^2 + p (1 - p) (mu - c)^2 is the variance of the mixture without its cancellation.
    variance = prob_active * sd**2 + prob_active * (1.0 - prob_active) * (mu - flat) ** 2
    return np.asarray(mean / np.sqrt(variance))
