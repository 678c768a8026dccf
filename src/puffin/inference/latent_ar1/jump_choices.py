r"""Days on which it is drawn whether a return jumped, rather than averaged over.

Where a return may have been a jump, the states about that day have two modes: low if it was one,
high if volatility was. No Gaussian has both. So on such days whether there was a jump is drawn
first, k, nearly with its probability given all returns; given k the observation is one of two
components, and the states have one mode. The weight

.. math:: \frac{p(y, k, h \mid \theta)}{q(k \mid \theta) \, q(h \mid k, \theta)}

has the mean that it has without k.

The Gaussian of a state given all returns but its own (the cavity of expectation propagation; Minka
2001) times either component of the own one's density says how probable a jump is, and what the
state is then. What it is more than the guide has it goes on to the states around, as the guide's
Gaussian correlates them; later days find it there when their turn comes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import LANES, Lanes, load, maximum, store, where_less
from puffin.inference.latent_ar1.batch import CHOICES
from puffin.inference.latent_ar1.expansion import Derivatives, Expansion
from puffin.laws.parts import normal_quantile

__all__ = [
    "NO_CHOICE",
    "Choices",
    "cavities_of",
    "choices_of",
    "choose",
    "jump_of",
    "no_choices",
    "of_choice",
]

NO_CHOICE = -1
_LEAST, _OF_PRIOR, _MOST = 2e-4, 0.1, 1.0 - 2e-3
"""Least probability of a jump, by itself and of what it is before the return is known; and most."""
_LEAST_LEFT = 0.05
"""Of a precision, when that of the time's own return is taken away."""


class Choices(NamedTuple):
    """What a kernel is told of the choices: at the guide's parameters.

    Attributes
    ----------
    times : ndarray of int of shape (n_choices,)
    returns : ndarray of shape (n_choices,)
    numbers : ndarray of int of shape (n_times,)
        Of each time's choice, or `NO_CHOICE`.
    variance, slope : ndarray of shape (n_times,)
        Of h by the guide; of h_{t+1} on h_t.
    left, ratio : ndarray of shape (n_times,)
        Variance of h_t given h_{t+1}, and its slope on that.
    """

    times: NDArray[np.int64]
    returns: Array
    numbers: NDArray[np.int64]
    variance: Array
    slope: Array
    left: Array
    ratio: Array


def no_choices(n_times: int) -> Choices:
    """Return the choices where there are none."""
    none, times = np.empty(0), np.empty(0, np.int64)
    return Choices(times, none, np.full(n_times, NO_CHOICE), none, none, none, none)


def choices_of(y: Array, ambiguous: NDArray[np.bool_], at: Expansion) -> Choices:
    """Return a choice on each day whose return may have been a jump or not.

    Parameters
    ----------
    ambiguous : ndarray of bool of shape (n_times,)
        Those days.
    """
    times = np.flatnonzero(ambiguous)
    following = np.append(at.variance[1:], 0.0)
    ratio = np.divide(at.covariance, following, out=0.0 * following, where=following > 0.0)
    return Choices(
        times,
        y[times],
        np.where(ambiguous, np.cumsum(ambiguous) - 1, NO_CHOICE),
        at.variance,
        at.covariance / at.variance,
        at.variance - ratio * at.covariance,
        ratio,
    )


def cavities_of(own: Derivatives, at: Expansion, phi: float, sigma: float) -> Array:
    """Return the Gaussian of each state and shock given all returns but the time's own.

    Parameters
    ----------
    own : Derivatives
        By which the Gaussian `at` was found; the time's own are taken from it.

    Returns
    -------
    ndarray of shape (6, n_times)
        By how much the mean of h is more than the guide's, and the log of its standard deviation
        over the guide's; the same difference of eta; what eta is expected to change by with a
        standard deviation of h; its variance given h. Of the guide: variance of omega given h.
    """
    v, cross = at.variance, at.covariance - phi * at.variance
    following = np.append(at.variance[1:], 0.0)
    of_omega = following - 2.0 * phi * at.covariance + phi**2 * v
    cross[-1], of_omega[-1] = 0.0, sigma**2
    prior = np.full(v.size, sigma**-2.0)
    prior[-1] = 0.0
    hw, w = own.hw, own.w + prior * at.innovation(phi)
    hh = np.maximum(own.hh, np.divide(hw**2, own.ww, out=0.0 * hw, where=own.ww > 0.0))
    determinant = v * of_omega - cross**2
    of_h, between, last = of_omega / determinant, -cross / determinant, v / determinant
    of_h, last = (
        np.maximum(whole - part_of_it, _LEAST_LEFT * whole)
        for whole, part_of_it in ((of_h, hh), (last, own.ww - prior))
    )
    between = between - hw
    left = np.maximum(of_h * last - between**2, _LEAST_LEFT * of_h * last)
    variance, covariance, of_w = last / left, -between / left, of_h / left
    sd, slope = np.sqrt(variance), covariance / variance
    return np.array(
        [
            -variance * own.h - covariance * w,
            np.log(sd / np.sqrt(v)),
            (-covariance * own.h - of_w * w) / sigma,
            slope * sd / sigma,
            (of_w - slope * covariance) / sigma**2,
            of_omega - cross**2 / v,
        ]
    )


@part
def choose(table: Array, number: int, share: Lanes, kappa: Lanes) -> Lanes:
    """Return 1 in the lanes that have a jump, else 0.

    The table has the normal of the choice, and afterwards its probability; negative of no jump.
    """
    at = (CHOICES + number) * LANES
    zero = share * 0.0
    share = maximum(share, maximum(_OF_PRIOR * kappa, zero + _LEAST))
    share = -maximum(-share, zero - _MOST)
    rest = 1.0 - share
    bound = normal_quantile(share, log_lanes(-maximum(-share, -rest)))
    normal = load(table, at)
    store(table, at, where_less(normal, bound, share, -rest))
    return where_less(normal, bound, zero + 1.0, zero)


@part
def jump_of(table: Array, number: int) -> Lanes:
    """Return what was chosen."""
    q = load(table, (CHOICES + number) * LANES)
    return where_less(q, q * 0.0, q * 0.0, q * 0.0 + 1.0)


@part
def of_choice(table: Array, number: int, quiet: Lanes, jumping: Lanes) -> Lanes:
    """Return the log density of the chosen component, less the log probability of the choice."""
    q = load(table, (CHOICES + number) * LANES)
    chosen = where_less(q, q * 0.0, quiet, jumping)
    return chosen - log_lanes(maximum(q, -q))
