r"""Which pairs of a universe move together in the long run.

For each pair the Engle-Granger test of statsmodels: least squares of y on x and a constant, then
an augmented Dickey-Fuller test for a unit root in the residual. The null hypothesis is that the
pair is not cointegrated.
"""

from __future__ import annotations

import itertools
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
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    is_constant,
    positive_integer,
)

__all__ = ["find_pairs"]

_COLUMNS = ("y", "x", "p_value", "q_value", "hedge_ratio", "half_life", "hedge_variation")
_COLLINEAR = 2e-6
_STATIONARY = 0.05
_LARGEST = 1e75


@dataclass(frozen=True)
class _Pair:
    """Two columns of (log) prices on the dates that they share."""

    names: tuple[Hashable, Hashable]
    values: tuple[Array, Array]


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
        the hedge ratio differs between windows, relative to its size (posterior median). Nothing
        is left out: keep what you want by ``table[table["q_value"] < 0.05]``.

    Raises
    ------
    ImportError
        If statsmodels is not installed.
    ValueError, TypeError
        If there are fewer than two columns, prices are not positive with ``log_prices=True``, a
        pair shares too few dates, a column does not move, or two columns move as one.

    Warns
    -----
    UserWarning
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
    multipletests = require("statsmodels.stats.multitest", "pairs", "find_pairs").multipletests
    joblib = require("joblib", "pairs", "find_pairs")
    threadpoolctl = require("threadpoolctl", "pairs", "find_pairs")
    max_lag = positive_integer("max_lag", max_lag, minimum=0)
    window = positive_integer("window", window, minimum=3)
    min_overlap = positive_integer("min_overlap", min_overlap, minimum=60)
    if min_overlap < 2 * max_lag + 20:
        raise ValueError(
            f"min_overlap must be at least 2 max_lag + 20 = {2 * max_lag + 20} for the test to be "
            f"possible; found {min_overlap}."
        )
    cores = available_cores() if cores is None else positive_integer("cores", cores)
    panel = _transformed(as_prices(prices, date=date), log_prices)
    pairs = _pairs(panel, min_overlap)
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
        _warn_of_stationary(panel, max_lag)
    table = pd.DataFrame(rows)
    table["q_value"] = multipletests(table["p_value"], method="fdr_by")[1]
    table = table.sort_values(["q_value", "p_value"], kind="stable", ignore_index=True)
    return table[list(_COLUMNS)]


def _transformed(panel: PricePanel, log_prices: bool) -> PricePanel:
    """Return the prices that are tested, or their logarithms."""
    if len(panel.names) < 2:
        raise ValueError("prices has one column; a pair needs two.")
    if not log_prices:
        largest = float(np.nanmax(np.abs(panel.values)))
        if largest > _LARGEST:
            raise ValueError(
                f"prices has values as large as {largest:g}, whose squares overflow; rescale them."
            )
        return panel
    check_positive_prices(
        "prices", panel, "for their logarithms to exist (or pass log_prices=False)"
    )
    return PricePanel(np.log(panel.values), panel.index, panel.names)


def _pairs(panel: PricePanel, min_overlap: int) -> list[_Pair]:
    values = panel.values
    known = ~np.isnan(values)
    pairs = []
    for first, second in itertools.combinations(range(len(panel.names)), 2):
        both = known[:, first] & known[:, second]
        names = panel.names[first], panel.names[second]
        if both.sum() < min_overlap:
            raise ValueError(
                f"prices of {names[0]!r} and {names[1]!r} share {both.sum()} dates, fewer than "
                f"min_overlap={min_overlap}; leave one out, or lower min_overlap."
            )
        pair = _Pair(names, (values[both, first], values[both, second]))
        _check_pair(pair)
        pairs.append(pair)
    return pairs


def _check_pair(pair: _Pair) -> None:
    for name, column in zip(pair.names, pair.values, strict=True):
        if is_constant(column):
            raise ValueError(
                f"prices of {name!r} do not move on the {column.size} dates that it shares with "
                "another; leave it out."
            )
    if np.corrcoef(*pair.values)[0, 1] ** 2 > 1.0 - _COLLINEAR:
        raise ValueError(
            f"prices of {pair.names[0]!r} and {pair.names[1]!r} move as one; leave one out."
        )


def _warn_of_stationary(panel: PricePanel, max_lag: int) -> None:
    """Say which columns revert by themselves: they are cointegrated with anything."""
    from statsmodels.tsa.stattools import adfuller

    found = []
    for name, column in zip(panel.names, panel.values.T, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = adfuller(column[~np.isnan(column)], maxlag=max_lag, autolag="AIC")
        p_value = result[1] if isinstance(result, tuple) else result.pvalue
        if p_value < _STATIONARY / len(panel.names):
            found.append(name)
    if found:
        warnings.warn(
            f"{', '.join(map(repr, found))} revert by themselves (unit-root test at "
            f"{_STATIONARY:.0%}, Bonferroni): small p-values of their pairs may say no more than "
            "that. Look at the hedge ratio, which is then near zero.",
            UserWarning,
            stacklevel=3,
        )


def _screen(pair: _Pair, max_lag: int, window: int) -> dict[str, object]:
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
