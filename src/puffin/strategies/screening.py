r"""Which pairs of a universe move together in the long run.

For each pair the Engle-Granger test of statsmodels: least squares of y on x and a constant, then
an augmented Dickey-Fuller test for a unit root in the residual. The null hypothesis is that the
pair is not cointegrated.
"""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.extras import require
from puffin.inference.chains import available_cores
from puffin.progress import progress_bar
from puffin.strategies.hedge import half_life, hedge_variation, slope
from puffin.strategies.testable_pairs import Column, Pair, testable_columns, testable_pairs
from puffin.validation import DataLike, flag, positive_integer

__all__ = ["Screening", "find_pairs", "screen_pairs"]

_COLUMNS = ("y", "x", "p_value", "q_value", "hedge_ratio", "half_life", "hedge_variation")
_STATIONARY = 0.05
_LINES = 10


@dataclass(frozen=True)
class Screening:
    """What was tested, and what could not be.

    Attributes
    ----------
    table : DataFrame
        As `find_pairs` returns it.
    left_out : dict of str to str
        Each column or pair (its names joined by " / ") that was not tested, and why.
    """

    table: pd.DataFrame
    left_out: dict[str, str]

    @property
    def left_out_words(self) -> list[str]:
        """What was left out and why, a line each, as many as a person reads."""
        lines = [f"{name}: {reason}" for name, reason in self.left_out.items()]
        more = len(lines) - _LINES
        return lines if more <= 0 else [*lines[:_LINES], f"and {more} more"]


def find_pairs(
    prices: DataLike,
    *,
    log_prices: bool = True,
    max_lag: int = 10,
    window: int = 252,
    min_overlap: int = 250,
    date: str | None = None,
    cores: int | None = None,
    progressbar: bool = False,
) -> pd.DataFrame:
    r"""Test every pair of columns for cointegration, and rank them.

    The Engle-Granger test asks whether y less a multiple of x reverts, and its answer depends on
    which of the two is y. Both directions are tested, the one with the smaller p-value is kept, and
    that p-value is doubled (Bonferroni) for having had two chances.

    Of 190 pairs that have nothing to do with each other nine or ten pass at 5% by chance. The
    q-value is the p-value adjusted for that: if pairs up to a q-value of 0.05 are kept, no more
    than 5% of them are expected to be false. The adjustment is that of Benjamini & Yekutieli, which
    holds whatever the dependence between tests: pairs share legs.

    Parameters
    ----------
    prices : DataFrame or array-like of shape (n_rows, n_assets)
        Each pair is tested on the dates on which both have a price; missing ones are left out, not
        filled.
    log_prices : bool, default True
        Test logarithms, so that the hedge ratio is one of values: 0.8 dollars of x for each dollar
        of y. Otherwise it is one of shares.
    max_lag : int, default 10
        The most lags in the Dickey-Fuller regression; AIC chooses how many. statsmodels' own
        default, 27 for 2,500 rows, takes five times as long.
    window : int, default 252
        Rows of each window in which the hedge ratio is estimated for `hedge_variation`; a third
        of the rows where there are fewer than three windows.
    min_overlap : int, default 250
        The least number of dates that the columns of a pair must share.
    date : str, optional
        The column that holds the dates of polars (or pandas) frames.
    cores : int, optional
        Processes; all cores by default. They are joblib's: within
        ``joblib.parallel_config(backend="dask")`` they may be elsewhere.
    progressbar : bool, default False

    Returns
    -------
    DataFrame
        One row a pair, by q-value. Columns y, x, p_value, q_value; of y on x over all rows
        hedge_ratio and half_life: the rows in which a deviation of the residual halves (posterior
        median), infinite where it is more probably a random walk; and hedge_variation: how much
        the hedge ratio differs between windows, relative to its size (posterior median). All pairs
        that can be tested are in it: keep what you want by ``table[table["q_value"] < 0.05]``.

    Raises
    ------
    ImportError
        If statsmodels is not installed.
    ValueError, TypeError
        If there are fewer than two columns, or no pair can be tested.

    Warns
    -----
    UserWarning
        If a pair cannot be tested, and is left out: it shares too few dates, or moves as one; or a
        column, which does not move, or has prices of zero or less with ``log_prices=True``.
        If a column reverts to its mean by itself, which the test assumes none does: it is then
        cointegrated with any other, at a hedge ratio of about zero.

    Notes
    -----
    On simulated random walks of 500 rows, p-values below 5% and 1% come up in 5% and 1.4% of pairs
    with normal steps, and in 7% and 2% with GARCH steps that are Student-t with 5 degrees of
    freedom: fat tails in clusters look a little like mean reversion.

    References
    ----------
    Engle & Granger (1987), Co-integration and error correction. Econometrica 55.
    Benjamini & Yekutieli (2001), The control of the false discovery rate in multiple testing under
    dependency. Annals of Statistics 29.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities().loc["2010":"2014"]
    >>> pairs = pf.strategies.find_pairs(prices)  # doctest: +SKIP
    """
    found = screen_pairs(
        prices, log_prices=log_prices, max_lag=max_lag, window=window, min_overlap=min_overlap,
        date=date, cores=cores, progressbar=progressbar,
    )  # fmt: skip
    if found.left_out:
        words = "; ".join(found.left_out_words)
        warnings.warn(f"left out, as they cannot be tested: {words}.", UserWarning, stacklevel=2)
    return found.table


