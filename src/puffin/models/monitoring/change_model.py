r"""A Sharpe ratio that may have changed: what two estimates of it say together.

The backtest's posterior of S is taken as :math:`N(m_b, s_b^2)`, and what the live returns alone say
as a likelihood :math:`N(m_l; S', s_l^2)` of the Sharpe ratio since then,

.. math::

    S' = S + \delta, \qquad \delta \sim N(0, c^2).

Both are Gaussian to good approximation (Lo 2002), and where live returns are few, so that they are
not, the prior of the change decides. With :math:`d = m_b - m_l` and :math:`v = s_b^2 + s_l^2` then

.. math::

    P(S' < S) = \Phi\left(\frac{d}{\sqrt v} \sqrt{\frac{c^2}{c^2 + v}}\right),

and S' itself is :math:`N(m_b, s_b^2 + c^2)` updated by the live returns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from puffin.arrays import Array
from puffin.posterior import gaussian_interval

__all__ = ["Gaussian", "MonthsToKnow", "live_given_both", "months_to_know", "prob_lower"]

_QUARTILES = np.linspace(0.005, 0.995, 100)


@dataclass(frozen=True)
class Gaussian:
    """What is known of a number."""

    mean: float
    sd: float

    @property
    def prob_negative(self) -> float:
        """The probability that it is below zero."""
        return float(ndtr(-self.mean / self.sd))

    def interval(self, prob: float) -> tuple[float, float]:
        """Return the bounds of the central interval with this probability."""
        return gaussian_interval(self.mean, self.sd, prob)


@dataclass(frozen=True)
class MonthsToKnow:
    """How many more months of data it takes until a question is settled; infinity is never.

    Attributes
    ----------
    expected : float
        If the Sharpe ratio is what is now expected of it.
    low, high : float
        Between which it is as likely as not: quartiles over what the Sharpe ratio may be.
    """

    expected: float
    low: float
    high: float


def prob_lower(backtest: Gaussian, live: Gaussian, change_sd: float) -> float:
    """Return the probability that the Sharpe ratio is lower than in the backtest."""
    variance = backtest.sd**2 + live.sd**2
    damping = change_sd / math.hypot(change_sd, math.sqrt(variance))
    return float(ndtr((backtest.mean - live.mean) / math.sqrt(variance) * damping))


def live_given_both(backtest: Gaussian, live: Gaussian, change_sd: float) -> Gaussian:
    """Return what is known of the Sharpe ratio since, from the live returns and the backtest."""
    before = 1.0 / (backtest.sd**2 + change_sd**2)
    since = 1.0 / live.sd**2
    variance = 1.0 / (before + since)
    mean = variance * (before * backtest.mean + since * live.mean)
    return Gaussian(mean, math.sqrt(variance))


def months_to_know(
    backtest: Gaussian, live: Gaussian, change_sd: float, months: float, certainty: float
) -> tuple[MonthsToKnow, MonthsToKnow]:
    r"""Return how many more months settle whether S' < S, and whether S' < 0.

    A question is settled when its probability is above `certainty` or below its complement. After
    :math:`n'` months instead of the n so far, the standard error of the live returns is
    :math:`s_l \sqrt{n / n'}`, and if S' is the truth their mean is expected at
    :math:`S' + (m_l - S') n / n'`: chance has no more surprises. Both conditions are quadratic in
    :math:`n / n'`.

    Parameters
    ----------
    months : float
        That live returns span so far.
    certainty : float
        Above a half.
    """
    known = live_given_both(backtest, live, change_sd)
    truths = known.mean + known.sd * np.asarray(ndtri(_QUARTILES))
    possible = np.append(truths, known.mean)
    change = _share_when_changed(possible, backtest, live, change_sd, certainty)
    sign = _share_when_sign_is_known(possible, backtest, live, change_sd, certainty)
    return _months(change, months), _months(sign, months)


def _share_when_changed(
    truth: Array, backtest: Gaussian, live: Gaussian, change_sd: float, certainty: float
) -> Array:
    """Return n / n' when P(S' < S) is settled, for each truth; 0 is never."""
    z2, c2 = float(ndtri(certainty)) ** 2, change_sd**2
    b2, l2 = backtest.sd**2, live.sd**2
    apart, moves = backtest.mean - truth, truth - live.mean
    return _largest_share(
        c2 * moves**2 - z2 * l2**2,
        2.0 * c2 * apart * moves - z2 * l2 * (c2 + 2.0 * b2),
        c2 * apart**2 - z2 * b2 * (c2 + b2),
    )


def _share_when_sign_is_known(
    truth: Array, backtest: Gaussian, live: Gaussian, change_sd: float, certainty: float
) -> Array:
    """Return n / n' when P(S' < 0) is settled, for each truth; 0 is never."""
    z2, l2 = float(ndtri(certainty)) ** 2, live.sd**2
    before = 1.0 / (backtest.sd**2 + change_sd**2)
    moves = live.mean - truth + backtest.mean * l2 * before
    return _largest_share(moves**2 - z2 * l2**2 * before, 2.0 * truth * moves - z2 * l2, truth**2)


def _largest_share(a: Array, b: Array, c: Array) -> Array:
    """Return the largest y in (0, 1] with a y^2 + b y + c >= 0; 0 where there is none."""
    a, b, c = np.broadcast_arrays(a, b, c)
    root = np.sqrt(np.maximum(b * b - 4.0 * a * c, 0.0))
    # Without cancellation: q is the sum of two numbers of one sign.
    q = -0.5 * (b + np.where(b < 0.0, -root, root))
    with np.errstate(divide="ignore", invalid="ignore"):
        candidates = np.stack([q / a, c / q])
    inside = (candidates > 0.0) & (candidates < 1.0) & (b * b >= 4.0 * a * c)
    largest = np.where(inside, candidates, 0.0).max(axis=0)
    return np.asarray(np.where(a + b + c >= 0.0, 1.0, largest))


def _months(shares: Array, months: float) -> MonthsToKnow:
    with np.errstate(divide="ignore"):
        more = months * (1.0 / shares - 1.0)
    low, high = np.quantile(more[:-1], [0.25, 0.75], method="nearest")
    return MonthsToKnow(float(more[-1]), float(low), float(high))
