"""The backtest's engine as a ledger of shares and cash, in plain Python."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq


def ledger(prices, targets, decided, trading_cost, borrow_rate, interest_rate):
    """Return equity at every bar, from 1: row k of `targets` is filled at bar k + 1."""
    shares, cash, equity = np.zeros(prices.shape[1]), 1.0, [1.0]
    for bar in range(1, len(prices)):
        fee = borrow_rate * np.sum(np.maximum(-shares * prices[bar - 1], 0.0))
        cash += interest_rate * cash - fee
        before = cash + shares @ prices[bar]
        if decided[bar - 1]:
            held, wanted = shares * prices[bar], targets[bar - 1]

            def unpaid(after, before=before, held=held, wanted=wanted):
                return after + trading_cost * np.abs(wanted * after - held).sum() - before

            after = brentq(unpaid, 0.0, before, xtol=1e-15)
            shares = wanted * after / prices[bar]
            cash = after - shares @ prices[bar]
        equity.append(cash + shares @ prices[bar])
    return np.array(equity)
