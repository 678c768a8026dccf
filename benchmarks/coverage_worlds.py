"""Series of returns to make worlds of: real ones, strategies, sellers of options, smoothed funds.

A world is a stationary bootstrap of a series (Politis & Romano 1994): blocks of random length from
random places. Its returns are real ones, clustered as they were, and its true Sharpe ratio is that
of the series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from puffin.datasets import load_equities, load_sp500

REAL = ("AAPL", "AMD", "BAC", "GE", "JPM", "JNJ", "KO", "RRC", "UNH", "XOM")
HELD_OUT = ("BBY", "CVX", "HD", "LLY", "MRK", "MSFT", "PEP", "PFE", "PG", "WMT")
"""Equities, beside NASDAQ and oil, that were not looked at while the model was made."""
DAYS, MONTHS = 252, 12
DAILY_SIZES, MONTHLY_SIZES, FACTOR_SIZES = (250, 1_000, 2_500), (120,), (120, 250, 500)


@dataclass(frozen=True)
class Source:
    """A series that worlds are made of."""

    group: str
    name: str
    returns: NDArray[np.float64]
    periods: int
    sizes: tuple[int, ...]

    @property
    def true_sharpe(self) -> float:
        """The annual Sharpe ratio of every world made of it."""
        return float(np.sqrt(self.periods) * self.returns.mean() / self.returns.std())

    def world(self, size: int, block: int, stream: np.random.Generator) -> NDArray[np.float64]:
        """Return a sample of a world, with blocks of this mean length."""
        length = self.returns.size
        starts, fresh = stream.integers(length, size=size), stream.random(size) < 1.0 / block
        fresh[0] = True
        begun = np.maximum.accumulate(np.where(fresh, np.arange(size), 0))
        return self.returns[(starts[begun] + np.arange(size) - begun) % length]


def sources() -> list[Source]:
    """Return all series, daily ones by the month too."""
    prices, index = load_equities(), load_sp500()
    returns = prices.pct_change().dropna()
    real = {**{name: returns[name] for name in REAL}, "S&P 500": index.pct_change().dropna()}
    built = {
        "trend": trend(returns.mean(axis=1)),
        "volatility target": volatility_target(returns.mean(axis=1)),
        "momentum": momentum(prices, returns),
        "pairs": pairs(prices["KO"], prices["PEP"], returns["KO"] - returns["PEP"]),
    }
    sellers = {"monthly puts": monthly_puts(index), "daily puts": daily_puts(index)}
    groups = {
        "real": real,
        "held out": {**{name: returns[name] for name in HELD_OUT}, **nasdaq_and_oil()},
        "strategies": built,
        "option sellers": sellers,
    }
    return [
        *(one for group, them in groups.items() for one in daily_and_monthly(group, them)),
        *factors(by_month(returns.mean(axis=1))),
    ]


def nasdaq_and_oil() -> dict[str, pd.Series[float]]:
    """Daily returns of the NASDAQ composite index, 1999-2018, and of WTI crude oil, 1986-2019."""
    from arch.data import nasdaq, wti

    prices = {"NASDAQ": nasdaq.load()["Adj Close"], "WTI": wti.load()["DCOILWTICO"]}
    return {name: series.dropna().pct_change().dropna() for name, series in prices.items()}


def daily_and_monthly(group: str, series: dict[str, pd.Series[float]]) -> list[Source]:
    both = []
    for name, returns in series.items():
        both.append(Source(group, name, returns.to_numpy(), DAYS, DAILY_SIZES))
        both.append(Source(group, name, by_month(returns).to_numpy(), MONTHS, MONTHLY_SIZES))
    return both


def by_month(returns: pd.Series[float]) -> pd.Series[float]:
    return (1.0 + returns).groupby(returns.index.to_period("M")).prod() - 1.0


def factors(equal_weight: pd.Series[float]) -> list[Source]:
    """Monthly factors of Fama and French since 1926, and funds whose values are smoothed."""
    from arch.data import frenchdata

    table = frenchdata.load().rename(columns=str.strip) / 100.0
    monthly = {name: table[name] for name in ("Mkt-RF", "SMB", "HML")}
    smoothed = {
        "equal weight, 3 months": smooth(equal_weight, (1 / 3, 1 / 3, 1 / 3)),
        "Mkt-RF, 3 months": smooth(table["Mkt-RF"], (1 / 3, 1 / 3, 1 / 3)),
        "HML, 3 months": smooth(table["HML"], (0.5, 0.3, 0.2)),
    }
    return [
        Source(group, name, returns.to_numpy(), MONTHS, FACTOR_SIZES)
        for group, them in (("monthly factors", monthly), ("smoothed funds", smoothed))
        for name, returns in them.items()
    ]


def smooth(returns: pd.Series[float], weights: tuple[float, ...]) -> pd.Series[float]:
    """What is reported where values lag: a moving average (Getmansky, Lo & Makarov 2004)."""
    return sum(weight * returns.shift(lag) for lag, weight in enumerate(weights)).dropna()


def trend(returns: pd.Series[float]) -> pd.Series[float]:
    """In the market above the average of 200 days, out of it below."""
    level = (1.0 + returns).cumprod()
    held = (level > level.rolling(200).mean()).shift(1, fill_value=False)
    return (returns * held).iloc[200:]


def volatility_target(returns: pd.Series[float]) -> pd.Series[float]:
    """As much of it as makes 10% a year, by the last 60 days; three times at most."""
    volatility = returns.rolling(60).std().shift(1) * np.sqrt(DAYS)
    return (returns * np.minimum(0.1 / volatility, 3.0)).dropna()


def momentum(prices: pd.DataFrame, returns: pd.DataFrame) -> pd.Series[float]:
    """Long the five best of twelve months but the last, short the five worst; by the month."""
    rank = (prices.shift(21) / prices.shift(DAYS) - 1.0).rank(axis=1).iloc[DAYS:]
    target = ((rank > 15).astype(float) - (rank <= 5).astype(float)) / 5.0
    held = target.groupby(target.index.to_period("M")).transform("first").shift(1)
    return (held * returns.loc[held.index]).sum(axis=1).iloc[1:]


def pairs(
    y: pd.Series[float], x: pd.Series[float], difference: pd.Series[float]
) -> pd.Series[float]:
    """Against the spread where it is 1.5 deviations from its mean of 120 days, until 0.3."""
    spread = np.log(y / x)
    scores = (spread - spread.rolling(120).mean()) / spread.rolling(120).std()
    held, position = np.zeros(len(scores)), 0.0
    for day, score in enumerate(scores.fillna(0.0)):
        if position == 0.0 and abs(score) > 1.5:
            position = -np.sign(score)
        elif position * score > -0.3:
            position = 0.0
        held[day] = position
    return (pd.Series(held, scores.index).shift(1) * difference).dropna().iloc[120:]


def monthly_puts(index: pd.Series[float]) -> pd.Series[float]:
    """Sell a put 5% out of the money every 21 days, marked daily at 1.1 times volatility and 2%."""
    prices = index.to_numpy()
    implied = np.maximum(1.1 * np.sqrt(DAYS) * recent_volatility(index) + 0.02, 0.10)
    gains, strike, value = np.zeros(prices.size), 0.95 * prices[0], 0.0
    for day in range(1, prices.size):
        left = 21 - (day - 1) % 21 - 1
        if left == 20:
            strike = 0.95 * prices[day - 1]
            value = put(prices[day - 1], strike, 21 / DAYS, implied[day - 1])
        marked = put(prices[day], strike, left / DAYS, implied[day])
        gains[day], value = 2.0 * (value - marked) / strike, marked
    return pd.Series(gains, index.index).iloc[63:]


def daily_puts(index: pd.Series[float]) -> pd.Series[float]:
    """Sell a put 1.5% out of the money every day, at 1.15 times what volatility makes it worth."""
    volatility, below = recent_volatility(index)[:-1], 0.015
    steps = -below / volatility
    density = np.exp(-0.5 * steps**2) / np.sqrt(2.0 * np.pi)
    premium = 1.15 * (volatility * density - below * ndtr(steps))
    losses = np.maximum(-below - index.pct_change().to_numpy()[1:], 0.0)
    return pd.Series(premium - losses, index.index[1:]).iloc[60:]


def put(price: float, strike: float, years: float, volatility: float) -> float:
    """Black and Scholes, without interest."""
    if years <= 0.0:
        return max(strike - price, 0.0)
    total = volatility * np.sqrt(years)
    upper = np.log(price / strike) / total + 0.5 * total
    return float(strike * ndtr(total - upper) - price * ndtr(-upper))


def recent_volatility(index: pd.Series[float]) -> NDArray[np.float64]:
    """Of daily returns, exponentially weighted."""
    squares = index.pct_change().fillna(0.01) ** 2
    return np.sqrt(squares.ewm(alpha=0.06, adjust=False).mean().to_numpy())
