"""Prices during the day, by day: what moves from one day's close to the next open is left out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.realized.bars import Bars
from puffin.validation import row_label
from puffin.validation.columns import as_float_array
from puffin.validation.index import as_time_index

__all__ = ["by_day", "daily_bars", "days_of", "intraday_returns"]

_PRICES = ("open", "high", "low", "close")


def intraday_returns(
    prices: pd.Series[float] | pd.DataFrame, every: str | None = None
) -> pd.Series[float]:
    """Return log returns within each local day.

    The first price of a day begins it; nothing is said of the night before.

    Parameters
    ----------
    prices : Series or DataFrame
        By time. Of a frame of bars, the closes.
    every : str, optional
        Such as "5min": the last price of each such interval is taken. Noise (bid and ask, ticks)
        makes squared returns of short intervals too large; `realized_kernel` copes with it.

    Returns
    -------
    Series
        By time. Those of each of its local days are all that `realized_variance` and the others
        take.

    Raises
    ------
    TypeError, ValueError
        If there are no dates with times, a price is not above zero, or no day has two prices.
    """
    taken = _closes(prices).dropna()
    days = days_of("prices", taken)
    if not (taken > 0.0).all():
        row = int(np.argmin(taken.to_numpy() > 0.0))
        raise ValueError(f"prices must be above zero; found {taken.iloc[row]:g} at row {row}.")
    if every is not None:
        grid = pd.DatetimeIndex(taken.index).floor(every)
        taken = taken.groupby(grid).last()
        days = days_of("prices", taken)
    logs = pd.Series(np.log(taken.to_numpy()), taken.index)
    returns: pd.Series[float] = logs.groupby(days).diff().dropna()
    if returns.empty:
        raise ValueError("prices must have several times on a day; found no day with two.")
    return returns.rename("return")


def daily_bars(prices: pd.Series[float] | pd.DataFrame) -> pd.DataFrame:
    """Return open, high, low and close of each local day, as `parkinson` and the others take them.

    Parameters
    ----------
    prices : Series or DataFrame
        By time: prices, or bars of shorter periods.
    """
    if isinstance(prices, pd.DataFrame):
        bars = Bars.of(prices, "open")
        parts = pd.DataFrame({kind: getattr(bars, kind) for kind in _PRICES}, prices.index)
    else:
        parts = pd.DataFrame(dict.fromkeys(_PRICES, _closes(prices)))
    parts = parts.dropna()
    grouped = parts.groupby(days_of("prices", parts["close"]))
    return grouped.agg({"open": "first", "high": "max", "low": "min", "close": "last"})


def days_of(argument: str, series: pd.Series[float]) -> pd.DatetimeIndex:
    """Return the local day of each row: a date, which has no time zone."""
    index = as_time_index(argument, series.index)
    if not isinstance(index, pd.DatetimeIndex):
        raise TypeError(f"{argument} must have dates with times for an index.")
    if len(index) and (index == index.normalize()).all():
        raise ValueError(
            f"{argument} has dates without times ({row_label(index[0])}, ...); prices during the "
            "day are wanted."
        )
    return index.tz_localize(None).normalize().rename("date")


def by_day(returns: pd.Series[float]) -> list[tuple[pd.Timestamp, Array]]:
    """Return each local day with its returns, in order.

    Raises
    ------
    TypeError, ValueError
        If they are not by time, or look like prices.
    """
    if not isinstance(returns, pd.Series):
        raise TypeError(f"returns must be a pandas Series; found {type(returns).__name__}.")
    known = pd.Series(as_float_array("returns", returns), returns.index).dropna()
    days = days_of("returns", known)
    if not np.isfinite(known).all():
        raise ValueError("returns must be finite.")
    if known.size > 1 and known.min() > 0.0 and known.mean() > known.std():
        raise ValueError("returns look like prices; take intraday_returns(prices) first.")
    return [(day, group.to_numpy(np.float64)) for day, group in known.groupby(days)]


def _closes(prices: pd.Series[float] | pd.DataFrame) -> pd.Series[float]:
    if isinstance(prices, pd.DataFrame):
        return pd.Series(Bars.of(prices).close, prices.index)
    if not isinstance(prices, pd.Series):
        raise TypeError(
            f"prices must be a pandas Series or DataFrame; found {type(prices).__name__}."
        )
    return pd.Series(as_float_array("prices", prices), prices.index)
