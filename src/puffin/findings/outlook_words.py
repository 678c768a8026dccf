"""What is said of forecasts that came true or did not, and of falls that surprise or do not."""

from __future__ import annotations

from puffin.findings.cone import Cone
from puffin.findings.expected_drawdown import ExpectedDrawdown
from puffin.showing.numbers import coarse_probability, percent, with_minus
from puffin.showing.periods import period_label

__all__ = ["cone_story", "drawdown_story"]

_RARE, _UNUSUAL = 0.05, 0.2


def cone_story(cone: Cone, prob: float) -> str:
    """Return what was expected since the split, what came, and whether that is a surprise."""
    last = cone.expected.iloc[-1]
    low, high = _percent(float(last.iloc[0]) - 1.0), _percent(float(last.iloc[-1]) - 1.0)
    came = float(cone.actual.iloc[-1]) - 1.0
    return (
        f"From the returns up to {period_label(cone.split)} alone, {low} to {high} was to be "
        f"expected by {period_label(cone.actual.index[-1])}, with {percent(prob, 0)} probability. "
        f"It became {_percent(came)}: {_surprise(cone.rank)}."
    )


def _surprise(rank: float) -> str:
    if rank < _RARE:
        return f"worse than all but {coarse_probability(rank)} of what was expected, a bad surprise"
    if rank > 1.0 - _RARE:
        return (
            f"better than all but {coarse_probability(1.0 - rank)} of what was expected, a good "
            "surprise"
        )
    if rank < _UNUSUAL:
        return f"on the low side, with {coarse_probability(rank)} probability of less"
    if rank > 1.0 - _UNUSUAL:
        return f"on the high side, with {coarse_probability(1.0 - rank)} probability of more"
    return "no surprise"


def drawdown_story(found: ExpectedDrawdown) -> str:
    """Return whether the largest fall is one that such returns bring about."""
    chance, deepest = found.prob_as_deep, _percent(found.observed)
    if chance < _RARE:
        return (
            f"The largest fall, {deepest}, is a surprise: {coarse_probability(chance)} of "
            "histories with such returns have one as deep. Losses came closer together than "
            "chance would have it, as they do when volatility is high, or when an edge is gone."
        )
    if chance > 1.0 - _RARE:
        return (
            f"The largest fall, {deepest}, is shallow: {coarse_probability(chance)} of histories "
            "with such returns have a deeper one. Expect worse."
        )
    leaning = "deeper than most" if chance < _UNUSUAL else "no surprise"
    return (
        f"The largest fall, {deepest}, is {leaning}: {coarse_probability(chance)} of histories "
        "with such returns have one as deep."
    )


def _percent(value: float) -> str:
    return with_minus(percent(value))
