"""What is found of volatility, in plain language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.special import ndtri

from puffin.findings.settings import AnalysisSettings, all_dates
from puffin.findings.volatility import Volatility
from puffin.models.volatility.observed import LONG_GAP
from puffin.models.volatility.regime import HIGH, LOW, REGIMES
from puffin.showing.checks import FEW_OBSERVATIONS, draws_are_fine, end_error
from puffin.showing.numbers import (
    decimal,
    percent,
    percent_interval,
    probability,
    small_percent,
    span,
    with_minus,
)
from puffin.showing.periods import period_label, period_noun, periods_a_year
from puffin.showing.sentences import listing, reliable

__all__ = [
    "early_ends",
    "regime_rule",
    "volatility_doubts",
    "volatility_headline",
    "volatility_notes",
    "volatility_seed_note",
    "volatility_story",
    "which_returns",
]

_SURE, _LEANING = 0.9, 0.6
_MOSTLY = 0.5


def which_returns(from_prices: bool) -> str:
    """Return which returns a volatility from a file is of, to follow how the file was read."""
    if from_prices:
        return "Volatility is that of log returns, ln(1 + simple return)."
    return "Volatility is that of simple returns."


def volatility_headline(found: Mapping[str, Volatility]) -> list[str]:
    """Return who is calm, who is not, and who moves most."""
    if len(found) < 2:  # of a single one its own story says it all
        return []
    regimes = {
        regime: [name for name, one in found.items() if one.regime == regime] for regime in REGIMES
    }
    sentences = []
    for regime in ("high", "low"):
        sure = [n for n in regimes[regime] if found[n].regime_probability >= _LEANING]
        if sure:
            said = [f"{name} ({probability(found[name].regime_probability)})" for name in sure]
            verb = "is" if len(sure) == 1 else "are"
            sentences.append(f"{listing(said)} {verb} probably in a time of {regime} volatility.")
        unsure = [name for name in regimes[regime] if name not in sure]
        if unsure:
            sentences.append(f"{listing(unsure)} may be in a time of {regime} volatility.")
    if not sentences:
        sentences = ["All move within their usual range."]
    elif regimes["normal"]:
        verb = "moves" if len(regimes["normal"]) == 1 else "move"
        sentences.append(f"{listing(regimes['normal'])} {verb} within the usual range.")
    most = max(found, key=lambda name: found[name].next_period.mean)
    sentences.append(
        f"The largest moves are to be expected of {most}: "
        f"{_percent(found[most].next_period.mean)} in its next period."
    )
    return sentences


def volatility_story(name: str, volatility: Volatility, settings: AnalysisSettings) -> list[str]:
    """Return what one series does now, what comes next, and how long such a state lasts."""
    noun = period_noun(settings.periods)
    kind = "active " if volatility.share_flat > _MOSTLY else ""
    now, coming = volatility.now, volatility.next_period
    level = percent(settings.hdi_prob, 0)
    sentences = [
        f"{name} now moves by {_percent(now.mean)} {_article(kind, noun)} {kind}{noun} (with "
        f"{level} probability {_range(now.low, now.high)}). {_regime(volatility)}"
    ]
    outlook = (
        f"For the next {kind}{noun} {_percent(coming.mean)} is expected "
        f"({_range(coming.low, coming.high)})"
    )
    if volatility.forecast is not None:
        low, high = (float(bound) for bound in volatility.forecast.returns.iloc[0, [0, -1]])
        outlook += (
            f", and with {level} probability a return between {_percent(low)} and {_percent(high)}"
        )
    sentences.append(f"{outlook}.")
    if volatility.half_life is not None:
        sentences.append(_persistence(volatility, noun))
    sentences.append(_regimes(volatility, noun))
    if volatility.jumps is not None:
        sentences.append(_jumps(volatility.jumps, noun))
    return sentences


def volatility_doubts(name: str, volatility: Volatility) -> list[str]:
    """Return reasons not to rely on what is said of a series."""
    found = []
    if volatility.is_fallback:
        found.append(
            f"{name}: sampling failed, so that its volatility is a plain {volatility.method}, with "
            "the interval of that method: no typical level, no persistence, no forecast of returns."
        )
    elif not draws_are_fine(volatility.ess, volatility.r_hat):
        found.append(
            f"{name}: {volatility.ess:.0f} effective draws, R-hat "
            f"{decimal(volatility.r_hat, 3)}: too few, or the chains disagree; run again with more "
            "draws before relying on the digits."
        )
    if volatility.share_flat > _MOSTLY:
        found.append(
            f"{name} is flat on {percent(volatility.share_flat, 0)} of periods: these count as not "
            "observed, and its volatility is that of a period with a position."
        )
    elif volatility.note:
        found.append(f"{name}: {volatility.note}")
    if volatility.n_observations < FEW_OBSERVATIONS:
        found.append(
            f"{name}: {volatility.n_observations} returns say little of how volatility moves; the "
            "intervals are wide for good reason, and owe much to the prior."
        )
    return found


def early_ends(
    returns: Mapping[str, pd.Series[float]], rows: pd.Index[Any] | None = None
) -> list[str]:
    """Return which series end well before others do: their next period is not tomorrow.

    `rows` are all that there are; by default those of the series, if they have dates.
    """
    rows = all_dates(returns.values()) if rows is None else rows
    if rows is None:
        return []
    found = []
    for name, one in returns.items():
        later = int((rows > one.index[-1]).sum())
        if later > LONG_GAP:
            found.append(
                f"{name} has no values in the last {later} rows, after "
                f"{period_label(one.index[-1])}: what is said of what comes next is of the "
                "period after that, and a guess by now."
            )
    return found


def volatility_notes(
    found: Mapping[str, Volatility], settings: AnalysisSettings, tick: str
) -> list[str]:
    """Return what a table of volatilities is of, and what to mistrust in it.

    `tick` is the table's mark of draws that can be relied on.
    """
    noun = period_noun(settings.periods)
    rows = span([one.n_observations for one in found.values()])
    models = sorted({one.model for one in found.values()})
    years = periods_a_year(one.periods_per_year for one in found.values())
    notes = [
        f"{rows} returns; {years}; stochastic volatility with {' or '.join(models)}."
        if any(not one.is_fallback for one in found.values())
        else f"{rows} returns; {years}.",
        f"now: in the last {noun}, {_last_periods(found)}. Half-life: half of a rise or fall is "
        f"gone after so many {noun}s. Regime: {regime_rule()}.",
    ]
    if settings.volatility.jumps:
        notes.append("Volatility is that of returns without their jumps; forecasts have them.")
    for name, one in found.items():
        mark = "" if one.is_fine else "! "
        notes += [f"{mark}{doubt}" for doubt in volatility_doubts(name, one)]
    if any(one.is_fine for one in found.values()):
        notes.append(reliable(tick))
    return notes + volatility_seed_note(found, settings.hdi_prob)


def volatility_seed_note(found: Mapping[str, Volatility], hdi_prob: float) -> list[str]:
    """Return how far another seed would move what is printed; nothing where that is not known.

    The spread of the draws is read off their interval, as of a normal distribution.
    """
    known = [one for one in found.values() if one.ess > 0.0]
    if not known:
        return []
    widths = float(2.0 * ndtri(0.5 + 0.5 * hdi_prob))
    ends = max(
        end_error((of.high - of.low) / widths, one.ess)
        for one in known
        for of in (one.now, one.next_period)
    )
    chances = max(
        math.sqrt(one.regime_probability * (1.0 - one.regime_probability) / one.ess)
        for one in known
    )
    return [
        f"Another seed moves the ends of these intervals by about {100.0 * ends:.1g} percentage "
        f"points and the probability of a regime by {max(100.0 * chances, 0.1):.1g}%; more draws "
        "by less."
    ]


def regime_rule() -> str:
    """Return when volatility counts as low or high."""
    return f"low is below {LOW:g} times the typical level, high above {HIGH:g} times"


def _last_periods(found: Mapping[str, Volatility]) -> str:
    labels = [one.last_label for one in found.values()]
    first, last = min(labels), max(labels)
    return first if first == last else f"{first} to {last}"


def _regime(volatility: Volatility) -> str:
    compared = {
        "low": "less than usual",
        "normal": "within the usual range",
        "high": "more than usual",
    }[volatility.regime]
    chance = volatility.regime_probability
    if chance >= _SURE:
        verdict = f"That is {compared}"
    elif chance >= _LEANING:
        verdict = f"That is probably {compared}"
    else:
        verdict = f"That may be {compared}"
    usual = volatility.typical
    level = "" if usual is None else f"; typical is {_percent(usual.median)}"
    return f"{verdict} ({volatility.regime} volatility: {probability(chance)}{level})."


def _regimes(volatility: Volatility, noun: str) -> str:
    """Return how much of the time was stormy, and how much calm."""
    high, low = (float((volatility.regimes == one).mean()) for one in ("high", "low"))
    return (
        f"Over all the time, high volatility is the likeliest on {percent(high, 0)} of {noun}s, "
        f"low on {percent(low, 0)}."
    )


def _jumps(jumps: pd.DataFrame, noun: str) -> str:
    if jumps.empty:
        return f"No {noun} is more likely than not to have had a jump."
    largest = int(jumps["size"].abs().to_numpy().argmax())
    return (
        f"A jump is more likely than not on {_count(len(jumps), noun)}; the largest, of "
        f"{_percent(float(jumps['size'].iloc[largest]))}, on {period_label(jumps.index[largest])}."
    )


def _persistence(volatility: Volatility, noun: str) -> str:
    half = volatility.half_life
    assert half is not None
    if half.high < 1.0:
        return f"A change of volatility is gone within a {noun}: it says little of what comes."
    return (
        f"Half of a rise or fall of volatility is gone after about {_count(half.median, noun)} "
        f"({_rounded(half.low)} to {_rounded(half.high)})."
    )


def _count(value: float, noun: str) -> str:
    number = _rounded(value)
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def _rounded(value: float) -> str:
    return f"{max(1, round(value)):,}"


def _article(kind: str, noun: str) -> str:
    return "an" if kind or noun[0] in "aeiou" else "a"


def _percent(value: float) -> str:
    return with_minus(small_percent(value))


def _range(low: float, high: float) -> str:
    return with_minus(percent_interval(low, high))
