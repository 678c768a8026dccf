"""The backtest's engine as a ledger of shares and cash, in plain Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq


def ledger(prices, targets, decided, trading_cost, borrow_rate, interest_rate):
    """Return equity at every bar, from 1: row k of `targets` is filled at bar k + 1.

    An asset without a price keeps its last, and is not traded; after its last it is sold.
    """
    shares, cash, equity = np.zeros(prices.shape[1]), 1.0, [1.0]
    priced = ~np.isnan(prices)
    ends = np.array([np.flatnonzero(column)[-1] + 1 for column in priced.T])
    prices = pd.DataFrame(prices).ffill().fillna(1.0).to_numpy()
    for bar in range(1, len(prices)):
        fee = borrow_rate * np.sum(np.maximum(-shares * prices[bar - 1], 0.0))
        cash += interest_rate * cash - fee
        before = cash + shares @ prices[bar]
        sold = ends == bar
        if decided[bar - 1] or sold.any():
            held, wanted = shares * prices[bar], np.where(sold, 0.0, targets[bar - 1])
            traded = sold | (priced[bar] & decided[bar - 1])

            def unpaid(after, before=before, held=held, wanted=wanted, traded=traded):
                trades = (wanted * after - held)[traded]
                return after + trading_cost * np.abs(trades).sum() - before

            after = brentq(unpaid, 0.0, before, xtol=1e-15)
            shares = np.where(traded, wanted * after / prices[bar], shares)
            cash = after - shares @ prices[bar]
        equity.append(cash + shares @ prices[bar])
    return np.array(equity)
