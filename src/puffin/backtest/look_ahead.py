r"""Whether a strategy knows prices that are still to come.

It is asked again for its weights on prices that are the same up to some row, and different after
it. Weights up to that row may not change. In the other future every asset moves the opposite way
and a tenth as much, :math:`\log p'_t = \log p_r - (\log p_t - \log p_r) / 10`, and does not vanish
where it does; after some rows all prices drift up, or down. That turns round what follows from the
direction of later moves, from their size, from averages over all rows, from which assets live to
the end, and from filling gaps backwards. Dates stay, as a calendar is known in advance, and so do
the number of rows and the random numbers that it takes to fill them.

A strategy that peeks gives itself away only in the rows where it does. So the rows are those before
the largest moves up and down, of each asset, over one to five bars, as they are and relative to the
moves of the month before; those before a gap's end; and, in between, rows spread evenly.
"""

from __future__ import annotations

import copy
import itertools
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.backtest.decisions import align_decisions
from puffin.backtest.strategy import Strategy
from puffin.validation import PricePanel
from puffin.validation.index import row_label

__all__ = ["LookAheadCheck", "LookAheadError", "telling_rows", "weights_of"]

_LONGEST_MOVE, _MONTH = 5, 21
_LARGEST_MOVES = 16
_SPREAD_EVERY = 4
_CALMER, _ANOTHER_START = 10.0, 1.1
_DRIFT, _FURTHEST = 0.5, 1.0
_FEWEST_ROWS, _SECONDS = 4, 1.0


class LookAheadError(ValueError):
    """A strategy's weights depend on later prices."""


def weights_of(strategy: Strategy, panel: PricePanel) -> pd.DataFrame:
    """Return the weights for all rows and columns of the prices: NaN where nothing is decided."""
    weights = strategy.weights(panel.frame)
    if not isinstance(weights, pd.DataFrame):
        raise TypeError(
            f"{type(strategy).__name__}.weights must return a DataFrame; found "
            f"{type(weights).__name__}."
        )
    return align_decisions(weights, panel).frame(panel)


@dataclass
class LookAheadCheck:
    """A check that goes along with a backtest, and takes no longer than it or a second.

    Attributes
    ----------
    rows : mapping of int to float
        The last rows that stay as they are, the most telling first, and whether prices drift up (1)
        or down (-1) from there, or not (0).
    """

    rows: Mapping[int, float]
    _strategy_took: float = field(default=0.0, init=False)
    _check_took: float = field(default=0.0, init=False)
    _failure: str = field(default="", init=False)
    _random: bool = field(default=False, init=False)

    def weights(self, strategy: Strategy, panel: PricePanel, start: int) -> pd.DataFrame:
        """Return a strategy's weights, once those from row `start` on are found to be honest.

        Raises
        ------
        LookAheadError
        """
        numpy_state = np.random.get_state()  # noqa: NPY002
        began = time.perf_counter()
        weights = weights_of(copy.deepcopy(strategy), panel)
        self._strategy_took += time.perf_counter() - began
        after = np.random.get_state()  # noqa: NPY002
        began = time.perf_counter()
        for place, (row, trend) in enumerate(self.rows.items()):
            if not start <= row < len(weights) - 1:
                continue
            allowed = max(_SECONDS, self._strategy_took)
            taken = self._check_took + time.perf_counter() - began
            if place >= _FEWEST_ROWS and taken > allowed:
                break
            np.random.set_state(numpy_state)  # noqa: NPY002
            self._check_row(strategy, panel, weights, (row, trend))
        np.random.set_state(after)  # noqa: NPY002
        self._check_took += time.perf_counter() - began
        return weights

    def fitted(self, seconds: float) -> None:
        """Count the time of a fit as the strategy's own."""
        self._strategy_took += seconds

    def _check_row(
        self, strategy: Strategy, panel: PricePanel, known: pd.DataFrame, at: tuple[int, float]
    ) -> None:
        row, trend = at
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they would be about prices that never were
                other = weights_of(copy.deepcopy(strategy), _another_future(panel, row, trend))
        except Exception as error:  # any, of the user's code: it has just run on the true prices
            self._failure = f"{type(error).__name__}: {error}"
            return
        changed = _first_change(known.iloc[: row + 1], other)
        if changed is None:
            return
        again = weights_of(copy.deepcopy(strategy), panel)
        if _first_change(known, again) is not None:
            self._random = True
            return
        raise LookAheadError(
            f"weights at {row_label(known.index[changed])} change when the prices after "
            f"{row_label(known.index[row])} are other ones: the strategy looks ahead."
        )

    def warn(self, stacklevel: int) -> None:
        """Say so where there was no telling."""
        reason = ""
        if self._random:
            reason = (
                "it decides differently when asked twice about the same prices. Give its random "
                "numbers a seed of their own"
            )
        elif self._failure:
            reason = f"it fails on prices with another future ({self._failure})"
        if reason:
            warnings.warn(
                f"Whether the strategy looks ahead cannot be told for some rows: {reason}.",
                RuntimeWarning,
                stacklevel=stacklevel + 1,
            )


