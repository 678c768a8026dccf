"""Assets that come late, halt and leave: what can be traded, and when.

- Before its first price an asset cannot be held: a weight on it is refused, by name.
- Without a price in between (a halt, a holiday of its own) it is not traded. What is held stays,
  at its last price; an order is not filled, and waits for no later bar.
- After its last price it has left: what is held is sold at that price, costs included, in the bar
  that follows. Later weights on it are refused.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.backtest.decisions import Decisions
from puffin.validation import PricePanel
from puffin.validation.index import row_label

__all__ = ["check_listed", "known_relatives", "orders", "warn_of_orders"]


def check_listed(panel: PricePanel, decisions: Decisions) -> None:
    """Refuse weights on assets that are not there yet, or no more.

    Raises
    ------
    ValueError
        The message names the asset, the date, and what to do.
    """
    first, last = _lives(panel)
    rows = np.arange(len(panel.index))[:, None]
    wanted = decisions.targets[:-1] != 0.0
    early, late = wanted & (rows[1:] < first), wanted & (rows[:-1] > last)
    found = np.argwhere(early | late)
    if not len(found):
        return
    row, asset = found[0]
    edge = f"its first is at {row_label(panel.index[first[asset]])}"
    if late[row, asset]:
        edge = f"its last is at {row_label(panel.index[last[asset]])}"
    raise ValueError(
        f"prices has no value for {panel.position(row + 1, asset)}, where it is to be traded "
        f"({len(found)} such in all); {edge}. Set its weight to 0 where it has no price, for "
        "example with weights.where(prices.notna(), 0)."
    )


def orders(panel: PricePanel, decisions: Decisions) -> Decisions:
    """Return what is traded: as decided, but for assets without a price.

    In a row of targets NaN leaves an asset as it is. A row is made, too, where an asset that has
    left is sold.
    """
    closed = np.isnan(panel.values[1:])
    _, last = _lives(panel)
    sold = np.arange(1, len(panel.index))[:, None] == last + 1
    made = decisions.made[:-1]
    targets = np.where(made[:, None] & ~closed, decisions.targets[:-1], np.nan)
    return Decisions(np.where(sold, 0.0, targets), made | sold.any(axis=1))


def known_relatives(panel: PricePanel) -> Array:
    """Return prices over the prices before, shape (n_rows - 1, n_assets); 1 where unknown.

    Where a price is missing the last one stands, and the next one is of all the time since.
    """
    known = pd.DataFrame(panel.values).ffill().to_numpy()
    return np.asarray(np.nan_to_num(known[1:] / known[:-1], nan=1.0))


def warn_of_orders(panel: PricePanel, decisions: Decisions, held: Array) -> None:
    """Say which assets left while they were held, and which decisions could not be traded.

    Parameters
    ----------
    held : ndarray of shape (n_rows - 1, n_assets)
        Weights after the trades of every row but the first.
    """
    _, last = _lives(panel)
    before = np.vstack([np.zeros(len(panel.names)), held])
    gone = [
        f"{panel.names[asset]} at {row_label(panel.index[row])}"
        for asset, row in enumerate(last)
        if row + 1 < len(panel.index) and before[row, asset] != 0.0
    ]
    if gone:
        warnings.warn(
            f"prices end while an asset is held, which is sold at its last price: {_few(gone)}.",
            UserWarning,
            stacklevel=3,
        )
    closed = np.isnan(panel.values[1:]) & (np.arange(1, len(panel.index))[:, None] <= last)
    meant = (decisions.targets[:-1] != 0.0) | (held != 0.0)
    waiting = np.argwhere(decisions.made[:-1, None] & closed & meant)
    if len(waiting):
        named = [panel.position(row + 1, asset) for row, asset in waiting]
        warnings.warn(
            f"{len(named)} decisions were not traded for want of a price, which leaves what was "
            f"held: {_few(named)}.",
            UserWarning,
            stacklevel=3,
        )


def _lives(panel: PricePanel) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of the first and of the last price of each asset; beyond all if none."""
    known = ~np.isnan(panel.values)
    rows, some = len(panel.index), known.any(axis=0)
    first = np.where(some, known.argmax(axis=0), rows)
    last = np.where(some, rows - 1 - known[::-1].argmax(axis=0), -2)
    return first, last


def _few(named: list[str]) -> str:
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
