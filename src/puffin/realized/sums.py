r"""Sums over the returns of a day.

For n returns of a Brownian log price with variance :math:`\sigma^2` a day, the realised variance
has standard deviation :math:`\sigma^2 \sqrt{2/n}`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.realized.days import by_day

__all__ = ["bipower_variation", "measured", "realized_variance"]


def realized_variance(returns: pd.Series[float]) -> pd.Series[float]:
    r"""Return :math:`\sum_i r_i^2` of each local day.

    Parameters
    ----------
    returns : Series
        Log returns by time, from `intraday_returns`; those over night are not among them.

    Returns
    -------
    Series
        By day; NaN of days without a move.

    References
    ----------
    Andersen, Bollerslev, Diebold & Labys (2003), Econometrica 71.
    """
    return measured("realized_variance", returns, lambda r: float(r @ r), least=1)


def bipower_variation(returns: pd.Series[float]) -> pd.Series[float]:
    r"""Return :math:`\frac{\pi}{2} \frac{n}{n-1} \sum_i |r_i| |r_{i-1}|`: variance without jumps.

    A jump is multiplied by its neighbours, which are small. Parameters and results are as those of
    `realized_variance`.

    References
    ----------
    Barndorff-Nielsen & Shephard (2004), Journal of Financial Econometrics 2.
    """
    return measured("bipower_variation", returns, _bipower, least=2)


def _bipower(r: Array) -> float:
    moves = np.abs(r)
    return float(0.5 * np.pi * r.size / (r.size - 1) * (moves[1:] @ moves[:-1]))


def measured(
    name: str, returns: pd.Series[float], measure: Callable[[Array], float], *, least: int
) -> pd.Series[float]:
    """Return a measure by day, NaN where it is zero or there are fewer than `least` returns."""
    days = by_day(returns)
    values = [measure(r) if r.size >= least else np.nan for _, r in days]
    index = pd.DatetimeIndex([day for day, _ in days], name="date")
    series = pd.Series(values, index, dtype=np.float64, name=name)
    return series.where(series > 0.0)
