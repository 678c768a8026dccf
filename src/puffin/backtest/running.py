"""From target weights and prices to costed returns."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd

from puffin.backtest.costs import CostOptions, Costs
from puffin.backtest.decisions import (
    Decisions,
    align_decisions,
    check_decided,
)
from puffin.backtest.engine import Simulation, simulate
from puffin.backtest.foresight import warn_of_foresight
from puffin.backtest.listing import check_listed, known_relatives, orders, warn_of_orders
from puffin.backtest.result import BacktestResult
from puffin.validation import (
    DataLike,
    PricePanel,
    as_prices,
    check_positive_prices,
    positive_number,
    text,
)
from puffin.validation import (
    periods_per_year as infer_periods_per_year,
)
from puffin.validation.index import row_label

__all__ = ["BankruptcyError", "run"]


class BankruptcyError(ValueError):
    """A backtest lost everything."""


def run(
    weights: DataLike,
    prices: DataLike,
    *,
    name: str = "strategy",
    periods_per_year: float | None = None,
    date: str | None = None,
    **costs: Unpack[CostOptions],
) -> BacktestResult:
    r"""Trade target weights at given prices, and return what is earned after costs.

    A weight is the fraction of equity in an asset: 1 is all of it, -0.5 is a short position of
    half of it; what they leave of 1 is cash. They may sum to anything.

    Prices are those at which bars end, so a weight in the row of bar t may use everything up to
    the close of t. It is too late to trade at that close, hence weights decided at t are filled at
    the close of t+1, and earn from there::

        bar              t               t+1              t+2
        close            |----------------|----------------|
        weights row t    decided          filled at        first return earned:
                                          this close       close t+1 to close t+2

    Nothing but the rows tells when a table of weights was decided. Weights that are right about the
    moves to come more often than anybody can be are pointed out (`puffin.backtest.foresight`), and
    that is all that can be checked here. `walk_forward` checks the strategy that makes them, and
    with ``train=1`` trades it like this from its second row on.

    Between trades nothing is bought or sold, so weights drift with prices. A row of NaN, or no row,
    is no new decision: hold. The backtest begins with the first row that decides something.

    At a fill, costs come out of equity, and after it the weights are exactly those asked for. If c
    is commission plus slippage, u the weights just before and B that equity, the equity left is
    :math:`B f` with :math:`f = 1 - c \sum_i |w_i f - u_i|`.

    An asset without a price is not traded: during a halt what is held of it stays, at its last
    price. One whose prices end is sold at the last of them, in the bar after. A weight on one that
    has no price yet, or no more, is an error.

    Parameters
    ----------
    weights : DataFrame or array-like of shape (n_rows, n_assets)
        On the dates of `prices`, all or some, and for its assets, all or some (those not named are
        not held). Without dates, row by row.
    prices : DataFrame or array-like of shape (n_rows, n_assets)
        Closes, adjusted for splits and dividends. NaN where an asset cannot be traded:
        `puffin.backtest.listing` says what then happens.
    name : str, default "strategy"
        What to call it in figures and tables.
    periods_per_year : float, optional
        By default read off the dates; 252 where there are none.
    date : str, optional
        The column that holds the dates of polars (or pandas) frames.
    commission_bps, slippage_bps : float, default 0
        Of the value traded, in basis points.
    borrow_rate, risk_free_rate : float, default 0
        Annual: the fee for short positions, and the interest on cash. See `Costs`.

    Returns
    -------
    BacktestResult

    Warns
    -----
    UserWarning
        If an asset leaves while it is held, decisions are not traded for want of a price, or
        weights are right as if they knew later prices.

    Raises
    ------
    ValueError, TypeError
        If weights and prices do not fit together, or an asset is asked for before its first price
        or after its last; the message says where first and what to do.
    BankruptcyError
        If equity falls to zero or below.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities()[["KO", "PEP"]].loc["2015":]
    >>> equal = prices.notna() * 0.5
    >>> result = pf.backtest.run(equal, prices, commission_bps=1, slippage_bps=2)
    >>> print(result.summary().loc["sharpe"].round(2).to_dict())
    {'gross': 0.65, 'net': 0.65}
    """
    name, terms = text("name", name), Costs(**costs)
    panel = as_prices(prices, date=date)
    check_positive_prices("prices", panel, "for returns to exist")
    decisions = align_decisions(weights, panel, date=date)
    check_decided(decisions)
    periods = (
        infer_periods_per_year(panel.index)
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year)
    )
    first = int(np.argmax(decisions.made))
    panel = panel[first:]
    decisions = Decisions(decisions.targets[first:], decisions.made[first:])
    check_listed(panel, decisions)
    _check_affordable(decisions, terms)
    traded = orders(panel, decisions)
    relatives = known_relatives(panel)
    simulation = simulate(
        relatives,
        traded.targets,
        traded.made,
        terms.commission + terms.slippage,
        terms.period_borrow_rate(periods),
        terms.period_risk_free_rate(periods),
    )
    _check_solvent(simulation, panel)
    warn_of_orders(panel, decisions, simulation.weights)
    warn_of_foresight(relatives[1:], simulation.weights[:-1], periods, stacklevel=2)
    return _result(simulation, panel, decisions, terms, periods, name)


def _check_affordable(decisions: Decisions, terms: Costs) -> None:
    exposure = float(np.abs(decisions.targets).sum(axis=1).max())
    if (terms.commission + terms.slippage) * exposure >= 1.0:
        raise ValueError(
            f"commission_bps and slippage_bps ({terms.commission_bps:g} and "
            f"{terms.slippage_bps:g}) cost all equity at weights whose sizes add up to "
            f"{exposure:g}; 100 basis points are one percent."
        )


def _check_solvent(simulation: Simulation, panel: PricePanel) -> None:
    ruined = simulation.ruined
    if ruined < 0:
        return
    exposure = float(np.abs(simulation.weights[max(ruined - 1, 0)]).sum())
    raise BankruptcyError(
        f"Equity is gone at {row_label(panel.index[ruined + 1])}: the period's return is "
        f"{simulation.gross[ruined]:.1%} before costs, on positions of {exposure:.3g} times "
        "equity. Use smaller weights."
    )


def _result(
    simulation: Simulation,
    panel: PricePanel,
    decisions: Decisions,
    terms: Costs,
    periods: float,
    name: str,
) -> BacktestResult:
    later, assets = panel.index[1:], panel.columns
    rate = terms.commission + terms.slippage
    commission = simulation.trading * (terms.commission / rate if rate > 0.0 else 0.0)
    costs = pd.DataFrame(
        {
            "commission": commission,
            "slippage": simulation.trading - commission,
            "borrow": simulation.borrow,
        },
        later,
    )
    net = simulation.gross - simulation.borrow - simulation.trading
    held = np.vstack([np.zeros(len(assets)), simulation.weights])
    gains = held[:-1] * (known_relatives(panel) - 1.0)
    return BacktestResult(
        name=name,
        returns=pd.Series(net, later, name=name),
        gross_returns=pd.Series(simulation.gross, later, name=name),
        equity=pd.Series(np.cumprod(np.concatenate([[1.0], 1.0 + net])), panel.index, name=name),
        weights=pd.DataFrame(held, panel.index, assets),
        targets=decisions.frame(panel),
        contributions=pd.DataFrame(gains, later, assets),
        turnover=pd.Series(simulation.turnover, later, name="turnover"),
        costs=costs,
        terms=terms,
        periods_per_year=periods,
    )
