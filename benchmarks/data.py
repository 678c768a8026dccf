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


def index_log_returns(count: int) -> pd.Series[float]:
    """Return the last `count` daily log returns of the S&P 500; there are 5,030."""
    import numpy as np

    from puffin.datasets import load_sp500

    return load_sp500().transform(np.log).diff().iloc[1:].iloc[-count:]


def simulated_log_returns(count: int) -> NDArray[np.float64]:
    """Returns with stochastic volatility: phi = 0.98, sigma = 0.2, 1% a day."""
    import numpy as np

    stream = np.random.default_rng(1)
    shocks, h, x = 0.2 * stream.standard_normal(count), np.empty(count), 0.0
    for t in range(count):
        x = 0.98 * x + shocks[t]
        h[t] = x
    return 0.01 * np.exp(0.5 * h) * stream.standard_normal(count)


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


def pair_prices(count: int) -> tuple[pd.Series[float], pd.Series[float]]:
    """Return the last `count` prices of KO and PEP."""
    from puffin.datasets import load_equities

    prices = load_equities().iloc[-count:]
    return prices["KO"], prices["PEP"]
