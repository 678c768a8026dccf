r"""Positions through time, as arrays: what target weights earn, and what trading them costs.

Period k leads from bar k to bar k+1. All amounts are fractions of equity, so that nothing grows or
shrinks out of range.

1. During the period each held weight w earns its asset's return, cash :math:`1 - \sum w` earns
   interest (or pays it), short positions pay the borrow fee.
2. At its end the weights have drifted to u, as fractions of the equity B before trading.
3. If a decision is due, its targets w are filled at that bar's prices. Trading costs c times what
   is traded and is paid out of equity, of which the fraction f is left:

   .. math:: f = 1 - c \sum_i |w_i f - u_i|

   so that after the trade the weights are exactly the targets. The right side less the left is
   piecewise linear, concave and decreasing in f: Newton's method from f = 1 is exact after at most
   as many steps as there are assets. The sum is over the assets that are traded; what is left as it
   is, u, is then :math:`u / f` of the equity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.compiling.kernels import kernel, part

__all__ = ["Simulation", "simulate"]


class Simulation(NamedTuple):
    """What happened in every period; fractions of the equity at the start of the period.

    Attributes
    ----------
    gross : ndarray of shape (n_periods,)
        Return before costs.
    borrow : ndarray of shape (n_periods,)
        Fee for short positions.
    trading : ndarray of shape (n_periods,)
        Cost of the trade at the period's end.
    turnover : ndarray of shape (n_periods,)
        Value bought and sold at the period's end, as a fraction of the equity just before.
    weights : ndarray of shape (n_periods, n_assets)
        Held after that trade.
    ruined : int
        The first period that leaves no equity, where the simulation stops; -1 if none does.
    """

    gross: Array
    borrow: Array
    trading: Array
    turnover: Array
    weights: Array
    ruined: int


class Rates(NamedTuple):
    """What a unit of value costs to trade, and to borrow and lend for one period."""

    trading: float
    borrow: float
    interest: float


def simulate(
    relatives: Array,
    targets: Array,
    decided: NDArray[np.bool_],
    trading_cost: float,
    borrow_rate: float,
    interest_rate: float,
) -> Simulation:
    """Hold, and trade at the end of each period for which there is a decision.

    Parameters
    ----------
    relatives : ndarray of shape (n_periods, n_assets)
        Price at the end of the period over the price at its start; anything finite where the asset
        is not held.
    targets : ndarray of shape (n_periods, n_assets)
        Weights to be filled at the end of the period, NaN for what is left as it is; read where
        `decided`.
    decided : ndarray of bool, shape (n_periods,)
    trading_cost : float
        Of each unit of value traded; times the sum of absolute targets it must be below 1.
    borrow_rate, interest_rate : float
        Of one period.
    """
    periods, assets = relatives.shape
    gross, borrow, trading, turnover = np.zeros((4, periods))
    found = Simulation(gross, borrow, trading, turnover, np.zeros((periods, assets)), -1)
    rates = Rates(trading_cost, borrow_rate, interest_rate)
    relatives, targets = np.ascontiguousarray(relatives), np.ascontiguousarray(targets)
    held = np.zeros(assets)
    return found._replace(ruined=int(_simulate(relatives, targets, decided, rates, held, found)))


@kernel
def _simulate(
    relatives: Array,
    targets: Array,
    decided: NDArray[np.bool_],
    rates: Rates,
    held: Array,
    found: Simulation,
) -> int:
    """Fill in `found`, and return the period of ruin; `held`, weights, are zero at first."""
    periods, assets = relatives.shape
    for k in range(periods):
        gain, cash, short = 0.0, 1.0, 0.0
        for i in range(assets):
            gain += held[i] * (relatives[k, i] - 1.0)
            cash -= held[i]
            short += max(-held[i], 0.0)
        found.gross[k] = gain + cash * rates.interest
        found.borrow[k] = short * rates.borrow
        before = 1.0 + found.gross[k] - found.borrow[k]
        if not before > 0.0:
            return k
        for i in range(assets):
            held[i] *= relatives[k, i] / before
        if decided[k]:
            left = _left_after_trading(held, targets, k, rates.trading)
            for i in range(assets):
                if np.isnan(targets[k, i]):
                    held[i] /= left
                else:
                    found.turnover[k] += abs(targets[k, i] * left - held[i])
                    held[i] = targets[k, i]
            found.trading[k] = rates.trading * found.turnover[k] * before
            if not rates.trading * found.turnover[k] < 1.0:
                return k
        for i in range(assets):
            found.weights[k, i] = held[i]
    return -1


@part
def _left_after_trading(drifted: Array, targets: Array, k: int, trading_cost: float) -> float:
    """Return the f that solves f + c sum |w f - u| = 1, with w in row k of the targets."""
    left = 1.0
    for _ in range(drifted.size + 1):
        excess, slope = left - 1.0, 1.0
        for i in range(drifted.size):
            if np.isnan(targets[k, i]):
                continue
            trade = targets[k, i] * left - drifted[i]
            excess += trading_cost * abs(trade)
            slope += trading_cost * (targets[k, i] if trade > 0.0 else -targets[k, i])
        following = left - excess / slope
        if not following < left:
            break
        left = following
    return left
