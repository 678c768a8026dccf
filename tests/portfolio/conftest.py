from __future__ import annotations

import pytest

from puffin.portfolio import (
    PosteriorPrior,
)


@pytest.fixture(scope="module")
def returns(equity_returns):
    return equity_returns[["KO", "XOM", "JPM", "AAPL"]].iloc[-380:]


@pytest.fixture(scope="module")
def prior(returns):
    return PosteriorPrior(samples=500, random_state=1).fit(returns)
