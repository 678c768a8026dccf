"""Prices of many assets, and which of them to hedge with which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from puffin.panel.asset import Asset
from puffin.panel.frames import Assets
from puffin.validation import DataLike

__all__ = ["BETWEEN_LEGS", "pair_assets"]

BETWEEN_LEGS = " / "


def pair_assets(prices: Assets, pairs: DataLike) -> Assets:
    """Return an asset for each pair, named "Y / X", or "Y / X, Z" for a basket.

    Parameters
    ----------
    prices : Assets
        Of the legs.
    pairs : sequence of (y, x), or DataFrame with columns y and x
        Names of legs; x may be several. `puffin.strategies.find_pairs` returns such a frame.

    Raises
    ------
    TypeError, ValueError
        If they are not pairs of names, or there are none, or one is there twice.
    """
    found: dict[str, Asset] = {}
    wrong: dict[str, Exception] = {}
    legs_of: dict[str, list[str]] = {}
    for y, hedges in _named(pairs):
        name = BETWEEN_LEGS.join([y, ", ".join(hedges)])
        if legs_of.setdefault(name, [y, *hedges]) != [y, *hedges]:
            raise ValueError(f"pairs has two that would both be named {name!r}; rename a column.")
        if name in found or name in wrong:
            raise ValueError(f"pairs has {name!r} twice; leave one out.")
        reasons = [
            prices.wrong.get(leg, ValueError(f"prices have no column {leg!r}."))
            for leg in (y, *hedges)
            if leg not in prices.found
        ]
        if reasons:
            wrong[name] = reasons[0]
            continue
        one = prices.found[y].y
        legs = {leg: prices.found[leg].y for leg in hedges}
        if isinstance(one.index, pd.RangeIndex):
            unequal = next((leg for leg, x in legs.items() if len(x) != len(one)), None)
            if unequal is not None:
                wrong[name] = ValueError(
                    f"{y!r} and {unequal!r} have no dates, and not as many prices."
                )
                continue
        x = pd.DataFrame({leg: values.reindex(one.index) for leg, values in legs.items()})
        found[name] = Asset(name, one, {"x": x})
    if not found and not wrong:
        raise ValueError(
            "pairs is empty; give at least one pair of names, such as [('KO', 'PEP')]."
        )
    return Assets(found, wrong)


def _named(pairs: DataLike) -> Iterator[tuple[str, list[str]]]:
    rows: Any = pairs
    if isinstance(pairs, pd.DataFrame):
        if not {"y", "x"} <= set(pairs.columns):
            raise ValueError(
                f"pairs must have columns y and x; found {', '.join(map(str, pairs.columns))}."
            )
        rows = list(zip(pairs["y"], pairs["x"], strict=True))
    if isinstance(rows, str) or not isinstance(rows, Sequence):
        raise TypeError(
            "pairs must be a list of (y, x), names of columns of prices, or what find_pairs "
            f"returns; found {pairs!r}."
        )
    for row in rows:
        if isinstance(row, str) or not isinstance(row, Sequence) or len(row) != 2:
            raise TypeError(f"pairs must be a list of (y, x); found {row!r} in it.")
        y, x = row
        hedges = [str(leg) for leg in x] if isinstance(x, list | tuple) else [str(x)]
        if not hedges or str(y) in hedges:
            raise ValueError(f"pairs has {row!r}; the hedge is one or more other assets.")
        yield str(y), hedges
