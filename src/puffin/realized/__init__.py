"""Realised measures of a day's variance: from its high and low, and from prices during the day.

Each is a Series by day, NaN where the day says nothing (no price, or one that did not move), ready
to be given to `RealizedVolatilityBayes` as a measure. All are of variance, not of its root, per
day, and of the hours of trading: nights are left out, which that model takes in as a measure's
bias.
"""

from puffin.realized.days import daily_bars, intraday_returns
from puffin.realized.kernel import realized_kernel
from puffin.realized.ranges import garman_klass, parkinson, rogers_satchell
from puffin.realized.sums import bipower_variation, realized_variance

__all__ = [
    "bipower_variation",
    "daily_bars",
    "garman_klass",
    "intraday_returns",
    "parkinson",
    "realized_kernel",
    "realized_variance",
    "rogers_satchell",
]
