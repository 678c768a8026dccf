r"""The numbers that people look for, beside what is known of them and the benchmark's.

A number that happened says nothing of its own uncertainty. Where the model of the Sharpe ratio
knows it, its interval stands beside: with m and v the posterior mean and variance of a period's
return, periods without a position included, volatility is :math:`\sqrt{P v}` and growth a year
:math:`\exp(P (m - v / 2)) - 1`. That of the win rate, the share
of gains among the periods that moved, is the Beta posterior with Jeffreys' prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from puffin.arrays import Array
from puffin.findings.calendar_returns import CalendarReturns, calendar_returns
from puffin.findings.findings import Findings
from puffin.findings.metrics import Metrics, metrics
from puffin.models.sharpe import SharpePosterior
from puffin.posterior import highest_density_interval
from puffin.showing.periods import period_noun
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["KeyNumber", "key_numbers"]


@dataclass(frozen=True)
class KeyNumber:
    """One number of a strategy, and the benchmark's.

    Attributes
    ----------
    label : str
    value : float
        NaN where there is none.
    kind : {"percent", "decimal"}
        How it is written.
    interval : tuple of float or None
        Of its posterior.
    benchmark : float
        NaN without.
    """

    label: str
    value: float
    kind: Literal["percent", "decimal"]
    interval: tuple[float, float] | None = None
    benchmark: float = math.nan


def key_numbers(findings: Findings, name: str) -> dict[str, list[KeyNumber]]:
    """Return the numbers of a strategy in groups, by the title of each.

    The Sharpe ratio is the posterior mean: there is one of each strategy. What happened to the
    benchmark is of the strategy's time.
    """
    own = _groups(findings, name, findings.returns[name])
    versus = findings.benchmark_beside(name)
    if versus is None:
        return own
    beside = _groups(findings, str(versus.name), versus)
    other = {one.label: one.value for group in beside.values() for one in group}
    return {
        title: [
            KeyNumber(one.label, one.value, one.kind, one.interval, other.get(one.label, math.nan))
            for one in group
        ]
        for title, group in own.items()
    }


def _groups(findings: Findings, name: str, returns: pd.Series[float]) -> dict[str, list[KeyNumber]]:
    sharpe = findings.sharpes[name]
    periods = findings.settings.periods_of(name)
    plain = metrics(returns, periods, findings.settings.risk_free_rate)
    calendar = calendar_returns(returns, periods)
    noun = period_noun(findings.settings.periods)
    return {
        "Return": _return(plain, sharpe, calendar),
        "Risk": _risk(plain, sharpe, findings, name),
        "Return for risk": _ratios(plain, sharpe),
        "Good and bad periods": _periods(plain, sharpe, calendar, noun),
    }


def _return(
    plain: Metrics, sharpe: SharpePosterior, calendar: CalendarReturns | None
) -> list[KeyNumber]:
    mean, variance = _moments(sharpe)
    growth = np.expm1(sharpe["periods_per_year"] * (mean - 0.5 * variance))
    found = [
        KeyNumber(
            "Growth a year, compound", plain.performance.annual_growth, "percent",
            _interval(growth, sharpe),
        ),
        KeyNumber("Total return", plain.total, "percent"),
    ]  # fmt: skip
    if calendar is not None:
        found += [
            KeyNumber("Month to date", calendar.month_to_date, "percent"),
            KeyNumber("Year to date", calendar.year_to_date, "percent"),
        ]
    return found


def _risk(
    plain: Metrics, sharpe: SharpePosterior, findings: Findings, name: str
) -> list[KeyNumber]:
    _, variance = _moments(sharpe)
    volatility = np.sqrt(sharpe["periods_per_year"] * variance)
    found = [
        KeyNumber(
            "Volatility a year", plain.performance.annual_volatility, "percent",
            _interval(volatility, sharpe),
        ),
        KeyNumber("Largest fall from a peak", plain.performance.largest_drawdown, "percent"),
    ]  # fmt: skip
    moving = findings.volatilities.get(name)
    if moving is None or moving.tail_risk is None:
        return found
    noun = period_noun(findings.settings.periods)
    for level, row in moving.tail_risk.table.iterrows():
        chance = f"{100.0 * float(str(level)):g}%"
        found += [
            KeyNumber(
                f"Value at risk, next {noun}, {chance}", float(row["value_at_risk"]), "percent"
            ),
            KeyNumber(
                f"Expected shortfall, next {noun}, {chance}",
                float(row["expected_shortfall"]),
                "percent",
            ),
        ]
    return found


def _ratios(plain: Metrics, sharpe: SharpePosterior) -> list[KeyNumber]:
    return [
        KeyNumber(
            "Sharpe ratio", sharpe["mean"], "decimal", (sharpe["hdi_low"], sharpe["hdi_high"])
        ),
        KeyNumber("Sortino ratio", plain.sortino, "decimal"),
        KeyNumber("Calmar ratio", plain.calmar, "decimal"),
        KeyNumber("Omega", plain.omega, "decimal"),
        KeyNumber("Tail ratio", plain.tail_ratio, "decimal"),
    ]


def _periods(
    plain: Metrics, sharpe: SharpePosterior, calendar: CalendarReturns | None, noun: str
) -> list[KeyNumber]:
    happened = plain.performance
    share = stats.beta(plain.gains + 0.5, plain.losses + 0.5).interval(sharpe["hdi_prob"])
    found = [
        KeyNumber(
            f"Win rate, of {noun}s that moved", happened.share_positive, "percent",
            (float(share[0]), float(share[1])),
        ),
        KeyNumber("Mean gain over mean loss", plain.payoff, "decimal"),
        KeyNumber(f"Best {noun}", happened.best, "percent"),
        KeyNumber(f"Worst {noun}", happened.worst, "percent"),
    ]  # fmt: skip
    if calendar is not None and noun != "month":
        found += [
            KeyNumber("Best month", float(calendar.months.max()), "percent"),
            KeyNumber("Worst month", float(calendar.months.min()), "percent"),
        ]
    return [
        *found,
        KeyNumber("Skewness", happened.skewness, "decimal"),
        KeyNumber("Excess kurtosis", plain.excess_kurtosis, "decimal"),
    ]


def _moments(sharpe: SharpePosterior) -> tuple[Array, Array]:
    """Return draws of the mean and the variance of a period's return, flat periods included."""
    posterior = sharpe.posterior
    mean, variance = posterior.flat("mu"), posterior.flat("sd") ** 2
    if "prob_active" in posterior.variables:
        active = posterior.flat("prob_active")
        apart = mean - sharpe.flat_excess
        mean = active * mean + (1.0 - active) * sharpe.flat_excess
        variance = active * variance + active * (1.0 - active) * apart**2
    rate = period_risk_free_rate(sharpe["risk_free_rate"], sharpe["periods_per_year"])
    return mean + rate, variance


def _interval(draws: Array, sharpe: SharpePosterior) -> tuple[float, float]:
    low, high = highest_density_interval(draws, sharpe["hdi_prob"])
    return float(low), float(high)
