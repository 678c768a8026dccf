"""What is asked of the data: the arguments of the models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from puffin.reading import calendar_of
from puffin.validation import periods_per_year

if TYPE_CHECKING:
    from puffin.strategies.pairs_strategy import PairsStrategy

__all__ = [
    "AnalysisSettings",
    "PairSettings",
    "VolatilitySettings",
    "all_dates",
    "with_periods",
]

Returns = Mapping[str, "pd.Series[float]"]


@dataclass(frozen=True)
class VolatilitySettings:
    """The arguments of the volatility models.

    Attributes
    ----------
    distribution : {"student", "asymmetric", "normal"}
        Of the errors. With normal ones, a single large return must mean high volatility.
    leverage : bool
        Whether volatility may rise after losses more than after gains.
    samples : int
        Draws of each chain.
    horizon : int
        How many periods to forecast.
    jumps : bool
        Whether returns may jump beside their errors.
    loss : {"return", "wealth"}
        What value at risk is of: minus the return, or, of log returns, the fraction that is lost.
    """

    distribution: str = "student"
    leverage: bool = False
    samples: int = 1500
    horizon: int = 1
    jumps: bool = False
    loss: str = "return"


@dataclass(frozen=True)
class PairSettings:
    """How a pair is hedged, traded and charged; `puffin.strategies.PairsStrategy` says more.

    Attributes
    ----------
    commission_bps, slippage_bps : float
        Of the value traded, in basis points.
    borrow_rate : float
        Annual, for short positions.
    """

    method: str = "rolling"
    window: int = 60
    log_prices: bool = False
    entry_threshold: float = 2.0
    exit_threshold: float = 0.5
    zscore: str = "rolling"
    zscore_window: int = 20
    stop_threshold: float | None = None
    max_holding: int | None = None
    commission_bps: float = 1.0
    slippage_bps: float = 2.0
    borrow_rate: float = 0.005

    def strategy(self, y: str, x: tuple[str, ...]) -> PairsStrategy:
        """Return the strategy of one pair; errors of a rolling regression are AR(1)."""
        from puffin.strategies.pairs_strategy import PairsStrategy

        return PairsStrategy(
            y=y,
            x=x,
            window=self.window,
            method=self.method,
            errors="ar1" if self.method == "rolling" else "iid",
            log_prices=self.log_prices,
            entry_threshold=self.entry_threshold,
            exit_threshold=self.exit_threshold,
            zscore=self.zscore,
            zscore_window=self.zscore_window,
            stop_threshold=self.stop_threshold,
            max_holding=self.max_holding,
        )


@dataclass(frozen=True)
class AnalysisSettings:
    """The arguments of the models, the same for every strategy.

    Attributes
    ----------
    risk_free_rate : float
        Annual, as a fraction.
    periods_per_year : float or None
        None reads it off the dates.
    hdi_prob : float
    distribution : {"asymmetric", "student", "normal"}
        Of the returns that Sharpe ratios are of.
    autocorrelation : {"counted", "ignore", "ar1"}
        Of the single Sharpe ratios; in the comparison it is counted.
    pool : bool
        Whether the comparison shrinks the strategies towards each other.
    dates : {"own", "shared"}
        By which the comparison judges each strategy.
    samples : int
        Draws of each chain.
    engine : {"native", "pymc"}
    seed : int
    cores : int or None
    many : int
        From so many series on they are worked out in processes, `cores` of them, which take a
        second or two to begin. What is found is the same.
    details : int
        How many strategies, the best and the benchmark, a page shows one by one.
    split : str or Timestamp or None
        The date from which growth is forecast and compared with what came; None for the last year.
    regimes : bool
        Whether a page shows regimes too.
    skill : bool
        Whether strategies are weighed by each other: which have skill, and what luck did.
    portfolio : bool
        Whether a report looks at all strategies held together, in equal parts.
    volatility : VolatilitySettings
        They have draws of their own, which cost more; the rest is as above.
    calendars : mapping of str to float
        The periods a year of strategies that have not as many as the others.
    """

    risk_free_rate: float = 0.0
    periods_per_year: float | None = None
    hdi_prob: float = 0.94
    distribution: str = "asymmetric"
    autocorrelation: str = "counted"
    pool: bool = False
    dates: str = "own"
    samples: int = 5000
    engine: str = "native"
    seed: int = 0
    cores: int | None = None
    many: int = 24
    details: int = 10
    split: str | pd.Timestamp | None = None
    regimes: bool = False
    skill: bool = False
    portfolio: bool = False
    volatility: VolatilitySettings = VolatilitySettings()
    calendars: Mapping[str, float] = field(default_factory=dict)

    @property
    def periods(self) -> float:
        """The periods of a year, once they are known."""
        if self.periods_per_year is None:
            raise ValueError("periods_per_year is not known yet; see with_periods.")
        return self.periods_per_year

    def periods_of(self, name: str) -> float:
        """Return the periods of a year of one strategy."""
        return self.calendars.get(name, self.periods)


def with_periods(settings: AnalysisSettings, returns: Returns) -> AnalysisSettings:
    """Return the settings with the periods of a year, read off the dates if need be.

    Rows that only others have count for a strategy too, if it has returns at that time of the week:
    it has none there because they are not known, or because it was not there yet.
    """
    if settings.periods_per_year is not None:
        return settings
    dates = all_dates(returns.values())
    if dates is None:
        return replace(settings, periods_per_year=periods_per_year(None))
    own = {name: periods_per_year(calendar_of(one.index, dates)) for name, one in returns.items()}
    [(usual, _)] = Counter(own.values()).most_common(1)
    others = {name: periods for name, periods in own.items() if periods != usual}
    return replace(settings, periods_per_year=usual, calendars=others)


def all_dates(series: Iterable[pd.Series[float]]) -> pd.DatetimeIndex | None:
    """Return the dates that any series has; None unless all have dates."""
    indexes = [one.index for one in series]
    if not all(isinstance(index, pd.DatetimeIndex) for index in indexes):
        return None
    dates = indexes[0]
    for index in indexes[1:]:
        dates = dates.union(index)
    return pd.DatetimeIndex(dates)
