"""Which volatility model each strategy's returns speak for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.models.volatility import NotObservedWarning
from puffin.risk import VolatilityComparison, compare_volatility_models

__all__ = ["compare_models"]


def compare_models(
    returns: Mapping[str, pd.Series[float]],
    settings: AnalysisSettings,
    held_out: int | None,
    progress: Progress,
) -> tuple[dict[str, VolatilityComparison], dict[str, str]]:
    """Return the comparison of models of each series, and why some have none.

    Parameters
    ----------
    returns : mapping of name to Series
        As the models take them.
    held_out : int or None
        How many of the last returns are forecast one by one: see `compare_volatility_models`.
    """

    def compare(series: pd.Series[float], settings: AnalysisSettings) -> VolatilityComparison:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotObservedWarning)  # it is among the notes
            return compare_volatility_models(
                series,
                held_out=held_out,
                samples=settings.volatility.samples,
                cores=settings.cores,
                random_seed=settings.seed,
            )

    return estimate_each(returns, "Volatility models of", compare, settings, progress)
