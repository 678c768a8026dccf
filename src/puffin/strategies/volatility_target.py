"""A strategy scaled to a target volatility."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.backtest import Strategy
from puffin.backtest.decisions import align_decisions
from puffin.strategies.forecasters import Forecaster, ewma_volatility
from puffin.strategies.holdings import intended_holdings
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    finite_number,
    positive_integer,
    positive_number,
)
from puffin.validation import periods_per_year as infer_periods_per_year
from puffin.validation.index import row_label

__all__ = ["VolatilityTarget"]


@dataclass(frozen=True)
class VolatilityTarget:
    r"""Scale a strategy's weights so that its forecast volatility is the target.

    .. math:: w_t = \min\left(\frac{\sigma^*}{\sqrt{q}\, \hat\sigma_t},\; L\right) v_t

    where v is what the strategy would hold: its latest decision, drifted since then. The forecast
    is of the portfolio v_t itself, from the returns that these weights would have earned in the
    past: it uses no later prices, and does not mistake a time without positions for a calm market.
    Until there is a first forecast nothing is decided; where past prices are missing later on,
    nothing is held.

    Attributes
    ----------
    strategy : Strategy
    target : float, default 0.1
        Annual volatility, as a fraction.
    forecaster : callable
        Takes the simple returns so far (a Series) and returns the standard deviation of the next:
        `ewma_volatility` by default, `rolling_volatility`, either with other settings by
        `functools.partial`, or one of your own, such as
        ``lambda past: pf.StochasticVolatilityModel().fit(past, random_seed=1).volatility_forecast``
    max_leverage : float, default 2
        The most that weights are multiplied by: L.
    band : float, default 0.1
        Trade only when the factor has moved by more than this fraction since the last trade, or
        the strategy decides something.
    every : int, default 1
        Bars between forecasts, counted from the strategy's first decision; it is also made
        whenever the strategy decides.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.

    References
    ----------
    Moreira & Muir (2017), Volatility-managed portfolios. Journal of Finance 72.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities().loc["2010":]
    >>> steady = pf.strategies.VolatilityTarget(pf.strategies.BuyAndHold(), target=0.1)
    >>> pf.backtest.run(steady.weights(prices), prices).summary()  # doctest: +SKIP
    """

    strategy: Strategy
    target: float = 0.1
    forecaster: Forecaster = ewma_volatility
    max_leverage: float = 2.0
    band: float = 0.1
    every: int = 1
    periods_per_year: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.strategy, Strategy):
            raise TypeError(
                "strategy must have a method weights(prices); found "
                f"{type(self.strategy).__name__}."
            )
        if not callable(self.forecaster):
            raise TypeError(
                "forecaster must be a function of past returns; found "
                f"{type(self.forecaster).__name__}."
            )
        positive_number("target", self.target)
        positive_number("max_leverage", self.max_leverage)
        positive_integer("every", self.every)
        if finite_number("band", self.band) < 0.0:
            raise ValueError(f"band must be at least zero; found {self.band:g}.")
        if self.periods_per_year is not None:
            positive_number("periods_per_year", self.periods_per_year)

    @property
    def fit(self) -> Callable[[pd.DataFrame], VolatilityTarget]:
        """Fit the strategy; there is no such method where the strategy has none."""
        inner = self.strategy.fit  # type: ignore[attr-defined]

        def fit(prices: pd.DataFrame) -> VolatilityTarget:
            fitted = inner(prices)
            if not isinstance(fitted, Strategy):
                fitted = self.strategy
            return dataclasses.replace(self, strategy=fitted)

        return fit

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return the scaled weights in every row in which to trade, NaN in the others.

        Raises
        ------
        ValueError
            If the strategy's weights or the forecast are invalid.
        """
        panel = as_prices(prices)
        check_positive_prices("prices", panel, "for returns to exist")
        decisions = align_decisions(self.strategy.weights(panel.frame), panel)
        weights = np.full(panel.values.shape, np.nan)
        if decisions.made.any():
            self._scale(intended_holdings(decisions, panel), decisions.made, panel, weights)
        return pd.DataFrame(weights, panel.index, panel.frame.columns)

    def _scale(
        self, intended: Array, made: NDArray[np.bool_], panel: PricePanel, weights: Array
    ) -> None:
        """Fill in the rows of `weights` in which to trade."""
        periods = self.periods_per_year or infer_periods_per_year(panel.index)
        past = _Past(panel)
        first, used = int(np.argmax(made)), None
        for row in range(first, len(made)):
            if not made[row] and (row - first) % self.every:
                continue
            if not intended[row].any():
                factor = 0.0
            else:
                factor = self._factor(past.returns(intended[row], row), periods)
            if np.isnan(factor):
                if used is None:
                    continue
                factor = 0.0
            if made[row] or used is None or abs(factor - used) > self.band * used:
                weights[row], used = factor * intended[row], factor

    def _factor(self, past: pd.Series[float], periods: float) -> float:
        """Return what to multiply weights by; NaN if there is no forecast."""
        forecast = self.forecaster(past)
        try:
            volatility = float(forecast) * np.sqrt(periods)
        except (TypeError, ValueError):
            volatility = -1.0
        if volatility < 0.0 or np.isinf(volatility):
            raise ValueError(
                "forecaster must return a volatility, a number of at least zero; found "
                f"{forecast!r} at {row_label(past.index[-1]) if len(past) else 'the start'}."
            )
        if volatility * self.max_leverage <= self.target:
            return self.max_leverage
        return float(self.target / volatility)


class _Past:
    """The returns that portfolios would have earned."""

    def __init__(self, panel: PricePanel) -> None:
        returns = panel.values[1:] / panel.values[:-1] - 1.0
        self._missing = np.isnan(returns) if np.isnan(returns).any() else None
        self._returns = np.nan_to_num(returns)
        self._index = panel.index[1:]

    def returns(self, weights: Array, row: int) -> pd.Series[float]:
        """Return those of a portfolio with these weights up to `row`, where prices are known."""
        portfolio, index = self._returns[:row] @ weights, self._index[:row]
        if self._missing is not None:
            known = ~(self._missing[:row] & (weights != 0.0)).any(axis=1)
            portfolio, index = portfolio[known], index[known]
        return pd.Series(portfolio, index, name="returns")
