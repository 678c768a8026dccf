"""Risk day by day: a store that is brought up to date, and what it says now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from puffin.inference.settings import Seed
from puffin.models.volatility.member import DailyModel
from puffin.progress import progress_bar
from puffin.risk.card import daily_card
from puffin.risk.history import DATE
from puffin.risk.past import history_before, history_up_to, known_past
from puffin.risk.period_forecast import usual_model
from puffin.risk.row_keys import on_clock_of, row_text
from puffin.risk.store import RiskStore, StoreError
from puffin.risk.tail_risk import LEVELS, LOSSES, tail_risk
from puffin.risk.terms import Terms
from puffin.risk.volatility_target import volatility_target
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import ReturnSeries, as_returns, choice, tail_levels

__all__ = ["DailyRisk", "PositionRule", "daily_risk", "risk_row"]

_KEPT_STATES = 10
_SAVED_EVERY = 50


@dataclass(frozen=True)
class PositionRule:
    """How much to hold, as in `volatility_target`.

    Attributes
    ----------
    target_volatility : float
        Annual, as a fraction.
    max_leverage, band : float
    periods_per_year : float or None
        None reads it off the dates.
    """

    target_volatility: float = 0.1
    max_leverage: float = 1.0
    band: float = 0.1
    periods_per_year: float | None = None


@dataclass(frozen=True, repr=False)
class DailyRisk(Shown):
    """What a day's run found.

    Attributes
    ----------
    history : DataFrame
        A row for each date at which a forecast was made, the last one now: see `risk_row`.
    added : int
        Rows that are new.
    revised : tuple of str
        What has changed in the returns since they were fitted; nothing of it is in the model.
    model : StochasticVolatilityModel or AveragedVolatilityModel
        Given all returns up to the last row.
    fitted : bool
        Whether it was fitted in this run, and not updated.
    backup : Path or None
        A copy of the history as it was, where it was not only added to: a spreadsheet had saved it
        its own way, say, or its last row was made again.
    """

    history: pd.DataFrame
    added: int
    revised: tuple[str, ...]
    model: DailyModel
    fitted: bool
    backup: Path | None = None

    def _card(self) -> Card:
        return daily_card(self)

    @property
    def now(self) -> pd.Series[Any]:
        """The last row."""
        return self.history.iloc[-1]


def daily_risk(
    returns: Any,
    store: str | os.PathLike[str],
    *,
    model: DailyModel | None = None,
    rule: PositionRule | None = None,
    levels: Sequence[float] = LEVELS,
    loss: str = "return",
    refit: bool = False,
    samples: int = 2000,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
) -> DailyRisk:
    """Bring a store up to date with returns, and return what it says now.

    The first time, the model is fitted to all returns. Later, it is read and updated with each
    return that came since, a row of the history for each. A run without new returns changes
    nothing; one that is killed loses nothing.

    Parameters
    ----------
    returns : array-like, pandas Series or polars Series, of shape (n_times,)
        Fractions; all of them, also those of days before.
    store : path
        A directory, made if it is not there.
    model : StochasticVolatilityModel or AveragedVolatilityModel, optional
        Which model to fit the first time, itself left alone; asymmetric Student-t errors with
        leverage by default. With regressors or measures it is `given` them in every run.
    rule : PositionRule, optional
    levels : sequence of float, default (0.01, 0.05)
        Probabilities of the tails.
    loss : {"return", "wealth"}
        As in `tail_risk`.
    refit : bool
        Whether to fit the model to all returns again, with what has changed in them.
    samples, cores, random_seed, progressbar
        As in every model; used when the model is fitted.

    Returns
    -------
    DailyRisk

    Raises
    ------
    StoreError
        If the store is in use, damaged, or of another model, unit, column or series: if none of
        the past is in the returns, or most of it differs. It is left as it was.
    ValueError, TypeError
        If an argument is invalid.
    OSError
        If the store cannot be written, or the disk is full. It is left as it was.
    """
    rule = rule or PositionRule()
    template: DailyModel = model or usual_model()
    levels = tail_levels("levels", levels)
    choice("loss", loss, LOSSES)
    series = as_returns(returns)
    terms = Terms.of(series, template, levels, loss)
    if not os.fspath(store):
        raise ValueError("store is an empty path; name a directory, '.' for the current one.")
    place = RiskStore(Path(store))
    with place.locked():
        _check_terms(place.terms(), terms, refit)
        known = None if refit else place.model(type(template))
        options = {"samples": samples, "cores": cores, "random_seed": random_seed}
        if known is None:
            found = _first_run(place, series, template, terms, rule, options, progressbar)
        else:
            # A run that was killed while it fitted another model has left the terms of that one.
            _check_terms(Terms.of(known.fitted.series, known, levels, loss), terms, refit)
            _check_kinds(known, template)
            known = known.given_as(template)
            found = _later_run(place, series, known, terms, rule, progressbar)
    return found


def risk_row(
    model: DailyModel,
    rule: PositionRule,
    levels: Sequence[float] = LEVELS,
    loss: str = "return",
    held: float | None = None,
) -> dict[str, float]:
    """Return what a fitted model says of the next period, and how much to hold in it.

    Returns
    -------
    dict
        `return`, the last one known; `volatility` of the next period, and `annual_volatility` with
        the bounds `_low` and `_high` of its 94% interval; `value_at_risk_p` and
        `expected_shortfall_p` for each level p, losses positive; `weight`, held in the next period.
    """
    risk = tail_risk(model, levels, loss=loss).table
    position = volatility_target(
        model,
        rule.target_volatility,
        max_leverage=rule.max_leverage,
        held=held,
        band=rule.band,
        periods_per_year=rule.periods_per_year,
    )
    row = {
        "return": float(model.fitted.series.values[-1]),
        "volatility": model.volatility_forecast,
        "annual_volatility": position.volatility,
        "annual_volatility_low": position.volatility_low,
        "annual_volatility_high": position.volatility_high,
    }
    for kind in ("value_at_risk", "expected_shortfall"):
        for level in levels:
            value = risk[kind][level] if kind in risk else np.nan
            row[f"{kind}_{level:g}"] = float(value)
    return {**row, "weight": position.weight}


def _first_run(
    place: RiskStore,
    series: ReturnSeries,
    template: DailyModel,
    terms: Terms,
    rule: PositionRule,
    options: dict[str, Any],
    progressbar: bool,
) -> DailyRisk:
    history = history_before(place, series, terms.forecasts.levels)
    if place.terms() != terms:
        place.write_terms(terms)
    model = template.unfitted()
    model.fit(series.pandas, keep_states=_KEPT_STATES, progressbar=progressbar, **options)
    label = row_text(series, -1, series)
    history = _appended(history, label, _row(model, rule, terms, history))
    backup = place.write(history, model)
    return DailyRisk(history, 1, (), model, True, backup)


def _later_run(
    place: RiskStore,
    series: ReturnSeries,
    model: DailyModel,
    terms: Terms,
    rule: PositionRule,
    progressbar: bool,
) -> DailyRisk:
    known = model.fitted.series
    past = known_past(place, known, series)
    history = history_up_to(place, known, terms.forecasts.levels)
    later, backups = past.later, []
    if not later.size:
        return DailyRisk(history, 0, past.revisions(), model, fitted=False)
    values = on_clock_of(known, series).pandas
    with progress_bar("Updating", later.size, progressbar) as advance:
        for count, t in enumerate(later, start=1):
            model.update(values.iloc[t : t + 1])
            label = row_text(series, int(t), known)
            history = _appended(history, label, _row(model, rule, terms, history))
            if count % _SAVED_EVERY == 0 or count == later.size:
                backups.append(place.write(history, model))
            advance(1)
    backup = next((one for one in backups if one is not None), None)
    return DailyRisk(history, int(later.size), past.revisions(), model, False, backup)


def _row(
    model: DailyModel, rule: PositionRule, terms: Terms, history: pd.DataFrame
) -> dict[str, float]:
    held = float(history["weight"].iloc[-1]) if len(history) else None
    return risk_row(model, rule, terms.forecasts.levels, terms.forecasts.loss, held)


def _appended(history: pd.DataFrame, label: str, row: dict[str, float]) -> pd.DataFrame:
    latest = pd.DataFrame([row], index=pd.Index([label], name=DATE))
    if not len(history):
        return latest
    own = {name: "" for name in history.columns if name not in latest}
    return pd.concat([history, latest.assign(**own)])


def _check_kinds(known: DailyModel, asked: DailyModel) -> None:
    for name, model in known.members.items():
        kind, other = type(model).__name__, type(asked.members[name]).__name__
        if kind != other:
            raise StoreError(
                f"The store has {name!r} as a {kind}; found a {other}. Use another directory, or "
                "refit (refit=True)."
            )


def _check_terms(kept: Terms | None, asked: Terms, refit: bool) -> None:
    difference = None if kept is None else kept.difference(asked, refit)
    if difference is not None:
        raise StoreError(difference)
