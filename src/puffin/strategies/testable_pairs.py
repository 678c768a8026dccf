"""Which columns and pairs can be tested for cointegration, and why others cannot."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.strategies.hedge import slope
from puffin.validation import DataLike, as_prices, is_constant, rounding_of
from puffin.validation.columns import labelled

__all__ = ["Column", "Pair", "testable_columns", "testable_pairs"]

_COLLINEAR = 2e-6
_ROUNDINGS = 2.0
_LARGEST = 1e75


@dataclass(frozen=True)
class Column:
    """The (log) prices of an asset, NaN where there is none, and how they are rounded."""

    name: Hashable
    values: Array
    rounding: Array


@dataclass(frozen=True)
class Pair:
    """Two columns of (log) prices on the dates that they share, and how they are rounded."""

    names: tuple[Hashable, Hashable]
    values: tuple[Array, Array]
    rounding: tuple[Array, Array]


def testable_columns(
    prices: DataLike, date: str | None, log_prices: bool, left_out: dict[str, str]
) -> list[Column]:
    """Return the columns that can be tested, and note why others cannot."""
    prices = labelled(prices, "prices", date)
    if isinstance(prices, pd.DataFrame):
        empty = prices.columns[prices.isna().all()]
        left_out.update((str(name), "it has no price at all") for name in empty)
        prices = prices.drop(columns=empty)
    panel = as_prices(prices)
    if len(panel.names) < 2:
        raise ValueError("prices has one column; a pair needs two.")
    columns = []
    for name, values in zip(panel.names, panel.values.T, strict=True):
        known = values[~np.isnan(values)]
        reason = _fault(known, log_prices)
        if reason:
            left_out[str(name)] = reason
            continue
        rounding = rounding_of(values, known)
        if log_prices:
            columns.append(Column(name, np.log(values), rounding / values))
        else:
            columns.append(Column(name, values, rounding))
    return columns


def _fault(known: Array, log_prices: bool) -> str:
    """Return why prices cannot be tested; nothing if they can."""
    if np.abs(known).max() > _LARGEST:
        return f"it has values as large as {np.abs(known).max():g}, whose squares overflow"
    lowest = float(known.min())
    if log_prices and lowest < 1.0 / _LARGEST:
        return f"its prices are not all above zero, so they have no logarithm; found {lowest:g}"
    if is_constant(known):
        return f"its price does not move in {known.size} rows"
    return ""


def testable_pairs(columns: list[Column], min_overlap: int, left_out: dict[str, str]) -> list[Pair]:
    """Return the pairs that can be tested, and note why others cannot."""
    pairs = []
    for one, other in itertools.combinations(columns, 2):
        both = ~np.isnan(one.values) & ~np.isnan(other.values)
        pair = Pair(
            (one.name, other.name),
            (one.values[both], other.values[both]),
            (one.rounding[both], other.rounding[both]),
        )
        reason = _pair_fault(pair, min_overlap)
        if reason:
            left_out[f"{one.name} / {other.name}"] = reason
        else:
            pairs.append(pair)
    return pairs


def _pair_fault(pair: Pair, min_overlap: int) -> str:
    """Return why a pair cannot be tested; nothing if it can."""
    (y, x), shared = pair.values, pair.values[0].size
    if shared < min_overlap:
        return f"they share {shared} dates, fewer than {min_overlap}"
    for name, column in zip(pair.names, pair.values, strict=True):
        if is_constant(column):
            return f"{name} does not move on the {shared} dates that they share"
    ratio = slope(y, x)
    residual = np.abs(y - y.mean() - ratio * (x - x.mean()))
    as_rounded = residual <= _ROUNDINGS * (pair.rounding[0] + abs(ratio) * pair.rounding[1])
    if as_rounded.all() or np.corrcoef(y, x)[0, 1] ** 2 > 1.0 - _COLLINEAR:
        return "they move as one, so there is no spread"
    return ""
