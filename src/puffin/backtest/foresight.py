r"""Whether weights are right about what comes more often than anybody can be.

Nothing but the rows tells when a table of weights was decided. But who knows later prices is on
their right side nearly always. Let :math:`w_{k,i}` be the weights held in period k, and
:math:`r_{k,i} - m_i` the returns less the asset's median, so that a price that drifts is no merit.
The period is a hit where :math:`\sum_i w_{k,i} (r_{k,i} - m_i) > 0`.

If, whatever happened before, each period is a hit with a probability of no more than q, then the
hits of n periods are no more than a binomial of n and q (they are dominated by it, however much
weights depend on the past). A q of :math:`\Phi(4 / \sqrt{p})`, with p periods a year and at least
0.6, is an annual Sharpe ratio of 4 beyond drift: 0.6 of days, 0.88 of months. At that a warning has
a probability below 1e-4; at what people have, practically none. Prices of which the past tells as
much, because they are smoothed or made by a formula, are left alone.

So what peeks at the move that it earns, always or before large ones, is found in a year of days,
what peeks two bars ahead in two years, three in four; smoothing centred on five bars is found by
chance, and subtler ways are not. `walk_forward`, which asks the strategy itself, finds them.
"""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import bdtrc, ndtr

from puffin.arrays import Array

__all__ = ["warn_of_foresight"]

_SHARPE, _LEAST, _FALSE_ALARM = 4.0, 0.6, 1e-4
_LAG = 2
"""What is decided at a bar earns from the next one on: its own move is two before the first."""


def warn_of_foresight(
    relatives: Array, held: Array, periods_per_year: float, stacklevel: int
) -> None:
    """Warn if weights are on the right side of more returns than q and chance explain.

    Parameters
    ----------
    relatives : ndarray of shape (n_periods, n_assets)
        Prices over the prices before.
    held : ndarray of shape (n_periods, n_assets)
        Weights during each period.
    """
    if len(relatives) <= _LAG:
        return
    most_hits = max(_LEAST, float(ndtr(_SHARPE / np.sqrt(periods_per_year))))
    surprises = np.log(relatives)
    surprises = surprises - np.median(surprises, axis=0)
    right = np.sign(np.sum(held * surprises, axis=1))
    count, hits = int(np.count_nonzero(right)), int(np.count_nonzero(right > 0.0))
    if bdtrc(hits - 1, count, most_hits) > _FALSE_ALARM:
        return
    if _most_predictable(surprises[:, (held != 0.0).any(axis=0)]) > most_hits:
        return
    warnings.warn(
        f"weights are on the right side of {hits / count:.0%} of the {count:,} moves that they "
        "earn or lose by, which takes knowing them: were they computed from later prices? "
        "walk_forward checks the strategy that computes them.",
        UserWarning,
        stacklevel=stacklevel + 1,
    )


def _most_predictable(surprises: Array) -> float:
    """Return how often the last move that is known when deciding tells the direction, at most."""
    signs = np.sign(surprises)
    same = signs[_LAG:] * signs[:-_LAG]
    agree = np.mean(same > 0.0, axis=0) / np.maximum(np.mean(same != 0.0, axis=0), 1e-9)
    return float(np.maximum(agree, 1.0 - agree).max(initial=0.0))
