"""What is shown of risk: tails, positions, stops, and forecasts and their tests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from puffin.showing.card import Card, Table
from puffin.showing.numbers import (
    decimal,
    percent,
    percent_interval,
    probability,
    significant,
    small_percent,
)
from puffin.showing.pictures import Sparkline
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.risk.daily import DailyRisk
    from puffin.risk.forecast_test import ForecastTest
    from puffin.risk.kelly import KellyFraction
    from puffin.risk.model_comparison_result import VolatilityComparison
    from puffin.risk.period_forecast import PeriodForecast
    from puffin.risk.rolling_result import RollingForecast
    from puffin.risk.scores import ScoreDifference
    from puffin.risk.stops import StopDistance
    from puffin.risk.tail_risk import TailRisk
    from puffin.risk.volatility_target import VolatilityTarget

__all__ = [
    "daily_card",
    "forecast_test_card",
    "kelly_card",
    "model_comparison_card",
    "period_card",
    "rolling_card",
    "score_card",
    "stop_card",
    "tail_card",
    "target_card",
]

_MOST_DOUBTS = 3


def tail_card(risk: TailRisk) -> Card:
    """Return value at risk and expected shortfall at each level, with Monte Carlo errors."""
    span = "the next period" if risk.horizon == 1 else f"the next {risk.horizon} periods"
    of = "wealth" if risk.loss == "wealth" else "the return's unit"
    said, rows = [], []
    for level, row in zip(risk.table.index, risk.table.to_dict("records"), strict=True):
        lost = [
            (significant(row.get(name)), _error(row.get(f"{name}_error")))
            for name in ("value_at_risk", "expected_shortfall")
        ]
        beyond = f", and then {lost[1][0]} on average" if "expected_shortfall" in row else ""
        said.append(f"with {_level(level)} probability more than {lost[0][0]}{beyond}")
        rows.append((_level(level), *lost[0], *lost[1]))
    return Card(
        "TailRisk",
        [f"Lost over {span}, in {of}: {'; '.join(said)}."],
        risk.doubts,
        Table(("level", "value at risk", "± error", "expected shortfall", "± error"), rows),
    )


def kelly_card(kelly: KellyFraction) -> Card:
    """Return the Kelly fraction by four reckonings."""
    return Card(
        "KellyFraction",
        [
            f"Wealth grows fastest with {percent(kelly.fraction)} of it held (Monte Carlo error "
            f"{_percent_error(kelly.error)}), nothing borrowed; the quadratic approximation, "
            f"{percent(kelly.quadratic)}, outgrows cash with {probability(kelly.prob_growth)} "
            "probability."
        ],
        kelly.doubts,
        Table(
            ("fraction of wealth", "all uncertainty", "plug-in"),
            [
                ("between 0 and 1", percent(kelly.fraction), percent(kelly.plug_in)),
                (
                    "quadratic, without limits",
                    percent(kelly.quadratic),
                    percent(kelly.quadratic_plug_in),
                ),
            ],
        ),
    )


def target_card(target: VolatilityTarget) -> Card:
    """Return the weight, and how volatile what is held will be."""
    level = percent(target.hdi_prob, 0)
    known = percent_interval(target.volatility_low, target.volatility_high)
    return Card(
        "VolatilityTarget",
        [
            f"Hold {decimal(target.weight)} of wealth in the next period: annual volatility "
            f"{small_percent(target.volatility)}, {level} between {known.replace(' to ', ' and ')};"
            f" that of the position is above the target with "
            f"{probability(target.prob_above_target)} probability."
        ],
        target.doubts,
        Table(
            ("weight", "of wealth"),
            [
                ("held", decimal(target.weight, 3)),
                ("wanted, without the band", decimal(target.wanted, 3)),
                ("by the expected volatility alone", decimal(target.plug_in, 3)),
            ],
        ),
    )


def stop_card(stop: StopDistance) -> Card:
    """Return how far from the price stops must be on either side."""
    sides = (("below, of what is held", stop.long, stop.long_error),
             ("above, of what is sold short", stop.short, stop.short_error))  # fmt: skip
    return Card(
        "StopDistance",
        [
            f"With {_level(stop.prob)} probability prices reach {small_percent(stop.long)} below "
            f"today's within {stop.horizon} periods, and with the same {small_percent(stop.short)} "
            "above."
        ],
        stop.doubts,
        Table(
            ("stop", "distance", "± error"),
            [(name, small_percent(one), _percent_error(error)) for name, one, error in sides],
        ),
    )


def forecast_test_card(test: ForecastTest) -> Card:
    """Return the p-value of a test of forecasts."""
    return Card(
        "ForecastTest",
        [
            f"{test.name}: p-value {decimal(test.p_value, 3)}, statistic "
            f"{decimal(test.statistic)}. Small p-values speak against the forecasts."
        ],
    )


def score_card(score: ScoreDifference) -> Card:
    """Return how much better a forecaster is than its rival."""
    side = "better" if score.mean >= 0.0 else "worse"
    return Card(
        "ScoreDifference",
        [
            f"The first is {side} than its rival by {significant(abs(score.mean))} a period, "
            f"standard error {significant(score.error)}, over {score.periods} periods; p-value "
            f"{decimal(score.p_value, 3)}."
        ],
    )


def period_card(one: PeriodForecast) -> Card:
    """Return what was forecast of a period, and what came."""
    return Card(
        "PeriodForecast",
        [
            f"{row_label(one.label)}: volatility {significant(one.volatility)} forecast; the "
            f"return that came, {significant(one.returned)}, had {probability(one.pit)} below it."
        ],
        [one.doubt] if one.doubt else [],
    )


def rolling_card(rolling: RollingForecast) -> Card:
    """Return the log score, and how many losses were beyond the value at risk."""
    table, levels = rolling.table, rolling.levels
    rows = [
        (
            _level(level),
            f"{int(rolling.violations(level).sum())}",
            decimal(level * len(table), 1),
            significant(float(rolling.value_at_risk[level].mean())),
        )
        for level in levels
    ]
    found = "; ".join(f"{hits} losses beyond the {level} value at risk, {expected} expected"
                      for level, hits, expected, _ in rows)  # fmt: skip
    doubtful = table["doubt"].astype(str).ne("") if "doubt" in table else np.zeros(1, dtype=bool)
    doubts = [f"{int(doubtful.sum())} of these forecasts are of fits that can be doubted: see "
              "table['doubt']."] if doubtful.any() else []  # fmt: skip
    return Card(
        "RollingForecast",
        [
            f"{len(table)} periods, {row_label(table.index[0])} to {row_label(table.index[-1])}, "
            f"each forecast from those before: mean log score "
            f"{decimal(float(table['log_density'].mean()), 3)}; {found}."
        ],
        doubts,
        Table(("level", "losses beyond", "expected", "mean value at risk"), rows),
        Sparkline(table["volatility"].to_numpy(), "Forecast of volatility through time"),
    )


def model_comparison_card(comparison: VolatilityComparison) -> Card:
    """Return which model is the most probable, and how well each forecast what was held out."""
    evidence = comparison.evidence.sort_values("log_evidence", ascending=False)
    headings = ["model", "log evidence", "± error", "P(model)"]
    rows = [
        [
            str(name),
            decimal(row["log_evidence"]),
            decimal(row["evidence_error"]),
            probability(row["probability"]),
        ]
        for name, row in zip(evidence.index, evidence.to_dict("records"), strict=True)
    ]
    if comparison.scores is not None:
        headings += ["log score, less the best", "± error"]
        for row in rows:
            score = comparison.scores.T[row[0]].to_dict()
            row += [decimal(score[name], 4) for name in ("score_difference", "score_error")]
    return Card(
        f"VolatilityComparison({len(rows)} models; {comparison.held_out} periods held out)",
        comparison.notes[: 1 + bool(comparison.forecasts)],
        comparison.averaged.doubts[:_MOST_DOUBTS],
        Table(headings, rows),
    )


def daily_card(daily: DailyRisk) -> Card:
    """Return what the last row says of the next period."""
    now = daily.now
    value = {str(name): float(now[name]) for name in now.index if _is_number(now[name])}
    known = percent_interval(value["annual_volatility_low"], value["annual_volatility_high"])
    tails = [name for name in value if name.startswith("value_at_risk_")]
    losses = "; ".join(
        f"{small_percent(value[name])} is the value at risk at "
        f"{_level(name.rsplit('_', 1)[1])}" for name in tails
    )  # fmt: skip
    return Card(
        "DailyRisk",
        [
            f"After {now.name}: annual volatility of the next period "
            f"{small_percent(value['annual_volatility'])} ({known}); {losses}; hold "
            f"{decimal(value['weight'])}. {daily.added} new row{'s' * (daily.added != 1)}, model "
            f"{'fitted' if daily.fitted else 'updated'}."
        ],
        [*daily.model.doubts, *daily.revised[:_MOST_DOUBTS]],
        picture=Sparkline(
            daily.history["annual_volatility"].to_numpy(float), "Annual volatility, row by row"
        ),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number)


def _level(level: float | str) -> str:
    return f"{100.0 * float(level):g}%"


def _error(value: float | None) -> str:
    """Return a Monte Carlo standard error with two digits; nothing where there is none."""
    if value is None:
        return ""
    return f"{value:.2g}" if math.isfinite(value) else "not known"


def _percent_error(value: float) -> str:
    return f"{100.0 * value:.2g}%" if math.isfinite(value) else "not known"
