"""What the command `risk` does: the forecast of one series, from a store if there is one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from puffin.cli.columns import Columns
from puffin.cli.failures import BadInputError, say
from puffin.cli.layout import print_lines, print_titled, stdout_console
from puffin.cli.machine import dump
from puffin.cli.progress import progress_bar
from puffin.findings.numbers import decimal, percent, small_percent
from puffin.findings.periods import period_noun
from puffin.findings.settings import AnalysisSettings, with_periods
from puffin.findings.volatility import log_returns
from puffin.models.volatility import StochasticVolatilityModel
from puffin.risk import DailyRisk, PositionRule, daily_risk, kupiec_test, risk_row
from puffin.risk.tail_risk import LEVELS

__all__ = ["RiskOptions", "run_risk"]

_ENOUGH_FOR_TEST = 100


@dataclass(frozen=True)
class RiskOptions:
    """What is asked, besides the settings that all commands share.

    Attributes
    ----------
    store : Path or None
    from_prices : bool
        Whether the returns are log returns of prices.
    anew : bool
    target_volatility, max_leverage, band : float
    """

    store: Path | None
    from_prices: bool
    anew: bool
    target_volatility: float
    max_leverage: float
    band: float


def run_risk(
    columns: Columns, settings: AnalysisSettings, options: RiskOptions, as_json: bool
) -> None:
    """Show volatility, value at risk, expected shortfall and position for the next period."""
    name, returns = _only(columns)
    settings = with_periods(settings, {name: returns})
    if options.from_prices:
        returns = log_returns(returns)
    rule = PositionRule(
        options.target_volatility, options.max_leverage, options.band, settings.periods
    )
    try:
        with progress_bar() as bar:
            bar.expect(1)
            bar.begin(f"Risk of {name}")
            found = _find(returns, settings, options, rule)
    except (TypeError, ValueError) as error:
        raise BadInputError(str(error)) from None
    for revision in found.revised:
        say("note", f"{revision} The model still has them as they were; --anew fits it again.")
    if as_json:
        print(dump({"strategy": name, **_record(found)}, settings, {}))
        return
    console = stdout_console()
    _print_now(console, name, found, settings, options)
    print_lines(console, _notes(found, settings, options))


def _only(columns: Columns) -> tuple[str, pd.Series[float]]:
    if len(columns.returns) > 1:
        names = ", ".join(map(repr, list(columns.returns)[:12]))
        raise BadInputError(f"risk is of one column; choose it with --column from {names}.")
    if columns.rejected:
        raise BadInputError(" ".join(columns.rejected.values()))
    [(name, returns)] = columns.returns.items()
    return name, returns


def _find(
    returns: pd.Series[float], settings: AnalysisSettings, options: RiskOptions, rule: PositionRule
) -> DailyRisk:
    asked = settings.volatility
    model = StochasticVolatilityModel(asked.distribution, asked.leverage)
    loss = "wealth" if options.from_prices else "return"
    draws: dict[str, Any] = {
        "samples": asked.samples,
        "cores": settings.cores,
        "random_seed": settings.seed,
    }
    if options.store is not None:
        return daily_risk(
            returns, options.store, model=model, rule=rule, loss=loss, anew=options.anew, **draws
        )
    model.fit(returns, **draws)
    row = pd.DataFrame(
        [risk_row(model, rule, loss=loss)],
        index=pd.Index([_label(returns.index[-1])], name="date"),
    )
    return DailyRisk(row, 1, (), model, fitted=True)


def _label(label: Any) -> str:
    return f"{label:%Y-%m-%d}" if isinstance(label, pd.Timestamp) else str(label)


def _record(found: DailyRisk) -> dict[str, Any]:
    return {
        "date": found.history.index[-1],
        "risk": found.now.to_dict(),
        "added": found.added,
        "fitted": found.fitted,
        "method": found.model.method,
        "revised": list(found.revised),
        "history": found.history.reset_index().to_dict("records"),
    }


def _print_now(
    console: Console, name: str, found: DailyRisk, settings: AnalysisSettings, options: RiskOptions
) -> None:
    now, noun = found.now, period_noun(settings.periods)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    rows = [
        (f"volatility, next {noun}", small_percent(now["volatility"]), ""),
        (
            "a year",
            percent(now["annual_volatility"]),
            f"{percent(now['annual_volatility_low'])} to {percent(now['annual_volatility_high'])}",
        ),
    ]
    for level in LEVELS:
        beyond = f"expected beyond it {small_percent(now[f'expected_shortfall_{level:g}'])}"
        rows.append(
            (
                f"value at risk, {level:.0%}",
                small_percent(now[f"value_at_risk_{level:g}"]),
                "" if math.isnan(now[f"expected_shortfall_{level:g}"]) else beyond,
            )
        )
    rows.append(
        (
            f"position for {percent(options.target_volatility, 0)} a year",
            decimal(now["weight"], 3),
            _trade(found),
        )
    )
    for row in rows:
        table.add_row(*map(Text, row))
    print_titled(console, f"{name}: risk of the {noun} after {found.history.index[-1]}", table)


def _trade(found: DailyRisk) -> str:
    if len(found.history) < 2:
        return "of what there is to invest"
    before = float(found.history["weight"].iloc[-2])
    if before == found.now["weight"]:
        return "as before"
    return f"{decimal(before, 3)} before"


def _notes(found: DailyRisk, settings: AnalysisSettings, options: RiskOptions) -> list[str]:
    kind = "of what is invested" if options.from_prices else "as returns in the file"
    lines = [f"Losses are positive, {kind}."]
    if options.store is not None:
        how = "fitted" if found.fitted else "updated" if found.added else "as it was"
        rows = f"{found.added} new row{'' if found.added == 1 else 's'}"
        lines.append(f"{options.store}: {rows}; the model is {how}.")
        lines += _exceeded(found)
    if found.fitted:
        lines.append(f"Seed {settings.seed}.")
    return lines


def _exceeded(found: DailyRisk) -> list[str]:
    """Say how often losses were larger than the value at risk of the row before."""
    lines = []
    for level in LEVELS:
        at_risk = found.history[f"value_at_risk_{level:g}"].shift(1).iloc[1:]
        if len(at_risk) < 1:
            continue
        hits = found.history["return"].iloc[1:] < -at_risk
        line = f"Loss beyond the {level:.0%} value at risk in {int(hits.sum())} of {len(hits)} rows"
        if len(hits) >= _ENOUGH_FOR_TEST:
            line += f" (Kupiec's p-value {kupiec_test(hits, level).p_value:.2g})"
        lines.append(f"{line}.")
    return lines
