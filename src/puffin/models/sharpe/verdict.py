"""One strategy in one breath: its Sharpe ratio, how sure that is, and how much longer it takes.

A verdict says no more than the warnings that stand below it leave.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from puffin.showing.checks import (
    FEW_OBSERVATIONS,
    counts_autocorrelation,
    draws_are_fine,
    is_at_odds,
)
from puffin.showing.numbers import decimal, percent, probability, with_minus
from puffin.showing.sentences import sign_verdict

if TYPE_CHECKING:
    from puffin.models.sharpe import SharpePosterior

__all__ = ["more_years", "verdict"]

_HURDLES = (0.0, 0.5, 1.0)
_SURE, _EVEN = 0.95, 0.6
_LONG, _ENDLESS = 20.0, 100.0


def verdict(name: str, sharpe: SharpePosterior) -> str:
    """Return the Sharpe ratio with its interval, what that amounts to, and what it takes to know.

    Where what was given is no return, draws cannot be relied on, or the model and the plain
    quotient disagree, there is no verdict, but that.
    """
    if sharpe.get("unit_doubt"):
        return f"{name}: no Sharpe ratio to rely on; what was given {sharpe['unit_doubt']}"
    if not draws_are_fine(sharpe["ess"], sharpe["r_hat"]):
        return (
            f"{name}: no Sharpe ratio to rely on yet, because the sampler’s draws are too few or "
            f"its chains disagree. So far {_known(sharpe)}."
        )
    if is_at_odds(sharpe) and not counts_autocorrelation(sharpe):
        return (
            f"{name}: Sharpe ratio {_decimal(sharpe['mean'])} by the model, "
            f"{_decimal(sharpe['sample_sharpe'])} by mean over standard deviation of the sample. "
            "The two disagree by more than their uncertainty: rely on neither before you know why."
        )
    few = sharpe["n_observations"] < FEW_OBSERVATIONS
    on = f", on {sharpe['n_observations']} returns only" if few else ""
    return (
        f"{name}: Sharpe ratio {_known(sharpe)}{on}; {sign_verdict(sharpe['prob_positive'])} "
        f"({probability(sharpe['prob_positive'])} above zero). {more_years(sharpe)}"
    ).rstrip()


def more_years(sharpe: SharpePosterior) -> str:
    """Return how many more years it takes to be 95% sure of the next hurdle; empty beyond the last.

    The hurdles are 0, 0.5 and 1. More of the same never takes one that the best guess is below.
    """
    for hurdle in _HURDLES:
        years = sharpe.years_until(hurdle, prob=_SURE)
        if years > 0.0:
            return _how_long(years, sharpe.prob_greater(hurdle), _beats(hurdle))
    return ""


def _how_long(years: float, chance: float, beats: str) -> str:
    """Return how long it takes to be sure of what is not sure yet, if that can be waited for."""
    if math.isinf(years):
        return f"More years like these are not likely to show that it {beats} ({_now(chance)})."
    if years > _ENDLESS:
        evenly = "nearly even" if chance < _EVEN else "open"
        return (
            f"Whether it {beats} is {evenly} ({_now(chance)}), and more than a hundred years like "
            "these would be needed to settle it."
        )
    return f"At this rate it takes {_duration(years)} to be 95% sure that it {beats}."


def _now(chance: float) -> str:
    return f"{probability(chance)} now"


def _duration(years: float) -> str:
    if years >= _LONG:
        return f"{years:.0f} more years"
    if years >= 1.0:
        return f"{years:.1f} more years"
    months = max(1, math.ceil(12.0 * years))
    return f"{months} more month{'s' if months > 1 else ''}"


def _beats(hurdle: float) -> str:
    return "is above zero" if hurdle == 0.0 else f"beats {hurdle:g}"


def _known(sharpe: SharpePosterior) -> str:
    return (
        f"{_decimal(sharpe['mean'])}, {percent(sharpe['hdi_prob'], 0)} between "
        f"{_decimal(sharpe['hdi_low'])} and {_decimal(sharpe['hdi_high'])}"
    )


def _decimal(value: float) -> str:
    return with_minus(decimal(value))
