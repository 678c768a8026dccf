"""The engine against a ledger of shares and cash."""

from __future__ import annotations

import numpy as np
import pytest

from puffin import backtest
from tests.backtest.plain_engine import ledger
from tests.backtest.random_market import random_market


def as_the_ledger(weights, prices):
    """Return a backtest whose equity is that of the plain ledger."""
    result = backtest.run(
        weights, prices, commission_bps=12, slippage_bps=7, borrow_rate=0.05, risk_free_rate=0.03
    )
    plain = ledger(
        prices.to_numpy(), weights.to_numpy(), weights.notna().all(axis=1).to_numpy(),
        19e-4, 0.05 / 252, 1.03 ** (1 / 252) - 1,
    )  # fmt: skip
    np.testing.assert_allclose(result.equity, plain, rtol=1e-11)
    return result


@pytest.mark.parametrize("seed", range(5))
def test_engine_is_the_ledger(seed):
    as_the_ledger(*random_market(seed))


@pytest.mark.filterwarnings("ignore:prices end while", "ignore:.*not traded for want of a price")
@pytest.mark.parametrize("seed", range(8))
def test_engine_is_the_ledger_where_prices_are_missing(seed):
    weights, prices = random_market(seed)
    stream = np.random.default_rng(seed)
    gaps = stream.random(prices.shape) < 0.1
    gaps[0] = False
    prices = prices.mask(gaps)
    prices.iloc[stream.integers(60, 110) :, 1] = np.nan
    weights["B"] = weights["B"].where(weights["B"].isna() | (prices.index < last(prices["B"])), 0.0)
    result = as_the_ledger(weights, prices)
    assert (result.weights["B"][prices.index > last(prices["B"])] == 0.0).all()


def last(column):
    return column.last_valid_index()
