"""The risk of one series now, from a store if there is one, and how past forecasts did."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from puffin.findings.progress import Progress
from puffin.findings.settings import AnalysisSettings
from puffin.findings.volatility import log_returns
from puffin.models.volatility import (
    AveragedVolatilityModel,
    NotObservedWarning,
    StochasticVolatilityModel,
)
from puffin.models.volatility.member import DailyModel
from puffin.risk import DailyRisk, PositionRule, daily_risk, kupiec_test, risk_row
from puffin.risk.tail_risk import LEVELS

__all__ = ["Exceedances", "exceedances", "find_risk"]

_ENOUGH_FOR_TEST = 100


@dataclass(frozen=True)
class Exceedances:
    """How often a loss was larger than the value at risk that was forecast for its period.

    Attributes
    ----------
    level : float
        Probability of such a loss, by the forecasts.
    count, n_forecasts : int
    p_value : float or None
        Of Kupiec's test; None where there are too few forecasts for it.
    """

    level: float
    count: int
    n_forecasts: int
    p_value: float | None


def find_risk(
    returns: pd.Series[float],
    rule: PositionRule,
    settings: AnalysisSettings,
    progress: Progress,
    *,
    from_prices: bool = False,
    store: Path | None = None,
    refit: bool = False,
    average: bool = False,
) -> DailyRisk:
    """Return the forecast for the next period, and the history in the store if there is one.

    Parameters
    ----------
    returns : Series
        Simple returns; where they are `from_prices`, the model gets their logarithms.
    rule : PositionRule
    settings : AnalysisSettings
    progress : Progress
    from_prices : bool
    store : Path, optional
        The directory that keeps the model and the history of its forecasts.
    refit : bool
        Whether to fit the store's model again, to all returns.
    average : bool
        Whether the model is the average over every law of errors, without and with leverage.

    Raises
    ------
    ValueError, TypeError
        If the returns or the store cannot be used.
    """
    progress.expect(1)
    progress.begin(f"Risk of {returns.name}")
    if from_prices:
        returns = log_returns(returns)
    volatility = settings.volatility
    model: DailyModel = StochasticVolatilityModel(
        volatility.distribution, volatility.leverage, jumps=volatility.jumps
    )
    if average:
        model = AveragedVolatilityModel()
    loss = "wealth" if from_prices else "return"
    options: dict[str, Any] = {
        "samples": volatility.samples, "cores": settings.cores, "random_seed": settings.seed,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotObservedWarning)  # `risk_notes` has it
        if store is not None:
            return daily_risk(
                returns, store, model=model, rule=rule, loss=loss, refit=refit, **options
            )
        model.fit(returns, **options)
    last = returns.index[-1]
    label = f"{last:%Y-%m-%d}" if isinstance(last, pd.Timestamp) else str(last)
    row = pd.DataFrame([risk_row(model, rule, loss=loss)], index=pd.Index([label], name="date"))
    return DailyRisk(row, 1, (), model, fitted=True)


def exceedances(history: pd.DataFrame) -> list[Exceedances]:
    """Return how often losses went beyond each value at risk; nothing with a single row."""
    found = []
    for level in LEVELS:
        at_risk = history[f"value_at_risk_{level:g}"].shift(1).iloc[1:]
        if len(at_risk) < 1:
            continue
        beyond = history["return"].iloc[1:] < -at_risk
        enough = len(beyond) >= _ENOUGH_FOR_TEST
        p_value = kupiec_test(beyond, level).p_value if enough else None
        found.append(Exceedances(level, int(beyond.sum()), len(beyond), p_value))
    return found
