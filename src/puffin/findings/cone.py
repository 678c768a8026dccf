"""Forecast and what came: growth since a date, as it was expected from the returns before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.findings.sharpe import estimate_sharpe
from puffin.findings.simulated_returns import simulated_returns
from puffin.showing.checks import FEW_OBSERVATIONS

__all__ = ["Cone", "cones"]

_HISTORIES = 1000
_SAMPLES = 1000
_LEAST_AFTER = 20
_LARGEST_SHARE = 1.0 / 3.0


@dataclass(frozen=True)
class Cone:
    """The predictive distribution of growth after a date, and the growth that came.

    Attributes
    ----------
    split : label
        Of the last row that the forecast knows.
    expected : DataFrame
        What 1 becomes: a row for each period after the split, a column for each quantile, the
        lowest first; the median is in the middle.
    actual : Series
        What it became.
    rank : float
        Probability, by the forecast, of less than what it became in the end.
    """

    split: Any
    expected: pd.DataFrame
    actual: pd.Series[float]
    rank: float


def cones(
    returns: Mapping[str, pd.Series[float]], settings: AnalysisSettings, progress: Progress
) -> tuple[dict[str, Cone], dict[str, str]]:
    """Return the cone of each series, and why some have none.

    What is forecast is what came since the settings' split, where there is one; the last year, or
    the last third if that is less, where there is none.
    """
    settings = replace(settings, samples=min(settings.samples, _SAMPLES))
    return estimate_each(returns, "Looking back on", _cone, settings, progress)


def _cone(returns: pd.Series[float], settings: AnalysisSettings) -> Cone:
    ahead = _ahead(returns, settings)
    before, after = returns.iloc[: len(returns) - ahead], returns.iloc[len(returns) - ahead :]
    if len(before) < FEW_OBSERVATIONS or ahead < _LEAST_AFTER:
        raise ValueError(
            f"{len(before)} returns and {ahead} after them are too few to forecast these from "
            "those."
        )
    sharpe = estimate_sharpe(before, settings)
    simulated = simulated_returns(sharpe, ahead, _HISTORIES, settings.seed)
    growth = np.cumprod(1.0 + simulated, axis=0)
    actual = np.cumprod(1.0 + after.to_numpy())
    tail = 0.5 * (1.0 - settings.hdi_prob)
    levels = [tail, 0.25, 0.5, 0.75, 1.0 - tail]
    return Cone(
        split=before.index[-1],
        expected=pd.DataFrame(np.quantile(growth, levels, axis=1).T, after.index, levels),
        actual=pd.Series(actual, after.index),
        rank=float(np.mean(growth[-1] < actual[-1])),
    )


def _ahead(returns: pd.Series[float], settings: AnalysisSettings) -> int:
    """Return how many of the last returns are forecast."""
    year = round(settings.periods_of(str(returns.name)))
    dates = returns.index
    if settings.split is None:
        return min(year, int(_LARGEST_SHARE * len(returns)))
    if not isinstance(dates, pd.DatetimeIndex):
        raise ValueError("a split needs dates, and there are none.")
    split = pd.Timestamp(settings.split)
    split = split.tz_localize(None) if split.tz is not None else split
    return int((dates.tz_localize(None) >= split).sum())
