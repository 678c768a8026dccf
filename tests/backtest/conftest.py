from __future__ import annotations

import numpy as np
import pytest

import puffin as pf
from puffin import backtest


@pytest.fixture(scope="module")
def prices():
    return pf.datasets.load_equities()[["KO", "PEP", "XOM"]].loc["2015":"2018"]


@pytest.fixture(scope="module")
def result(prices):
    weights = np.sign(prices / prices.shift(20) - 1.0).dropna() / 3
    return backtest.run(
        weights, prices, name="trend", commission_bps=1, slippage_bps=2, borrow_rate=0.01,
        risk_free_rate=0.02,
    )  # fmt: skip
