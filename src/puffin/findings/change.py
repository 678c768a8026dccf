"""Whether the Sharpe ratios of live strategies are still those of their backtests."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.models.monitoring import SharpeChange, sharpe_change

__all__ = ["sharpe_changes"]


def sharpe_changes(
    returns: Mapping[str, pd.Series[float]],
    first_live: Mapping[str, pd.Timestamp | int],
    settings: AnalysisSettings,
    progress: Progress,
    *,
    change_sd: float,
    certainty: float,
) -> tuple[dict[str, SharpeChange], dict[str, str]]:
    """Return what is known of each strategy, and why nothing is of some.

    `first_live` is where each backtest ends: the first live date, or the number of returns before.
    `change_sd` and `certainty` are as in `puffin.sharpe_change`.
    """

    def estimate(series: pd.Series[float], settings: AnalysisSettings) -> SharpeChange:
        try:
            return sharpe_change(
                series,
                first_live[str(series.name)],
                settings.samples,
                settings.risk_free_rate,
                change_sd=change_sd,
                certainty=certainty,
                periods_per_year=settings.periods_per_year,
                hdi_prob=settings.hdi_prob,
                distribution=settings.distribution,
                autocorrelation=settings.autocorrelation,
                engine=settings.engine,
                cores=settings.cores,
                random_seed=settings.seed,
            )
        except TypeError as error:  # such as dates with a time zone against one without
            raise ValueError(str(error)) from error

    return estimate_each(returns, "Watching", estimate, settings, progress)
