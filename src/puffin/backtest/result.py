"""What a backtest found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.backtest.card import backtest_card
from puffin.backtest.costs import Costs
from puffin.backtest.performance import performance
from puffin.backtest.plots import equity_figure
from puffin.backtest.round_trips import round_trips
from puffin.models.sharpe import SharpePosterior, bayesian_sharpe
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import is_constant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BacktestResult"]


@dataclass(frozen=True, eq=False, repr=False)
class BacktestResult(Shown, Plotted):
    """Returns, positions and costs through time.

    The first row is that of the first decision, where equity is 1. A return stands in the row in
    which its period ends, so returns, turnover and costs have one row less than equity.

    Attributes
    ----------
    name : str
    returns : Series
        Simple returns after costs: `gross_returns` less the sum of `costs`, exactly.
    gross_returns : Series
        Before costs, interest on cash included.
    equity : Series
        What 1 became, after costs.
    weights : DataFrame
        Held after the trade in that row, drifted since the last one.
    targets : DataFrame
        Asked for in that row, to be traded in the next; NaN where nothing was.
    contributions : DataFrame
        What each asset added to the period's return before costs; `gross_returns` are their sum,
        and the interest on cash.
    turnover : Series
        Value bought plus value sold, as a fraction of equity just before.
    costs : DataFrame
        Commission, slippage and borrow, as fractions of equity at the start of the period.
    terms : Costs
        The rates they were computed with.
    periods_per_year : float
    """

    name: str
    returns: pd.Series[float]
    gross_returns: pd.Series[float]
    equity: pd.Series[float]
    weights: pd.DataFrame
    targets: pd.DataFrame
    contributions: pd.DataFrame
    turnover: pd.Series[float]
    costs: pd.DataFrame
    terms: Costs
    periods_per_year: float

    def _card(self) -> Card:
        return backtest_card(self)

    @property
    def drawdown(self) -> pd.Series[float]:
        """How far equity is below its highest so far, as a fraction from -1 to 0."""
        return self.equity / self.equity.cummax() - 1.0

    def sharpe(self, samples: int = 5000, **options: Any) -> SharpePosterior:
        """Return the posterior of the annual Sharpe ratio after costs.

        Parameters
        ----------
        samples : int, default 5000
            Draws of each chain.
        **options
            Those of `puffin.bayesian_sharpe`. `risk_free_rate` is the one of the backtest by
            default, so that cash earns a Sharpe ratio of nothing.
        """
        defaults = {
            "risk_free_rate": self.terms.risk_free_rate,
            "periods_per_year": self.periods_per_year,
        }
        return bayesian_sharpe(self.returns, samples, **(defaults | options))

    def round_trips(self) -> pd.DataFrame:
        """Return every position, from when it was opened until it was closed.

        Returns
        -------
        DataFrame
            Columns asset; side (long or short); entry and exit, the rows in which it was opened
            and closed (None where it is still open); periods held; price_change of the asset in
            that time; contribution, what it added to equity before costs. A position lasts as long
            as the asset's weight keeps its sign.
        """
        return round_trips(self)

    def summary(self) -> pd.DataFrame:
        """Return plain numbers, before and after costs, without a model.

        Returns
        -------
        DataFrame
            Columns gross and net. Rows annual_growth (compound), annual_volatility, sharpe (the
            sample's, of excess returns over the backtest's risk-free rate), largest_drawdown,
            annual_turnover (value bought plus value sold in a year, in multiples of equity), and
            annual_commission, annual_slippage and annual_borrow, in fractions of equity. A Sharpe
            ratio of returns that do not move is NaN.
        """
        return pd.DataFrame(
            {
                "gross": self._metrics(self.gross_returns, 0.0),
                "net": self._metrics(self.returns, 1.0),
            }
        )

    def _metrics(self, returns: pd.Series[float], paid: float) -> dict[str, float]:
        q = self.periods_per_year
        plain = performance(returns, q)
        excess = returns.to_numpy() - self.terms.period_risk_free_rate(q)
        spread = 0.0 if is_constant(returns.to_numpy()) else float(excess.std(ddof=1))
        sharpe = float(np.sqrt(q) * excess.mean() / spread) if spread > 0.0 else float("nan")
        return {
            "annual_growth": plain.annual_growth,
            "annual_volatility": plain.annual_volatility,
            "sharpe": sharpe,
            "largest_drawdown": plain.largest_drawdown,
            "annual_turnover": q * float(self.turnover.mean()),
            **{f"annual_{kind}": paid * q * float(self.costs[kind].mean()) for kind in self.costs},
        }

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw equity before and after costs, and the drawdown."""
        paid = self.costs.to_numpy().any()
        before = (1.0 + self.gross_returns).cumprod() if paid else None
        return equity_figure(self.name, self.equity, self.drawdown, before, ax)
