"""What is found of two regimes, in plain language: first whether there are two at all."""

from __future__ import annotations

from collections.abc import Mapping

from puffin.findings.regimes import Regimes
from puffin.findings.settings import AnalysisSettings
from puffin.models.regimes.fitted import SETTLED
from puffin.showing.numbers import (
    coarse_probability,
    count,
    decimal,
    interval,
    percent,
    percent_interval,
    with_minus,
)
from puffin.showing.periods import period_label, period_noun
from puffin.showing.sentences import listing

__all__ = ["NAMES", "regimes_doubts", "regimes_headline", "regimes_story"]

NAMES = ("calm", "turbulent")
"""What a page calls the two regimes, in ascending order of their standard deviations."""

_RULE = f"{SETTLED:g} is odds of twenty to one"


def regimes_headline(found: Mapping[str, Regimes]) -> list[str]:
    """Return of which series there are two regimes, and of which that is not known."""
    if len(found) < 2:  # of a single one its own story says it all
        return []
    two = [name for name, one in found.items() if _settled(one) > 0]
    open_ = [name for name, one in found.items() if _settled(one) == 0]
    none = [name for name, one in found.items() if _settled(one) < 0]
    said = []
    if two:
        said.append(f"Two regimes explain the returns of {listing(two)} better than one.")
    if open_:
        said.append(
            f"Of {listing(open_)} it is not settled whether there are two: one is about as good."
        )
    if none:
        said.append(f"The returns of {listing(none)} have one regime rather than two.")
    wild = [name for name in two if found[name].regimes[-1].now > 0.5]
    if wild:
        chances = [f"{name} ({coarse_probability(found[name].regimes[-1].now)})" for name in wild]
        verb = "is" if len(wild) == 1 else "are"
        said.append(f"{listing(chances)} {verb} probably in the turbulent one now.")
    elif two:
        said.append("None of these is probably in the turbulent one now.")
    return said


def regimes_story(name: str, one: Regimes, settings: AnalysisSettings) -> list[str]:
    """Return whether there are two regimes, which it is now, how long they last, what they earn.

    Parameters
    ----------
    name : str
    one : Regimes
        Two of them.
    """
    noun, level = period_noun(settings.periods_of(name)), percent(settings.hdi_prob, 0)
    return [
        _verdict(name, one),
        _now_and_how_long(one, noun, level),
        _volatilities(one, noun, settings.periods_of(name)),
        _sharpe_ratios(one, level),
        *_three(one),
    ]


def regimes_doubts(name: str, one: Regimes) -> list[str]:
    """Return reasons not to rely on what is said of the regimes of a series."""
    said = [*one.model.fitted.oddities, *one.model.fitted.unreliable]
    if one.model.note:
        said.append(
            f"{one.model.note} Means and Sharpe ratios of regimes are those of these other periods "
            "too."
        )
    return [f"{name}: {sentence}" for sentence in said]


def _settled(one: Regimes) -> int:
    """Return 1 if there are two regimes by twenty to one, -1 if there is one, 0 if neither."""
    factor = one.against_one
    return 0 if factor is None or abs(factor) < SETTLED else 1 if factor > 0.0 else -1


def _verdict(name: str, one: Regimes) -> str:
    factor, settled = one.against_one, _settled(one)
    if factor is None:
        return (
            f"Whether {name} has two regimes or one could not be worked out: take what follows for "
            "a description, not for a finding."
        )
    if settled == 0:
        return (
            f"Whether {name} has two regimes or one is not settled (log Bayes factor of two "
            f"against one {with_minus(decimal(factor, 1))}; {_RULE}): one is about as good, and "
            "what follows may be an accident of these returns."
        )
    if settled < 0:
        return (
            f"One regime explains the returns of {name} better than two (log Bayes factor "
            f"{decimal(-factor, 1)}; {_RULE}): what follows is of regimes that these returns do "
            "not seem to have."
        )
    return (
        f"Two regimes explain the returns of {name} better than one (log Bayes factor "
        f"{decimal(factor, 1)}; {_RULE})."
    )


def _now_and_how_long(one: Regimes, noun: str, level: str) -> str:
    likely = max(range(len(NAMES)), key=lambda j: one.regimes[j].now)
    last = period_label(one.model.fitted.series.pandas.index[-1])
    return (
        f"It was {NAMES[likely]} with {coarse_probability(one.regimes[likely].now)} probability on "
        f"{last}, given the returns up to then; the turbulent regime lasts "
        f"{_duration(one, 1, noun, level)}, the calm one {_duration(one, 0, noun, '')}."
    )


def _duration(one: Regimes, j: int, noun: str, level: str) -> str:
    lasts = one.regimes[j].duration
    assert lasts is not None
    plural = noun if count(lasts.median) == "1" else f"{noun}s"
    around = f"{count(lasts.low)} to {count(lasts.high)}"
    said = f" on average ({level} interval {around})" if level else f" ({around})"
    return f"{count(lasts.median)} {plural}{said}"


def _volatilities(one: Regimes, noun: str, periods: float) -> str:
    calm, wild = (regime.sd.times(periods**0.5) for regime in one.regimes)
    share = coarse_probability(one.regimes[-1].share)
    return (
        f"Volatility is {percent(calm.mean)} a year in the calm regime "
        f"({percent_interval(calm.low, calm.high)}) and {percent(wild.mean)} in the turbulent one "
        f"({percent_interval(wild.low, wild.high)}), which had {share} of the {noun}s."
    )


def _sharpe_ratios(one: Regimes, level: str) -> str:
    calm, wild = (regime.sharpe for regime in one.regimes)
    return with_minus(
        f"The Sharpe ratio is {decimal(calm.mean)} in the calm regime ({level} interval "
        f"{interval(calm.low, calm.high)}) and {decimal(wild.mean)} in the turbulent one "
        f"({interval(wild.low, wild.high)}): higher in the calm one with "
        f"{coarse_probability(one.calm_is_better)} probability."
    )


def _three(one: Regimes) -> list[str]:
    if not one.too_few or one.one_more is None:
        return []
    return [
        f"Three regimes explain these returns better still (log Bayes factor "
        f"{decimal(one.one_more, 1)}): take the two for a coarse picture."
    ]