def telling_rows(panel: PricePanel, start: int) -> dict[int, float]:
    """Return rows from `start` on that have a row after them, the most telling first.

    Parameters
    ----------
    panel : PricePanel
        Prices above zero.

    Returns
    -------
    dict of int to float
        Which way prices should drift after each row: not at all (0) before large moves; up and down
        by turns (1 and -1) after the rows spread between them.
    """
    rows: dict[int, float] = {}
    spread = _spread(start, len(panel.index) - 1)
    for place, row in enumerate(_before_large_moves(np.log(panel.values), start)):
        if place % _SPREAD_EVERY == _SPREAD_EVERY - 1:
            rows.setdefault(*next(spread))
        rows.setdefault(row, 0.0)
    for _ in range(_LARGEST_MOVES):
        rows.setdefault(*next(spread))
    return rows


def _before_large_moves(logs: Array, start: int) -> Iterator[int]:
    """Yield rows before the largest moves, then those before the second largest, and so on."""
    columns = np.concatenate([sign * move for move in _moves(logs) for sign in (1.0, -1.0)], axis=1)
    sizes = np.where(np.isnan(columns[start:-1]), -np.inf, columns[start:-1])
    order = np.argsort(-sizes, axis=0, kind="stable")[:_LARGEST_MOVES]
    for rank in order:
        for column, row in enumerate(rank):
            if sizes[row, column] > 0.0:
                yield start + int(row)


def _moves(logs: Array) -> list[Array]:
    """Return what follows each row: moves of a bar, relative ones, ends of gaps, longer moves."""
    moves = []
    for bars in range(1, _LONGEST_MOVE + 1):
        later = np.full_like(logs, np.nan)
        later[:-bars] = logs[bars:] - logs[:-bars]
        moves.append(later)
    before = pd.DataFrame(moves[0]).shift(1).rolling(_MONTH, min_periods=_LONGEST_MOVE).std()
    relative = moves[0] / before.where(before > 0.0).to_numpy()
    gap_ends = np.zeros_like(logs)
    gap_ends[:-1] = np.isnan(logs[:-1]) & ~np.isnan(logs[1:])
    return [moves[0], relative, gap_ends, *moves[:0:-1]]


def _spread(start: int, stop: int) -> Iterator[tuple[int, float]]:
    """Yield rows that fill a range evenly (halves, quarters, eighths), and up or down by turns."""
    for count in itertools.count(1):
        place, step, left = 0.0, 0.5, count
        while left:
            place, step, left = place + step * (left % 2), step / 2.0, left // 2
        yield start + int(place * (stop - start)), 1.0 if count % 2 else -1.0


def _another_future(panel: PricePanel, row: int, trend: float) -> PricePanel:
    """Return the same prices up to and with `row`, and others after it."""
    values = panel.values.copy()
    known, first = (pd.DataFrame(values).ffill().to_numpy(), _first_prices(values))
    base = np.where(np.isnan(known[row]), _ANOTHER_START * first, known[row])
    later = np.log(known[row + 1 :] / base)
    usual = np.nan_to_num(np.nanstd(np.diff(np.log(known), axis=0), axis=0))
    drift = np.minimum(_DRIFT * usual, _FURTHEST / len(later)) * trend
    steps = np.arange(1.0, len(later) + 1.0)[:, None]
    values[row + 1 :] = base * np.exp(drift * steps - later / _CALMER)
    return PricePanel(values, panel.index, panel.names)


def _first_prices(values: Array) -> Array:
    return np.asarray(pd.DataFrame(values).bfill().to_numpy()[0])


def _first_change(known: pd.DataFrame, other: pd.DataFrame) -> int | None:
    """Return the first row of `known` that is not the same in `other`; None if all are."""
    same = np.isclose(known, other.iloc[: len(known)], rtol=1e-7, atol=1e-10, equal_nan=True).all(
        axis=1
    )
    return None if same.all() else int(np.flatnonzero(~same)[0])
