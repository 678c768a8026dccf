r"""Variance of a period from its open, high, low and close.

With :math:`u = \log(H/O)`, :math:`d = \log(L/O)` and :math:`c = \log(C/O)`, a Brownian log price of
variance :math:`\sigma^2` over the period has these unbiased estimates; the first two without drift,
the third with any. (That of Yang & Zhang (2000) is of several days together, not of one.) A price
that is observed only now and then has a higher high and a lower low than those reported: ranges of
few trades come out too low.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from puffin.realized.bars import Bars

__all__ = ["garman_klass", "parkinson", "rogers_satchell"]


def parkinson(bars: pd.DataFrame) -> pd.Series[float]:
    r"""Return :math:`(u - d)^2 / (4 \log 2)`, whose standard deviation is 0.64 of the variance.

    A squared return's is 1.41 of it.

    Parameters
    ----------
    bars : DataFrame
        A row a period; columns for high, low and close, by any name that the reader of files knows.

    Returns
    -------
    Series
        On the index of `bars`; NaN where high and low are the same, or one of them is missing.

    Raises
    ------
    ValueError
        If columns are not found, or numbers are no bar: a high below the low, a price below zero.

    References
    ----------
    Parkinson (1980), Journal of Business 53.
    """
    found = Bars.of(bars)
    spread = np.log(found.high / found.low)
    return found.measure("parkinson", spread**2 / (4.0 * math.log(2.0)))


def garman_klass(bars: pd.DataFrame) -> pd.Series[float]:
    r"""Return :math:`(u - d)^2 / 2 - (2 \log 2 - 1) c^2`: standard deviation 0.52 of the variance.

    Parameters, results and errors are as those of `parkinson`; `bars` need an open, too.

    References
    ----------
    Garman & Klass (1980), Journal of Business 53.
    """
    found = Bars.of(bars, "open")
    spread, move = np.log(found.high / found.low), np.log(found.close / found.open)
    return found.measure("garman_klass", 0.5 * spread**2 - (2.0 * math.log(2.0) - 1.0) * move**2)


def rogers_satchell(bars: pd.DataFrame) -> pd.Series[float]:
    r"""Return :math:`u (u - c) + d (d - c)`, right whatever the drift.

    Parameters, results and errors are as those of `parkinson`; `bars` need an open, too. NaN also
    of a day that only rose, or only fell, from open to close: the estimate is zero.

    References
    ----------
    Rogers & Satchell (1991), Annals of Applied Probability 1.
    """
    found = Bars.of(bars, "open")
    up, down = np.log(found.high / found.open), np.log(found.low / found.open)
    move = np.log(found.close / found.open)
    return found.measure("rogers_satchell", up * (up - move) + down * (down - move))
