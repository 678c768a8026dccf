"""How a backtest came by its returns: what was held, what was traded, what that cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from puffin.backtest.result import BacktestResult
from puffin.showing.numbers import count, decimal, percent, small_percent, with_minus
from puffin.showing.periods import period_noun

__all__ = ["Trading", "trading", "trading_story"]


@dataclass(frozen=True)
class Trading:
    """The trades of one backtest.

    Attributes
    ----------
    result : BacktestResult
    trips : DataFrame
        Its positions, as `BacktestResult.round_trips` has them.
    assets : DataFrame
        A row for each asset that was held, the largest contribution first: mean_weight, when it was
        held; share_held, of the periods; trips; contribution.
    share_of_gains : tuple of float
        Of the positions that were closed, those that gained; with the interval of its posterior.
    """

    result: BacktestResult
    trips: pd.DataFrame
    assets: pd.DataFrame
    share_of_gains: tuple[float, float, float]

    @property
    def closed(self) -> pd.DataFrame:
        """The positions that are closed."""
        return self.trips[self.trips["exit"].notna()]

    @property
    def annual_turnover(self) -> float:
        """Value bought plus value sold in a year, in multiples of equity."""
        return float(self.result.periods_per_year * self.result.turnover.mean())

    @property
    def annual_costs(self) -> pd.Series[float]:
        """Fractions of equity a year, by kind."""
        return self.result.periods_per_year * self.result.costs.mean()


def trading(result: BacktestResult, hdi_prob: float) -> Trading:
    """Return what is to be said of the trades of a backtest.

    The interval of the share of gains is that of the Beta posterior with Jeffreys' prior: of
    positions that have nothing to do with each other.
    """
    trips = result.round_trips()
    closed = trips[trips["exit"].notna()]
    gains = int((closed["contribution"] > 0.0).sum())
    low, high = stats.beta(gains + 0.5, len(closed) - gains + 0.5).interval(hdi_prob)
    share = gains / len(closed) if len(closed) else float("nan")
    return Trading(result, trips, _assets(result, trips), (share, float(low), float(high)))


def _assets(result: BacktestResult, trips: pd.DataFrame) -> pd.DataFrame:
    held = result.weights.iloc[:-1]
    counts = trips.groupby("asset").size()
    table = pd.DataFrame(
        {
            "mean_weight": held.where(held != 0.0).mean(),
            "share_held": (held != 0.0).mean(),
            "trips": counts.reindex(held.columns, fill_value=0).astype(int),
            "contribution": result.contributions.sum(),
        }
    )
    return table[table["share_held"] > 0.0].sort_values("contribution", ascending=False)


def trading_story(found: Trading, hdi_prob: float) -> list[str]:
    """Return how much was traded, what it cost, and how many positions paid."""
    result, costs = found.result, found.annual_costs
    noun = period_noun(result.periods_per_year)
    exposure = result.weights.iloc[:-1]
    sentences = [
        f"On average {_percent(exposure.abs().sum(axis=1).mean(), 0)} of equity was invested, "
        f"{_percent(exposure.sum(axis=1).mean(), 0)} net of what was short. In a year "
        f"{decimal(found.annual_turnover, 1)} times equity was bought or sold."
    ]
    paid = [f"{kind} {_small(cost)}" for kind, cost in costs.items() if cost > 0.0]
    sentences.append(
        f"Costs took {_small(float(costs.sum()))} of equity a year: {', '.join(paid)}."
        if paid
        else "It was charged no costs: what trading takes is not in these numbers."
    )
    closed = found.closed
    if closed.empty:
        return [*sentences, "No position was closed."]
    share, low, high = found.share_of_gains
    length = float(np.median(closed["periods"]))
    sentences.append(
        f"{count(len(closed))} position{'s were' if len(closed) > 1 else ' was'} closed, half of "
        f"them within {count(round(length))} {noun}{'' if round(length) == 1 else 's'}: "
        f"{_percent(share, 0)} with a gain ({percent(hdi_prob, 0)} interval {_percent(low, 0)} to "
        f"{_percent(high, 0)}), before costs."
    )
    return sentences


def _percent(value: float, digits: int) -> str:
    return with_minus(percent(float(value), digits))


def _small(value: float) -> str:
    return with_minus(small_percent(value))
