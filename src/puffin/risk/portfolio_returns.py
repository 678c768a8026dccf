"""A portfolio as one asset: what it would have earned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from puffin.validation import as_strategies, as_weights, shared_rows

__all__ = ["portfolio_returns"]


def portfolio_returns(
    returns: Any, weights: Any, *, total: float | None = 1.0, date: str | None = None
) -> pd.Series[float]:
    """Return the returns that the weights would have earned, put back in place every period.

    This is the series to ask about the risk of what is held *today*: yesterday's returns at today's
    weights. What is not invested earns nothing. A volatility model takes the logarithm,
    ``numpy.log1p(portfolio_returns(...))``.

    Parameters
    ----------
    returns : DataFrame (pandas or polars) or dict of series
        Simple returns of each asset, as fractions. On the dates that all assets have; what one
        returned in between is compounded.
    weights : mapping or Series of name to weight, or array-like of shape (n_assets,)
        Fractions of what the portfolio is worth, negative where sold short. Assets left out are
        not held.
    total : float or None, default 1
        What the weights must add up to; None where the rest is cash, or borrowed.
    date : str, optional
        The polars column that holds the dates.

    Returns
    -------
    Series
        Simple returns, on the dates.

    Raises
    ------
    TypeError, ValueError
        If weights are of unknown assets or don't add up as asked, an asset's returns are no
        returns, or assets have no date in common.
    """
    strategies = as_strategies(returns, argument="returns", date=date)
    for problem in strategies.rejected.values():
        raise ValueError(problem)
    names = [series.name for series in strategies.series]
    values, index, _ = shared_rows(strategies.series)
    if values.shape[0] == 0:
        raise ValueError(f"returns of {', '.join(names[:5])} have no date in common.")
    if (values < -1.0).any():
        row, column = np.argwhere(values < -1.0)[0]
        raise ValueError(
            f"returns[{names[column]!r}] has {values[row, column]:g} at row {row}; a simple return "
            "is a fraction, and no asset loses more than all of it."
        )
    held = as_weights(weights, names, total=total)
    return pd.Series(values @ held, index, name="portfolio")
