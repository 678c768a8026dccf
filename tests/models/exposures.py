"""Strategies that differ by an exposure that changes through time, with known Sharpe ratios."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter
from scipy.special import gammaincinv, ndtr

__all__ = ["changing_exposure"]

_DAILY_SD = 0.01


def changing_exposure(stream, count, sharpes=(1.0, 1.0), nu=5.0, persistence=0.9):
    """Return a strategy with normal returns, and one with its surprises times an exposure.

    The exposure is autocorrelated, with the marginal distribution that makes the second strategy's
    returns Student-t: each strategy's own model holds, with these annual Sharpe ratios, and no
    joint Student-t does.
    """
    shocks = stream.normal(size=count + 500) * np.sqrt(1.0 - persistence**2)
    slow = lfilter([1.0], [1.0, -persistence], shocks)[500:]
    chi_square = 2.0 * gammaincinv(0.5 * nu, ndtr(slow))
    surprise = stream.normal(size=count)
    means = np.asarray(sharpes) / np.sqrt(252.0)
    changing = surprise * np.sqrt((nu - 2.0) / chi_square)
    return {
        "steady": _DAILY_SD * (means[0] + surprise),
        "changing": _DAILY_SD * (means[1] + changing),
    }
