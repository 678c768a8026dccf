"""A strategy through time: fitted on the past, traded on the rows that follow, refitted."""

from __future__ import annotations

import copy
import time
import warnings
from typing import Unpack

import pandas as pd

from puffin.backtest.costs import CostOptions, Costs
from puffin.backtest.look_ahead import LookAheadCheck, telling_rows
from puffin.backtest.result import BacktestResult
from puffin.backtest.running import run
from puffin.backtest.strategy import Strategy
from puffin.progress import progress_bar
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    positive_integer,
)
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.index import row_label

__all__ = ["out_of_sample", "walk_forward"]


def walk_forward(
    strategy: Strategy,
    prices: DataLike,
    train: int,
    test: int,
    *,
    name: str | None = None,
    periods_per_year: float | None = None,
    date: str | None = None,
    progressbar: bool = False,
    **costs: Unpack[CostOptions],
) -> BacktestResult:
    """Fit a strategy on `train` rows, trade it on the `test` rows that follow, move on, repeat.

    ::

        rows     |------ train ------|- test -|
                          |------ train ------|- test -|
                                   |------ train ------|- test -|

    In each window a fresh copy of the strategy is fitted to the training prices, and asked for its
    weights. It is given all prices from the first row to the window's last, so that its moving
    averages are complete, and the weights of the test rows are kept. Together they make one
    backtest, out of sample from its first row to its last. A strategy without a ``fit`` has one
    window only: all rows after the first `train`.

    A weight may depend on the prices up to its own row only. That is checked: the strategy is asked
    again with other prices after some row, and must decide the same up to that row
    (`puffin.backtest.look_ahead`). The rows are those before the largest moves of each asset, and
    others spread evenly: one that looks one to five bars ahead, always or only before moves of two
    or three standard deviations, or that knows an average of all rows, is found in more than 99 of
    100 runs. The check takes a second, or as long as the strategy itself where that is more, but
    never fewer than four rows. What a strategy brings along from elsewhere, such as signals
    computed in advance, cannot be checked so; of that, and of weights given to `run`, only what is
    right nearly always is pointed out.

    A strategy enters each window with its latest decision, so that one that decides once a month
    holds something from the window's first row on.

    Parameters
    ----------
    strategy : Strategy
        Has ``weights(prices)``, and perhaps ``fit(prices)``; it is left as it is.
    prices : DataFrame or array-like of shape (n_rows, n_assets)
        As in `run`.
    train, test : int
        Rows to fit on, and rows to trade before the next fit.
    name : str, optional
        The name of the strategy's class by default.
    periods_per_year, date
        As in `run`.
    progressbar : bool, default False
        Whether to count the windows on stderr.
    **costs
        As in `run`.

    Returns
    -------
    BacktestResult

    Warns
    -----
    RuntimeWarning
        If interrupted by Ctrl-C: the windows that are finished are backtested. If look-ahead cannot
        be told: the strategy decides at random without a seed, or fails on other prices.

    Raises
    ------
    ValueError, TypeError
        If an argument is invalid, or prices are too few for one window.
    LookAheadError
        If weights change with prices that come later.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities().loc["2010":]
    >>> momentum = pf.strategies.Momentum()
    >>> result = pf.backtest.walk_forward(momentum, prices, train=504, test=252)
    >>> result.sharpe()["prob_positive"]  # doctest: +SKIP
    """
    if not isinstance(strategy, Strategy):
        raise TypeError(
            "strategy must have a method weights(prices) that returns target weights; found "
            f"{type(strategy).__name__}."
        )
    train, test = positive_integer("train", train), positive_integer("test", test)
    Costs(**costs)  # refuses bad ones before the work
    panel = as_prices(prices, date=date)
    check_positive_prices("prices", panel, "for returns to exist")
    rows = len(panel.index)
    if rows < train + 2:
        raise ValueError(
            f"prices has {rows} rows; train={train} leaves too few to decide and trade. "
            f"Give at least {train + 2}."
        )
    check = LookAheadCheck(telling_rows(panel, train))
    weights = out_of_sample(strategy, panel, train, test, check, progressbar=progressbar)
    check.warn(stacklevel=2)
    return run(
        weights,
        panel[train : train + len(weights)].frame,
        name=type(strategy).__name__ if name is None else name,
        periods_per_year=(
            infer_periods_per_year(panel.index) if periods_per_year is None else periods_per_year
        ),
        **costs,
    )


def out_of_sample(
    strategy: Strategy,
    panel: PricePanel,
    train: int,
    test: int,
    check: LookAheadCheck,
    *,
    first: int | None = None,
    progressbar: bool = False,
) -> pd.DataFrame:
    """Return the weights that a strategy decides in rows it was not fitted on.

    Parameters
    ----------
    train, test : int
        As in `walk_forward`.
    check : LookAheadCheck
        What each window's weights are checked by.
    first : int, optional
        The first of those rows: `train` by default.

    Returns
    -------
    DataFrame
        From that row on; up to the last window that was finished, after Ctrl-C, with a warning.
    """
    rows, first = len(panel.index), train if first is None else first
    if not callable(getattr(strategy, "fit", None)):
        test = rows - first
    starts = range(first, rows, test)
    pieces: list[pd.DataFrame] = []
    with progress_bar("Walking forward", len(starts), progressbar) as advance:
        try:
            for start in starts:
                pieces.append(_window(strategy, panel, slice(start - train, start), test, check))
                advance(1)
        except KeyboardInterrupt:
            if not pieces:
                raise
            warnings.warn(
                f"Interrupted after {len(pieces)} of {len(starts)} windows: the backtest ends at "
                f"{row_label(pieces[-1].index[-1])}.",
                RuntimeWarning,
                stacklevel=3,
            )
    return pd.concat(pieces)


def _window(
    strategy: Strategy, panel: PricePanel, train: slice, test: int, check: LookAheadCheck
) -> pd.DataFrame:
    """Return the weights of the test rows, which follow those of the fit."""
    began, start = time.perf_counter(), train.stop
    fitted = _fitted(copy.deepcopy(strategy), panel[train].frame)
    check.fitted(time.perf_counter() - began)
    weights = check.weights(fitted, panel[: start + test], start)
    piece = weights.iloc[start:].copy()
    if piece.iloc[0].isna().all():
        earlier = weights.iloc[:start].dropna(how="all")
        if len(earlier):
            piece.iloc[0] = earlier.iloc[-1]
    return piece


def _fitted(fresh: Strategy, training: pd.DataFrame) -> Strategy:
    fit = getattr(fresh, "fit", None)
    fitted = fit(training) if callable(fit) else fresh
    return fitted if isinstance(fitted, Strategy) else fresh
