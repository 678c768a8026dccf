"""The risk of each of many columns, each with a store of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress, Silence
from puffin.findings.risk import find_risk
from puffin.findings.risk_words import model_in_words
from puffin.findings.settings import AnalysisSettings
from puffin.risk import PositionRule
from puffin.risk.history import forecast_columns
from puffin.risk.tail_risk import LEVELS

__all__ = ["ColumnRisk", "find_risks", "store_of"]

_LONGEST = 200
"""Characters of a directory's name; file systems have 255 bytes."""


@dataclass(frozen=True)
class ColumnRisk:
    """What is kept of a column's `DailyRisk`: the model stays in its store.

    Attributes
    ----------
    date : str
        Of the last return.
    now : dict of str to float
        The forecast: see `puffin.risk.daily.risk_row`.
    added : int
        Rows that are new in the store.
    fitted : bool
        Whether the model was fitted, and not updated.
    revised : tuple of str
    doubts : tuple of str
    model : str
        What it is, in words.
    """

    date: str
    now: dict[str, float]
    added: int
    fitted: bool
    revised: tuple[str, ...]
    doubts: tuple[str, ...]
    model: str


def find_risks(
    returns: Mapping[str, pd.Series[float]],
    rule: PositionRule,
    settings: AnalysisSettings,
    progress: Progress,
    *,
    from_prices: bool = False,
    store: Path | None = None,
    refit: bool = False,
    average: bool = False,
) -> tuple[dict[str, ColumnRisk], dict[str, str]]:
    """Return the forecast of each column as `find_risk` does, and why some have none."""

    def estimate(series: pd.Series[float], settings: AnalysisSettings) -> ColumnRisk:
        place = None if store is None else store_of(store, str(series.name))
        try:
            found = find_risk(
                series, rule, settings, Silence(), from_prices=from_prices, store=place,
                refit=refit, average=average,
            )  # fmt: skip
        except TypeError as error:  # such as a rule that its dates do not go with
            raise ValueError(str(error)) from error
        forecast = {name: float(found.now[name]) for name in forecast_columns(LEVELS)}
        return ColumnRisk(
            str(found.history.index[-1]), forecast, found.added, found.fitted, found.revised,
            found.model.doubts, model_in_words(found.model),
        )  # fmt: skip

    return estimate_each(returns, "Risk of", estimate, settings, progress)


def store_of(store: Path, name: str) -> Path:
    """Return the directory of a column in that of many: its name, as a file can have it."""
    text = quote(name, safe=" ()&+,;=@")
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "~" + hashlib.blake2b(name.encode(), digest_size=8).hexdigest()
    return store / (text.replace(".", "%2E") if not text.strip(".") else text)
