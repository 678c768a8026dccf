r"""Where a posterior of K regimes has one that is empty.

Beside its modes, a posterior of more regimes than there is evidence for has mass where one of them
is never visited: its own parameters are there as in the prior, and the others as with K - 1
regimes. Such places are wide and low, and no mode's curvature tells of them; so each has a
component of the proposal. That of a coordinate has the moments of its prior, of log standard
deviations between those of the neighbours; of the odds of entering a regime in n periods in which
nobody did, those of a gamma variable over n.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, log_ndtr, ndtr

from puffin.arrays import Array
from puffin.inference.mode import Mode
from puffin.inference.regimes.parameters import RegimeCoordinates

__all__ = ["one_regime_fewer", "with_an_empty_regime"]

Indices = NDArray[np.int64]

_THIRD = 1.0 / 3.0
_LEAST_SHARE = 0.02
_WIDTHS = 3.0
"""Of a shape parameter's rough posterior deviation."""


class _Moments(NamedTuple):
    """Mean and standard deviation of a coordinate."""

    mean: float
    sd: float


def one_regime_fewer(coordinates: RegimeCoordinates) -> RegimeCoordinates:
    """Return the coordinates of the model without one of the regimes."""
    return dataclasses.replace(coordinates, n_regimes=coordinates.n_regimes - 1)


def with_an_empty_regime(
    fewer: Mode, coordinates: RegimeCoordinates, place: int, n_times: int
) -> Mode:
    """Return the centre and covariance of points with an empty regime; no density is known.

    Parameters
    ----------
    fewer : Mode
        Of the posterior with one regime fewer.
    place : int
        Of the empty regime among the others.
    """
    k = coordinates.n_regimes
    smaller = one_regime_fewer(coordinates)
    others = np.delete(np.arange(k), place)
    location, spread = np.zeros(coordinates.n_dims), np.zeros(coordinates.n_dims)
    known = _places(coordinates, smaller, others)
    location[known] = fewer.location
    log_sds = fewer.location[smaller.n_regimes : 2 * smaller.n_regimes]
    shares = smaller.parameters(fewer.location[None]).initial[0]
    core = float(smaller.log_core(fewer.location[None]).mean())
    for at, moments in _unknown(coordinates, place, others, log_sds - core, shares * n_times):
        location[at], spread[at] = moments
    location[k + place] += core
    covariance = np.diag(spread**2)
    covariance[np.ix_(known, known)] = fewer.covariance
    return Mode(location, covariance, -math.inf)


def _places(coordinates: RegimeCoordinates, smaller: RegimeCoordinates, others: Indices) -> Indices:
    """Return which coordinate of all each coordinate of the smaller model is."""
    k = coordinates.n_regimes
    numbers = np.full((k, k), -1)
    rows, columns = np.nonzero(~np.eye(k, dtype=np.bool_))
    numbers[rows, columns] = 2 * k + np.arange(rows.size)
    kept = numbers[np.ix_(others, others)]
    moves = kept[~np.eye(smaller.n_regimes, dtype=np.bool_)]
    shape = np.arange(k + k * k, coordinates.n_dims)
    if coordinates.own_shape:
        shape = shape.reshape(-1, k)[:, others]
    return np.concatenate([others, k + others, moves, shape.ravel()]).astype(np.int64)


def _unknown(
    coordinates: RegimeCoordinates, place: int, others: Indices, log_sds: Array, periods: Array
) -> list[tuple[int, _Moments]]:
    """Return coordinates of which the returns say nothing, and what the prior says."""
    k, prior = coordinates.n_regimes, coordinates.prior
    low = log_sds[place - 1] if place > 0 else -math.inf
    high = log_sds[place] if place < k - 1 else math.inf
    between = _between(low, high, prior.log_median, prior.log_sd)
    found = [(place, _Moments(0.0, prior.mean_sd)), (k + place, between)]
    rows, columns = np.nonzero(~np.eye(k, dtype=np.bool_))
    entering = dict(zip(others, periods, strict=True))
    for number, (i, j) in enumerate(zip(rows, columns, strict=True)):
        if i == place:
            found.append((2 * k + number, _root_of_odds(prior.switch, prior.stay)))
        elif j == place:
            found.append((2 * k + number, _root_of_odds(prior.switch, prior.stay + entering[i])))
    if coordinates.own_shape:
        first = k + k * k
        for number, one in enumerate(coordinates.shape):
            usual = float(one.transform.coordinate(np.asarray(one.starts[0])))
            found.append((first + number * k + place, _Moments(usual, _WIDTHS * one.width)))
    return found


def _root_of_odds(switch: float, stay: float) -> _Moments:
    """Return the moments of the cube root of a gamma variable of shape `switch` over `stay`."""
    first = math.exp(gammaln(switch + _THIRD) - gammaln(switch))
    second = math.exp(gammaln(switch + 2.0 * _THIRD) - gammaln(switch))
    unit = stay**-_THIRD
    return _Moments(unit * first, unit * math.sqrt(second - first**2))


def _between(low: float, high: float, centre: float, sd: float) -> _Moments:
    """Return the moments of a normal variable between two bounds, no narrower than a tenth."""
    a, b = (low - centre) / sd, (high - centre) / sd
    mass = float(ndtr(b) - ndtr(a))
    if mass < _LEAST_SHARE:
        # So little prior is left there that the nearest bound, or the middle, will do.
        if math.isinf(low) or math.isinf(high):
            tail = math.exp(-0.5 * (a if math.isinf(high) else b) ** 2) / math.sqrt(2.0 * math.pi)
            step = tail / math.exp(float(log_ndtr(-a if math.isinf(high) else b)))
            edge = centre + sd * (step if math.isinf(high) else -step)
            return _Moments(edge, 0.5 * sd)
        return _Moments(0.5 * (low + high), max(0.3 * (high - low), 0.05 * sd))
    density = [0.0 if math.isinf(one) else math.exp(-0.5 * one**2) for one in (a, b)]
    density = [one / math.sqrt(2.0 * math.pi) for one in density]
    ends = [0.0 if math.isinf(one) else one for one in (a, b)]
    mean = (density[0] - density[1]) / mass
    square = 1.0 + (ends[0] * density[0] - ends[1] * density[1]) / mass
    return _Moments(centre + sd * mean, sd * math.sqrt(max(square - mean**2, 0.01)))
