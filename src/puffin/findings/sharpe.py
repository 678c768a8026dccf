"""Sharpe ratios, each on its own and of several side by side, as the settings ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from puffin.findings.each import FAILURES, estimate_each
from puffin.findings.progress import Progress
from puffin.findings.quantity import SignedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.models.comparison import StrategyComparison
from puffin.models.comparison.comparison import strategy_comparison
from puffin.models.sharpe import SharpePosterior, bayesian_sharpe

__all__ = [
    "compare",
    "compare_on_shared_dates",
    "estimate_sharpe",
    "sharpe_difference",
    "sharpe_ratios",
]

Returns = Mapping[str, "pd.Series[float]"]


def sharpe_ratios(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> tuple[dict[str, SharpePosterior], dict[str, str]]:
    """Return the posterior of each annual Sharpe ratio, and why some have none."""
    return estimate_each(returns, "Sharpe ratio of", estimate_sharpe, settings, progress)


def estimate_sharpe(returns: pd.Series[float], settings: AnalysisSettings) -> SharpePosterior:
    """Return the posterior of the annual Sharpe ratio of one series."""
    return bayesian_sharpe(
        returns,
        settings.samples,
        settings.risk_free_rate,
        periods_per_year=settings.periods_of(str(returns.name)),
        hdi_prob=settings.hdi_prob,
        distribution=settings.distribution,
        autocorrelation=settings.autocorrelation,
        engine=settings.engine,
        cores=settings.cores,
        random_seed=settings.seed,
    )


def compare(returns: Returns, settings: AnalysisSettings, progress: Progress) -> StrategyComparison:
    """Return the joint posterior of the strategies' Sharpe ratios."""
    progress.expect(1)
    progress.begin(f"Comparing {len(returns)} strategies")
    return strategy_comparison(
        pd.DataFrame(dict(returns)),
        settings.samples,
        risk_free_rate=settings.risk_free_rate,
        periods_per_year=None if settings.calendars else settings.periods_per_year,
        hdi_prob=settings.hdi_prob,
        distribution=settings.distribution,
        autocorrelation=settings.autocorrelation,
        pool=settings.pool,
        dates=settings.dates,
        engine=settings.engine,
        cores=settings.cores,
        random_seed=settings.seed,
    )


def compare_on_shared_dates(
    returns: Returns, settings: AnalysisSettings, progress: Progress
) -> StrategyComparison | None:
    """Return the comparison by the dates that all have; None where these are too few."""
    try:
        return compare(returns, replace(settings, dates="shared"), progress)
    except FAILURES:
        return None


def sharpe_difference(comparison: StrategyComparison, first: str, second: str) -> SignedQuantity:
    """Return the Sharpe ratio of the first strategy less that of the second, draw by draw."""
    place = comparison.strategies.index
    draws = comparison.draws[:, place(first)] - comparison.draws[:, place(second)]
    return SignedQuantity.of(draws, comparison.hdi_prob)
