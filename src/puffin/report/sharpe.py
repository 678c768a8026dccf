"""The Sharpe ratio of one series, as the settings ask for it."""

from __future__ import annotations

import pandas as pd

from puffin.models.sharpe import SharpePosterior, bayesian_sharpe
from puffin.report.settings import ReportSettings

__all__ = ["estimate_sharpe"]


def estimate_sharpe(returns: pd.Series[float], settings: ReportSettings) -> SharpePosterior:
    """Return the posterior of the annual Sharpe ratio of one series."""
    return bayesian_sharpe(
        returns,
        settings.samples,
        settings.risk_free_rate,
        periods_per_year=settings.periods,
        hdi_prob=settings.hdi_prob,
        autocorrelation=settings.autocorrelation,
        engine=settings.engine,
        cores=settings.cores,
        random_seed=settings.seed,
    )
