"""Trading the spread of a pair."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.pairs import AutocorrelationWarning, BayesianPairsTrading, PairsPriors
from puffin.models.pairs.signals import Thresholds
from puffin.validation import choice, positive_number

__all__ = ["PairsStrategy"]


@dataclass(frozen=True)
class PairsStrategy:
    """Buy a spread that is far below its usual, sell one that is far above, leave near it.

    The spread is y less its hedge, as `BayesianPairsTrading` estimates it from the prices before;
    positions are those of its `generate_signals`. Both legs are sized by the hedge ratio: for each
    share of y, so many shares of x; with `log_prices` for each unit of value of y, so many of x.

    Attributes
    ----------
    y : str
        Column of the asset.
    x : str or tuple of str
        Columns of its hedge.
    window : int
        That of `BayesianPairsTrading.fit_dynamic_hedge`; nothing is traded before it is full.
    method : {"rolling", "state-space"}
    errors : {"iid", "ar1"}
    log_prices : bool
    priors : PairsPriors
    entry_threshold, exit_threshold, zscore_window, zscore, stop_threshold, max_holding
        Those of `BayesianPairsTrading.generate_signals`.
    gross : float
        Exposure while a position is held: the sum of the sizes of its weights.
    rebalance : {"signal", "daily"}
        Whether weights are decided when a position is opened, turned round or closed, and drift
        in between; or in each row, so that they follow the hedge ratio, at a cost.
    """

    y: str
    x: str | tuple[str, ...]
    window: int = 60
    method: str = "rolling"
    errors: str = "iid"
    log_prices: bool = False
    priors: PairsPriors = field(default_factory=PairsPriors)
    entry_threshold: float = 2.0
    exit_threshold: float = 0.5
    zscore_window: int = 20
    zscore: str = "rolling"
    stop_threshold: float | None = None
    max_holding: int | None = None
    gross: float = 1.0
    rebalance: str = "signal"

    def __post_init__(self) -> None:
        if not isinstance(self.y, Hashable):
            raise TypeError(f"y must be the name of a column; found {self.y!r}.")
        if not isinstance(self.x, str):
            if not isinstance(self.x, Iterable):
                raise TypeError(f"x must be a column, or several; found {self.x!r}.")
            object.__setattr__(self, "x", tuple(self.x))
        if self.y in self.hedges:
            raise ValueError(f"y and x must be different columns; found {self.y!r} in both.")
        positive_number("gross", self.gross)
        choice("rebalance", self.rebalance, ("signal", "daily"))
        self._model()
        Thresholds(self.entry_threshold, self.exit_threshold, self.stop_threshold, self.max_holding)

    @property
    def hedges(self) -> tuple[str, ...]:
        """The columns of x."""
        return (self.x,) if isinstance(self.x, str) else tuple(self.x)

    def prices_of(self, prices: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of this pair.

        Raises
        ------
        ValueError
            If one is missing.
        """
        missing = [name for name in (self.y, *self.hedges) if name not in prices]
        if missing:
            has = list(prices.columns)[:12]
            raise ValueError(f"prices has no columns {missing}; it has {has}.")
        return prices[[self.y, *self.hedges]]

    def fit_hedge(self, prices: pd.DataFrame) -> BayesianPairsTrading:
        """Return the model fitted to the columns of this pair.

        Raises
        ------
        ValueError
            If a column is missing, or the prices cannot be used.
        """
        pair = self.prices_of(prices)
        model = self._model()
        with warnings.catch_warnings():
            # The warning is about the hedge ratio's interval; positions use its mean only.
            warnings.simplefilter("ignore", AutocorrelationWarning)
            model.fit_dynamic_hedge(pair[self.y], pair[list(self.hedges)], self.window)
        return model

    def weights(self, prices: pd.DataFrame) -> pd.DataFrame:
        """Return target weights of the legs; each row knows the prices up to its own.

        Parameters
        ----------
        prices : DataFrame
            With the columns of the pair; others are ignored.

        Returns
        -------
        DataFrame
            On the dates of `prices`, columns y and x. NaN where nothing new is decided.
        """
        return self.weights_of(self.fit_hedge(prices), prices)

    def weights_of(self, model: BayesianPairsTrading, prices: pd.DataFrame) -> pd.DataFrame:
        """Return the weights that a model fitted to these prices leads to."""
        positions = self.signals(model).to_numpy()[:, None]
        weights = np.where(positions == 0, 0.0, positions * self._legs(model.hedge, prices))
        if self.rebalance == "signal":
            weights[1:][positions[1:, 0] == positions[:-1, 0]] = np.nan
        return pd.DataFrame(weights, prices.index, columns=[self.y, *self.hedges])

    def signals(self, model: BayesianPairsTrading) -> pd.Series[int]:
        """Return the positions in the spread of a fitted model."""
        return model.generate_signals(
            entry_threshold=self.entry_threshold,
            exit_threshold=self.exit_threshold,
            zscore_window=self.zscore_window,
            zscore=self.zscore,
            stop_threshold=self.stop_threshold,
            max_holding=self.max_holding,
        )

    def _legs(self, hedge: pd.DataFrame, prices: pd.DataFrame) -> Array:
        """Return the weights of a long position in the spread, row by row."""
        single = len(self.hedges) == 1
        suffixes = [""] if single else [f"_{name}" for name in self.hedges]
        ratios = np.column_stack([hedge[f"hedge_ratio_mean{suffix}"] for suffix in suffixes])
        values = np.column_stack([np.ones(len(hedge)), -ratios])
        if not self.log_prices:
            values = values * prices[[self.y, *self.hedges]].to_numpy()
        size = np.abs(values).sum(axis=1, keepdims=True)
        return np.asarray(self.gross * values / size)

    def _model(self) -> BayesianPairsTrading:
        return BayesianPairsTrading(
            self.method, priors=self.priors, errors=self.errors, log_prices=self.log_prices
        )
