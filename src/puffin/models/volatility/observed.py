r"""Which returns a volatility model takes as observed: not those of periods without a price.

A return of exactly zero is one of three things. Nobody traded, the price of Friday fills the
weekend, or there was no position: then it says nothing of volatility, and counts as not observed.
Or prices move in ticks that are not small beside a return, and it is a small return, rounded: then
it stays, since leaving it out would leave the larger returns only. (Of simulated returns with a
standard deviation of one tick, 38% of which are zero, volatility came out 10% too high with the
zeros, and 40% without.) Where most returns are such zeros, they are spread over the tick: as exact
zeros they would say that volatility is nothing at all. (With half a tick and 60% zeros it came out
40% too high spread, 110% without; with 0.3 ticks 80% and 240%.) Whether it is one or the other is
found in stretches of 500 returns, in which a tick is about the same share of the price. Other
values that are repeated are taken likewise, such as the interest of days in cash.

After a time without a trade the next return may be that of all of it. Whether it is, the returns
say: if those after k empty periods are nearer to :math:`\sqrt{1 + k}` times as large as others
than to as large, they are, and are divided by that. (Of simulated prices with a trade on 60% of
days volatility came out 30% too high undivided, 5% divided.) Mondays after filled weekends are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation.flat import unlikely_zeros

__all__ = ["LONG_GAP", "NotObservedWarning", "Observed", "observe"]

LONG_GAP = 20
"""Periods without a return after which a forecast is a guess, where no model says how many."""

_STRETCH, _AROUND, _LONGEST_RUN = 500, 41, 7
_FEWEST, _FEWEST_AFTER = 5, 5
_FEWEST_TICKS, _ROUNDED, _MOSTLY = 20, 0.3, 0.4
_ENOUGH, _LEAST_SHARE, _ROUNDING = 60, 0.05, 1e-9
_GOLDEN = 0.6180339887498949


class NotObservedWarning(UserWarning):
    """Some returns that a volatility model was given say nothing of volatility, or little."""


@dataclass(frozen=True)
class Observed:
    """Returns as a volatility model takes them.

    Attributes
    ----------
    values : ndarray of shape (n_times,)
        NaN where there is nothing to observe; those that span several periods are divided by the
        square root of their number, and zeros that are most of all are spread over their tick.
    hidden : ndarray of bool, shape (n_times,)
        Where there was a number that counts as not observed.
    value : float
        That number.
    spans : bool
        Whether returns after such times are those of all of it.
    spread : ndarray of bool, shape (n_times,)
        Where a zero was spread over its tick.
    """

    values: Array
    hidden: NDArray[np.bool_]
    value: float
    spans: bool
    spread: NDArray[np.bool_]

    @property
    def note(self) -> str:
        """What a reader must know of it; empty where all returns are taken as they are."""
        said, size = [], f"{self.values.size:,}"
        count, ticks = (int(np.count_nonzero(each)) for each in (self.hidden, self.spread))
        if count:
            said.append(
                f"{count:,} of {size} returns are {self._number}, as without a trade or a "
                "position: they count as not observed, and volatility is that of the other periods."
            )
        if count and self.spans:
            said.append("The return after such a time is that of all of it, and scaled to one.")
        if ticks:
            said.append(
                f"{ticks:,} of {size} returns are zero because prices move in large ticks: they "
                "count as anything within one, and volatility comes out too high, by a third or "
                "more."
            )
        return " ".join(said)

    @property
    def _number(self) -> str:
        if self.value == 0.0:
            return "exactly zero"
        if abs(self.value) < _ROUNDING * np.nanstd(self.values):
            return "zero but for rounding"
        return f"the same number, {self.value:.3g}"


def observe(returns: Array) -> Observed:
    """Return what of returns, NaN where one is missing, a volatility model observes.

    Raises
    ------
    ValueError
        If they are one number nearly always, and too few others tell how much they move.
    """
    known = returns[np.isfinite(returns)]
    values, counts = np.unique(known, return_counts=True)
    usual = float(values[counts.argmax()])
    same = returns == usual
    others = known[known != usual]
    if others.size < _FEWEST or np.ptp(others) == 0.0:
        return _as_they_are(returns, usual, others.size)
    hidden, ticks = _hidden(returns, same, usual)
    periods = _periods(hidden)
    spans = _span(returns, periods, hidden)
    taken = np.where(hidden, np.nan, returns / np.sqrt(periods) if spans else returns)
    spread = same & (ticks > 0.0)
    places = np.arange(1.0, returns.size + 1.0) * _GOLDEN % 1.0
    taken[spread] = (usual + ticks * (places - 0.5))[spread]
    return Observed(taken, hidden, usual, spans, spread)


def _as_they_are(returns: Array, usual: float, n_others: int) -> Observed:
    if np.count_nonzero(returns == usual) > max(n_others, _FEWEST):
        raise ValueError(
            f"returns are {usual:g} in all but {n_others} of {returns.size} periods, and too few "
            "others differ; a volatility model needs at least 5 that do."
        )
    nowhere = np.zeros(returns.size, np.bool_)
    return Observed(returns, nowhere, usual, False, nowhere)


def _hidden(
    returns: Array, same: NDArray[np.bool_], usual: float
) -> tuple[NDArray[np.bool_], Array]:
    """Return where there was nothing to observe, and the tick where most is rounded, 0 elsewhere.

    Where the usual number is there too often in half of the stretches that are not in ticks, it is
    hidden in all of those.
    """
    hidden, ticks, plain = _in_long_runs(same), np.zeros(returns.size), []
    for rows in _stretches(returns.size):
        tick = _tick(returns[rows] - usual)
        if tick == 0.0:
            plain.append((rows, _is_too_often(returns[rows], usual)))
        else:
            hidden[rows] = False
            ticks[rows] = tick * (np.count_nonzero(same[rows]) > _MOSTLY * same[rows].size)
    everywhere = 2 * sum(often for _, often in plain) >= len(plain)
    for rows, often in plain:
        hidden[rows] |= same[rows] & (often or everywhere)
    return hidden, ticks


def _stretches(size: int) -> list[slice]:
    """Return rows of about as many each, which later rows do not move."""
    starts = list(range(0, max(size - _STRETCH // 2, 1), _STRETCH))
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], size], strict=True)]


def _tick(returns: Array) -> float:
    """Return the smallest move of a price in ticks that are not small beside its usual ones, or 0.

    Other prices have moves far smaller than the usual.
    """
    moves = np.abs(returns[np.isfinite(returns) & (returns != 0.0)])
    if moves.size < _FEWEST_TICKS:
        return 0.0
    small, lower, usual = np.quantile(moves, [0.05, 0.25, 0.5])
    return float(lower) if small > _ROUNDED * usual else 0.0


def _is_too_often(returns: Array, usual: float) -> bool:
    """Whether a number is there more often than it can be among returns as the others are."""
    known = returns[np.isfinite(returns)]
    moves = np.abs(known[known != usual] - usual)
    if not known.size:
        return False
    share = 1.0 - moves.size / known.size
    if share > 0.5 or unlikely_zeros(returns - usual) is not None:
        return True
    if known.size < _ENOUGH or known.size - moves.size < _FEWEST:
        return False
    # In ticks of which a share s of the usual move has the smallest ones, a third of s are zero.
    small, middle = np.quantile(moves, [0.05, 0.5])
    return bool(share > max(_LEAST_SHARE, small / middle))


def _in_long_runs(same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(int)))
    found = np.zeros(same.size, np.bool_)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        found[begin:end] = end - begin >= _LONGEST_RUN
    return found


def _periods(hidden: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many periods it is, at each, since the last that was not hidden."""
    rows = np.arange(hidden.size)
    known = np.maximum.accumulate(np.where(hidden, -1, rows))
    before = np.concatenate([[-1], known[:-1]])
    return np.where(before < 0, 1, rows - before)


def _span(returns: Array, periods: NDArray[np.int64], hidden: NDArray[np.bool_]) -> bool:
    """Whether returns after hidden periods are those of all of them, by how large they are.

    Beside those around them which are of one period, since volatility comes and goes.
    """
    sizes = np.nan_to_num(np.abs(returns - np.nanmean(returns)))
    known = ~hidden & np.isfinite(returns)
    alone = known & (periods == 1)
    around = np.ones(min(_AROUND, returns.size))
    count = np.convolve(alone, around, "same")
    after = known & (periods > 1) & (count > _FEWEST - 0.5)
    if np.count_nonzero(after) < _FEWEST_AFTER:
        return False
    usual = np.convolve(sizes * alone, around, "same")[after] / count[after]
    relative = sizes[after] / np.where(usual > 0.0, usual, 1.0)
    return bool(relative.mean() * np.mean(relative / np.sqrt(periods[after])) > 1.0)
