"""The real returns that all jobs run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

OBSERVATIONS = 1_000
STRATEGIES = 10


def index_returns() -> pd.Series[float]:
    """Daily returns of the S&P 500."""
    from puffin.datasets import load_sp500

    return load_sp500().pct_change().dropna().iloc[-OBSERVATIONS:]


def stock_returns(count: int = STRATEGIES) -> pd.DataFrame:
    """Daily returns of the first `count` of the US large caps."""
    from puffin.datasets import load_equities

    return load_equities().pct_change().dropna().iloc[-OBSERVATIONS:, :count]


def often_flat_returns() -> pd.Series[float]:
    """Daily returns of the S&P 500 on two days of each five, and nothing on the others."""
    import numpy as np

    returns = index_returns()
    return returns.where(np.arange(len(returns)) % 5 < 2, 0.0)


def regression_data() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Five stocks' returns, shape (1000, 5), and a sixth's, to be regressed on them."""
    returns = stock_returns(6).to_numpy()
    return returns[:, 1:].copy(), returns[:, 0].copy()
