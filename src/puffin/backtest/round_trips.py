"""Positions from when they are opened until they are closed, asset by asset."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.arrays import Array

if TYPE_CHECKING:
    from puffin.backtest.result import BacktestResult

__all__ = ["round_trips"]

_COLUMNS = ("asset", "side", "entry", "exit", "periods", "price_change", "contribution")


def round_trips(result: BacktestResult) -> pd.DataFrame:
    """Return every position of a backtest, in the order in which they were opened.

    A position lasts as long as the weight of its asset keeps its sign: more or less of it is the
    same position, a change of sides another one.

    Returns
    -------
    DataFrame
        Columns asset; side (long or short); entry and exit, the rows in which it was opened and
        closed (None where it is still open); periods held; price_change of the asset in that time;
        and contribution, what it added to equity before costs, the sum of its periods' parts of the
        return.
    """
    index = result.weights.index
    found: list[dict[str, Any]] = []
    for asset in result.weights.columns:
        held = result.weights[asset].to_numpy()
        gains = result.contributions[asset].to_numpy()
        for first, end in _spells(np.sign(held)):
            moves = gains[first:end] / held[first:end]
            still_open = end == len(gains) and np.sign(held[end]) == np.sign(held[first])
            trip = (
                asset, "long" if held[first] > 0.0 else "short", index[first],
                None if still_open else index[end], end - first,
                float(np.prod(1.0 + moves) - 1.0), float(gains[first:end].sum()),
            )  # fmt: skip
            found.append({"row": first, **dict(zip(_COLUMNS, trip, strict=True))})
    table = pd.DataFrame(found, columns=["row", *_COLUMNS])
    return table.sort_values("row", kind="stable", ignore_index=True).drop(columns="row")


def _spells(signs: Array) -> Iterator[tuple[int, int]]:
    """Yield the first period of each position and the one after its last.

    Parameters
    ----------
    signs : ndarray of shape (n_periods + 1,)
        Of the weights at the start of each period, and after the last.
    """
    during = signs[:-1]
    changes = np.flatnonzero(np.diff(during, prepend=0.0)).tolist()
    for first, end in itertools.pairwise([*changes, during.size]):
        if during[first] != 0.0:
            yield first, end
