"""Whether the Sharpe ratios of live strategies are still those of their backtests."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings, ChangeSettings
from puffin.models.monitoring import SharpeChange, sharpe_change

__all__ = ["sharpe_changes"]


def sharpe_changes(
    returns: Mapping[str, pd.Series[float]],
    asked: ChangeSettings,
    settings: AnalysisSettings,
    progress: Progress,
) -> tuple[dict[str, SharpeChange], dict[str, str]]:
    """Return what is known of each strategy, and why nothing is of some."""
    return estimate_each(
        returns, "Watching", lambda series: _change(series, asked, settings), progress
    )


def _change(
    returns: pd.Series[float], asked: ChangeSettings, settings: AnalysisSettings
) -> SharpeChange:
    try:
        return sharpe_change(
            returns,
            asked.first_live[str(returns.name)],
            settings.samples,
            settings.risk_free_rate,
            change_sd=asked.change_sd,
            certainty=asked.certainty,
            periods_per_year=settings.periods,
            hdi_prob=settings.hdi_prob,
            autocorrelation=settings.autocorrelation,
            engine=settings.engine,
            cores=settings.cores,
            random_seed=settings.seed,
        )
    except TypeError as error:  # such as dates with a time zone against one without
        raise ValueError(str(error)) from error
