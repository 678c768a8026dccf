"""Where a mode's regimes have another order: copies of it that reach into the one that counts.

Each mode of the symmetric posterior has a copy for every order of its regimes, and the draws that
count are those in ascending order of the standard deviations. Where these are far apart, one copy
is all there is of it there. Where two regimes differ in their means and hardly in their standard
deviations, the copy with the two exchanged lies across the border, and a part of it within: a
proposal that has no component there misses it, and no weight says so.
"""

from __future__ import annotations

import math

import numpy as np

from puffin.inference.mode import Mode
from puffin.inference.proposal import MultivariateT
from puffin.inference.regimes.parameters import RegimeCoordinates

__all__ = ["in_each_order"]

_DRAWS, _DEGREES = 4000, 5.0
_LEAST_SHARE = 1e-3
"""Of a mode's mass; an order with less of it does not count."""
_MOST = 6


def in_each_order(
    mode: Mode, coordinates: RegimeCoordinates, stream: np.random.Generator
) -> list[Mode]:
    """Return the mode in every order in which draws about it are, the likeliest first.

    No more than six, which are all orders of up to three regimes. Each one's log density is lower
    by the log of the share of its mass that is in the order: what it has of the posterior.
    """
    try:
        factor = np.linalg.cholesky(mode.covariance)
    except np.linalg.LinAlgError:
        return [mode]
    points = MultivariateT(mode.location, factor, _DEGREES).draw(stream, _DRAWS)
    orders, counts = np.unique(coordinates.order(points), axis=0, return_counts=True)
    copies = []
    for place in np.argsort(-counts, kind="stable")[:_MOST]:
        share = float(counts[place]) / _DRAWS
        if share >= _LEAST_SHARE:
            taken = coordinates.relabelling(orders[place])
            covariance = mode.covariance[np.ix_(taken, taken)]
            value = mode.log_density + math.log(share)
            copies.append(Mode(mode.location[taken], covariance, value))
    return copies
