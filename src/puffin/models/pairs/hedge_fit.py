"""A fitted dynamic hedge, and its tables on the user's index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.settings import Settings
from puffin.models.pairs.hedging import DynamicHedge
from puffin.models.pairs.priors import PairsPriors
from puffin.validation import PairPrices

__all__ = [
    "HedgeFit",
    "hedge_table",
    "held_spread",
    "is_rounding",
    "next_coefficients",
    "path_table",
]

_ROUNDINGS = 2.0


@dataclass(frozen=True)
class HedgeFit:
    """Prices, and what `fit_dynamic_hedge` learned from them.

    Attributes
    ----------
    pair : PairPrices
        As the model takes them: logarithms, if it is one of logarithms.
    window : int
    settings : Settings
    hedge : DynamicHedge
        Of the complete rows.
    method : {"rolling", "state-space"}
    priors : PairsPriors
    rounding : ndarray of shape (n_complete_rows, 1 + n_hedges)
        How far y and each hedge may be from the true price, for being rounded.
    """

    pair: PairPrices
    window: int
    settings: Settings
    hedge: DynamicHedge
    method: str
    priors: PairsPriors
    rounding: Array

    @property
    def rows(self) -> NDArray[np.intp]:
        """The complete rows."""
        return self.pair.complete

    @property
    def y(self) -> Array:
        """Prices of the asset in the complete rows."""
        return self.pair.y[self.rows]

    @property
    def X(self) -> Array:  # noqa: N802
        """Prices of the hedges in the complete rows."""
        return self.pair.X[self.rows]


def hedge_table(fit: HedgeFit) -> pd.DataFrame:
    """Return what was known before each row, and the row's spread and forecast error."""
    hedge, rows = fit.hedge, fit.rows[fit.window :]
    y, X = fit.pair.y[rows], fit.pair.X[rows]
    columns = {
        **_ratios(fit.pair, hedge.mean[:-1, 1:], hedge.sd[:-1, 1:]),
        "spread": y - np.einsum("ti,ti->t", hedge.mean[:-1, 1:], X),
        "intercept_mean": hedge.mean[:-1, 0],
        "forecast_mean": hedge.forecast_mean,
        "forecast_sd": hedge.forecast_sd,
        "forecast_error": (y - hedge.forecast_mean) / hedge.forecast_sd,
    }
    return _on_index(fit.pair, rows, columns)


def held_spread(fit: HedgeFit) -> Array:
    r"""Return the spread as its holder earns it: the sum of its gains.

    :math:`\sum (\Delta y_t - h_t' \Delta x_t)` over the complete rows, each step with the hedge
    ratio that was known before it. Changes of the hedge ratio itself, which move y - h x by the
    whole price of x, are not in it.
    """
    steps_y, steps_x = np.diff(fit.y)[fit.window - 1 :], np.diff(fit.X, axis=0)[fit.window - 1 :]
    gains = steps_y - np.einsum("ti,ti->t", fit.hedge.mean[:-1, 1:], steps_x)
    return np.concatenate([[0.0], np.cumsum(gains)])


def is_rounding(fit: HedgeFit, window: int) -> pd.Series[bool]:
    """Whether all that is left of y in the last `window` rows is how prices are rounded.

    That is so where no forecast error is larger than twice what rounding can do: of y, and of the
    hedges times their ratios. The same asset listed twice, or a receipt for ten shares, has no
    spread to trade.
    """
    hedge, rows = fit.hedge, fit.rows[fit.window :]
    rounding = fit.rounding[fit.window :]
    reach = rounding[:, 0] + np.einsum("ti,ti->t", np.abs(hedge.mean[:-1, 1:]), rounding[:, 1:])
    small = np.abs(fit.pair.y[rows] - hedge.forecast_mean) <= _ROUNDINGS * reach
    lasting = pd.Series(small.astype(float)).rolling(window, min_periods=1).min() == 1.0
    return pd.Series(lasting.to_numpy(), fit.pair.index[rows])


def next_coefficients(fit: HedgeFit) -> pd.Series[float]:
    """Return hedge ratios and intercept for the date to come."""
    mean, sd = fit.hedge.mean[-1:], fit.hedge.sd[-1:]
    values = _ratios(fit.pair, mean[:, 1:], sd[:, 1:]) | {"intercept_mean": mean[:, 0]}
    return pd.Series({name: float(column[0]) for name, column in values.items()})


def path_table(fit: HedgeFit, mean: Array, sd: Array) -> pd.DataFrame:
    """Return mean and sd of the hedge ratios, shape (n_complete_rows, n_hedges), at each row."""
    return _on_index(fit.pair, fit.rows, _ratios(fit.pair, mean, sd))


def _ratios(pair: PairPrices, mean: Array, sd: Array) -> dict[str, Array]:
    suffixes = [""] if len(pair.hedges) == 1 else [f"_{name}" for name in pair.hedges]
    columns = {}
    for i, suffix in enumerate(suffixes):
        columns[f"hedge_ratio_mean{suffix}"] = mean[:, i]
        columns[f"hedge_ratio_std{suffix}"] = sd[:, i]
    return columns


def _on_index(
    pair: PairPrices, rows: NDArray[np.intp], columns: Mapping[str, Array]
) -> pd.DataFrame:
    """Return columns with their values at `rows`, NaN elsewhere."""
    table = {}
    for name, values in columns.items():
        table[name] = np.full(pair.index.size, np.nan)
        table[name][rows] = values
    return pd.DataFrame(table, pair.index)