def screen_pairs(
    prices: DataLike,
    *,
    log_prices: bool = True,
    max_lag: int = 10,
    window: int = 252,
    min_overlap: int = 250,
    date: str | None = None,
    cores: int | None = None,
    progressbar: bool = False,
) -> Screening:
    """Test every pair of columns as `find_pairs` does, and return what could not be, too."""
    multipletests = require("statsmodels.stats.multitest", "pairs", "find_pairs").multipletests
    threadpoolctl = require("threadpoolctl", "pairs", "find_pairs")
    import joblib

    max_lag = positive_integer("max_lag", max_lag, minimum=0)
    window = positive_integer("window", window, minimum=3)
    min_overlap = positive_integer("min_overlap", min_overlap, minimum=60)
    if min_overlap < 2 * max_lag + 20:
        raise ValueError(
            f"min_overlap must be at least 2 max_lag + 20 = {2 * max_lag + 20} for the test to be "
            f"possible; found {min_overlap}."
        )
    cores = available_cores() if cores is None else positive_integer("cores", cores)
    left_out: dict[str, str] = {}
    columns = testable_columns(prices, date, flag("log_prices", log_prices), left_out)
    pairs = testable_pairs(columns, min_overlap, left_out)
    if not pairs:
        name, reason = next(iter(left_out.items()))
        raise ValueError(f"no pair of columns can be tested; of {name}: {reason}.")
    tasks = (joblib.delayed(_screen)(pair, max_lag, window) for pair in pairs)
    run = joblib.Parallel(n_jobs=min(cores, len(pairs)), return_as="generator")
    rows = []
    with (
        progress_bar("Testing pairs", len(pairs), progressbar) as advance,
        # On matrices this small, BLAS threads spend their time waiting for each other.
        threadpoolctl.threadpool_limits(1, "blas"),
    ):
        for row in run(tasks):
            rows.append(row)
            advance(1)
        _warn_of_stationary(columns, {name for pair in pairs for name in pair.names}, max_lag)
    table = pd.DataFrame(rows)
    table["q_value"] = multipletests(table["p_value"], method="fdr_by")[1]
    table = table.sort_values(["q_value", "p_value"], kind="stable", ignore_index=True)
    return Screening(table[list(_COLUMNS)], left_out)


def _warn_of_stationary(columns: list[Column], tested: set[Hashable], max_lag: int) -> None:
    """Say which columns revert by themselves: they are cointegrated with anything."""
    from statsmodels.tsa.stattools import adfuller

    found = []
    for column in columns:
        if column.name not in tested:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            values = column.values[~np.isnan(column.values)]
            result = adfuller(values, maxlag=max_lag, autolag="AIC")
        p_value = result[1] if isinstance(result, tuple) else result.pvalue
        if p_value < _STATIONARY / len(columns):
            found.append(column.name)
    if found:
        warnings.warn(
            f"{', '.join(map(repr, found))} revert by themselves (unit-root test at "
            f"{_STATIONARY:.0%}, Bonferroni): small p-values of their pairs may say no more than "
            "that. Look at the hedge ratio, which is then near zero.",
            UserWarning,
            stacklevel=3,
        )


def _screen(pair: Pair, max_lag: int, window: int) -> dict[str, object]:
    """Return the row of a pair, in the direction with the smaller p-value."""
    directions = [((0, 1), _p_value(*pair.values, max_lag))]
    directions.append(((1, 0), _p_value(*pair.values[::-1], max_lag)))
    (first, second), p_value = min(directions, key=lambda direction: direction[1])
    y, x = pair.values[first], pair.values[second]
    ratio = slope(y, x)
    return {
        "y": pair.names[first],
        "x": pair.names[second],
        "p_value": min(1.0, 2.0 * p_value),
        "hedge_ratio": ratio,
        "half_life": half_life(y - ratio * x),
        "hedge_variation": hedge_variation(y, x, window),
    }


def _p_value(y: Array, x: Array, max_lag: int) -> float:
    from statsmodels.tsa.stattools import coint

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what will change in later releases
        _, p_value, _ = coint(y, x, maxlag=max_lag, autolag="aic")
    return float(p_value)
