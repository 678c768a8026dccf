"""The nine series, and the days of each that are forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.data import index_log_returns

__all__ = ["SERIES", "Series"]

_BEFORE, _FORECAST = 2_500, 750
_EVERY = 4


@dataclass(frozen=True)
class Series:
    """Daily log returns in percent.

    Attributes
    ----------
    load : callable
        Returns all of them, those before the first forecast too.
    days : int
        The last so many are forecast.
    """

    load: Callable[[], pd.Series[float]]
    days: int = _FORECAST

    def returns(self, days: int | None) -> tuple[pd.Series[float], int]:
        """Return returns, and the position of the first to forecast; of `days` at most."""
        returns = self.load()
        first = len(returns) - self.days
        return returns.iloc[: None if days is None else first + days], first


def _sp500() -> pd.Series[float]:
    return 100.0 * index_log_returns(5_030)


def _of_prices(prices: pd.Series[float]) -> pd.Series[float]:
    known = prices.dropna()
    return 100.0 * known.transform(np.log).diff().iloc[-(_BEFORE + _FORECAST) :]


def _nasdaq() -> pd.Series[float]:
    from arch.data import nasdaq

    return _of_prices(nasdaq.load()["Adj Close"])


def _wti() -> pd.Series[float]:
    from arch.data import wti

    return _of_prices(wti.load()["DCOILWTICO"])


def _equity(ticker: str) -> Callable[[], pd.Series[float]]:
    from puffin.datasets import load_equities

    return lambda: _of_prices(load_equities()[ticker])


def _simulated() -> pd.Series[float]:
    """Returns as wild as a crypto-currency's, of a law that no model here has.

    The log-variance is a slow AR(1) process and a fast one, around 4% a day; errors are Student-t
    with 4 degrees of freedom.
    """
    stream, count = np.random.default_rng(2_024), _BEFORE + _FORECAST
    log_variance = np.full(count, 2.0 * np.log(4.0))
    for phi, sd in ((0.995, 0.7), (0.85, 0.6)):
        shocks = sd * np.sqrt(1.0 - phi**2) * stream.standard_normal(count)
        state = sd * stream.standard_normal()
        for t in range(count):
            state = phi * state + shocks[t]
            log_variance[t] += state
    errors = stream.standard_t(4.0, count) / np.sqrt(2.0)
    days = pd.date_range("2010-01-01", periods=count, name="date")
    return pd.Series(np.exp(0.5 * log_variance) * errors, days, name="simulated")


def _tickers() -> list[str]:
    """Return every fourth of the large caps, in the alphabet's order."""
    from puffin.datasets import load_equities

    return sorted(load_equities().columns)[::_EVERY]


SERIES = {
    "S&P 500": Series(_sp500, days=2_769),
    "NASDAQ": Series(_nasdaq),
    "WTI": Series(_wti),
    **{ticker: Series(_equity(ticker)) for ticker in _tickers()},
    "simulated": Series(_simulated),
}
