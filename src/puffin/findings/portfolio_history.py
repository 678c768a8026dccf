"""Columns held together, by the next period and by all that were: what a report says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from puffin.findings.portfolio import Held, HeldTogether, find_portfolio
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.showing.numbers import decimal, percent, small_percent
from puffin.showing.periods import period_noun

__all__ = ["PortfolioHistory", "find_portfolio_history", "portfolio_story"]

_COLUMNS_A_FACTOR, _MOST_FACTORS = 2, 4


@dataclass(frozen=True)
class PortfolioHistory:
    """A portfolio now, and what it was.

    Attributes
    ----------
    now : HeldTogether
    path : DataFrame
        The portfolio's volatility of each period, given all returns: mean, low, high.
    correlation : DataFrame
        Of the assets, in the next period.
    usual_correlation : DataFrame
        The mean of those of all periods.
    """

    now: HeldTogether
    path: pd.DataFrame
    correlation: pd.DataFrame
    usual_correlation: pd.DataFrame

    @property
    def correlations(self) -> tuple[float, float]:
        """The mean over pairs of assets: in the next period, and usually."""
        upper = np.triu_indices(len(self.correlation), 1)
        now, usual = (
            float(table.to_numpy()[upper].mean())
            for table in (self.correlation, self.usual_correlation)
        )
        return now, usual


def find_portfolio_history(
    returns: Mapping[str, pd.Series[float]], settings: AnalysisSettings, progress: Progress
) -> PortfolioHistory:
    """Fit `MultivariateSV`, and look at equal parts of all columns.

    With a factor for every two columns, four at most: with fewer, pairs that share more than all
    do are missed, and with them a part of the risk.

    Raises
    ------
    ValueError
        If the model cannot be fitted.
    """
    asked = replace(settings, samples=settings.volatility.samples)
    factors = min(max(1, len(returns) // _COLUMNS_A_FACTOR), _MOST_FACTORS)
    now = find_portfolio(returns, Held(factors=factors), asked, progress)
    model, names = now.model, now.model.fitted.names
    path = model.portfolio_volatility(np.full(len(names), 1.0 / len(names)), settings.hdi_prob)
    every = model.correlation("smoothed").to_numpy().reshape(-1, len(names), len(names))
    correlation = model.correlation()
    usual = pd.DataFrame(every.mean(axis=0), correlation.index, correlation.columns)
    path = path.rename(columns={"hdi_low": "low", "hdi_high": "high"})
    return PortfolioHistory(now, path, correlation, usual)


def portfolio_story(found: PortfolioHistory, settings: AnalysisSettings) -> list[str]:
    """Return in sentences what a portfolio of equal parts may lose, and what that comes from."""
    now, noun = found.now, period_noun(settings.periods)
    mean = found.path["mean"]
    higher = float((mean > now.volatility).mean())
    level, row = next(iter(now.risk.table.iterrows()))
    pairs, usual = found.correlations
    shares = now.table["risk_share"].sort_values(ascending=False)
    common = float(now.factor_shares.sum())
    beyond = row.get("expected_shortfall")
    then = "" if beyond is None else f", and {small_percent(beyond)} on average when it does"
    return [
        f"All {len(now.table)} held in equal parts, restored each {noun}: volatility of the next "
        f"{noun} is {small_percent(now.volatility)}, {percent(now.annual)} a year; it was higher "
        f"than that in {percent(higher, 0)} of all {noun}s.",
        f"The next {noun}'s loss exceeds {small_percent(row['value_at_risk'])} with probability "
        f"{percent(float(str(level)), 0)}{then}.",
        f"Correlations are {decimal(pairs)} on average over pairs, and were {decimal(usual)} over "
        f"the whole time. Volatility is {percent(1.0 - now.volatility / now.undiversified, 0)} "
        "below what it would be if all moved as one.",
        f"What all have in common carries {percent(common, 0)} of the risk; most of any one comes "
        f"from {shares.index[0]}, {percent(float(shares.iloc[0]), 0)} of the whole.",
    ]
