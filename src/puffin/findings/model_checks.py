r"""Whether the model can be relied on for one strategy: a light, and what it is about.

It is about the model and its computation. Of the strategy it says nothing: a bad one can be
modelled well, and a good one badly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from puffin.findings.expected_returns import ExpectedReturns
from puffin.findings.leaning import sharpe_leaning
from puffin.showing.checks import (
    FEW_OBSERVATIONS,
    counts_autocorrelation,
    draws_are_fine,
    is_at_odds,
)
from puffin.showing.numbers import count, decimal, percent

if TYPE_CHECKING:
    from puffin.findings.volatility import Volatility
    from puffin.models.sharpe import SharpePosterior

__all__ = ["Check", "Light", "model_checks", "worst"]

_STRIPES = 10
_SURPRISING, _IMPOSSIBLE = 1e-2, 1e-6
_FREE = 0.2
_MATTERS = 0.02
_MOST_WEIGHT = 0.5


class Light(IntEnum):
    """What a check says; the larger, the worse."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    question : str
    light : Light
    answer : str
        In one sentence or two.
    """

    question: str
    light: Light
    answer: str


def model_checks(
    sharpe: SharpePosterior, expected: ExpectedReturns, volatility: Volatility | None
) -> list[Check]:
    """Return what was looked at, in the order in which a reader should care.

    Parameters
    ----------
    sharpe : SharpePosterior
    expected : ExpectedReturns
        Of the same returns.
    volatility : Volatility or None
        Of the same, where there is one.
    """
    checks = [
        _draws(sharpe), _amount(sharpe), _prior(sharpe), _centre(sharpe), _shape(expected),
        _time(sharpe),
    ]  # fmt: skip
    return checks if volatility is None else [*checks, _volatility(volatility)]


def worst(checks: Sequence[Check]) -> Light:
    """Return the worst light of several checks."""
    return max(check.light for check in checks)


def _draws(sharpe: SharpePosterior) -> Check:
    fine = draws_are_fine(sharpe["ess"], sharpe["r_hat"])
    found = f"{count(sharpe['ess'])} effective draws, R-hat {decimal(sharpe['r_hat'], 3)}"
    return Check(
        "Did the computation work?",
        Light.GREEN if fine else Light.RED,
        f"Yes: {found}."
        if fine
        else f"No: {found}. Draw more (--samples) before relying on any digit.",
    )


def _amount(sharpe: SharpePosterior) -> Check:
    returns = sharpe["n_observations"]
    if returns >= FEW_OBSERVATIONS:
        return Check("Is there enough data?", Light.GREEN, f"Yes: {returns:,} returns.")
    return Check(
        "Is there enough data?",
        Light.AMBER,
        f"Hardly: {returns} returns. The interval is wide for it, and owes something to the prior.",
    )


def _prior(sharpe: SharpePosterior) -> Check:
    leaning = sharpe_leaning(sharpe)
    light = Light.GREEN if leaning.found.is_small else Light.AMBER
    return Check("Does it lean on the prior?", light, leaning.sentence)


def _centre(sharpe: SharpePosterior) -> Check:
    question = "Does it agree with the plain mean and standard deviation?"
    if is_at_odds(sharpe) and not counts_autocorrelation(sharpe):
        return Check(
            question, Light.RED,
            "No: the two Sharpe ratios differ by more than their uncertainty, so a few returns "
            "decide.",
        )  # fmt: skip
    weight = sharpe["sample_weight"]
    if weight > _MOST_WEIGHT:
        return Check(
            question, Light.AMBER,
            "Only because it was made to: the law does not fit, so mean and standard deviation go "
            "by the sample.",
        )  # fmt: skip
    return Check(question, Light.GREEN, "Yes.")


def _shape(expected: ExpectedReturns) -> Check:
    r"""Compare how many returns are in each tenth of what is expected with a tenth.

    Under the model the counts are multinomial, but for parameters that were fitted to them, which
    makes :math:`\chi^2` smaller; returns that hang together make it larger. With thousands of
    returns any model is found wrong: less than two in a hundred out of place do not matter.
    """
    question = "Are returns as large and as small as it expects?"
    counts = np.bincount(_tenth(expected), minlength=_STRIPES)
    chance = float(stats.chisquare(counts).pvalue)
    apart = np.abs(counts / counts.sum() - 1.0 / _STRIPES)
    if chance >= _SURPRISING or apart.max() < _MATTERS:
        return Check(question, Light.GREEN, "Yes: each tenth of what it expects holds its share.")
    most = int(apart.argmax())
    share = f"{percent(counts[most] / counts.sum(), 0)} are in its {_ordinal(most + 1)} tenth"
    light = Light.AMBER if chance >= _IMPOSSIBLE else Light.RED
    how = "Not quite" if light is Light.AMBER else "No"
    return Check(question, light, f"{how}: {share}. Tails and risk may be off; see the figures.")


def _tenth(expected: ExpectedReturns) -> NDArray[np.intp]:
    """Return in which tenth of the predictive distribution each return is, from 0."""
    observed = expected.observed
    grid = np.linspace(observed.min(), observed.max(), 400)
    error = (grid[:, None] - expected.centre) / expected.deviation
    cdf = expected.law.cdf(error, expected.shape).mean(axis=1)
    rank = np.interp(observed, grid, cdf)
    tenth: NDArray[np.intp] = np.minimum((_STRIPES * rank).astype(np.intp), _STRIPES - 1)
    return tenth


def _ordinal(number: int) -> str:
    names = ("lowest", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    return "highest" if number == _STRIPES else names[number - 1]


def _time(sharpe: SharpePosterior) -> Check:
    question = "Do returns depend on those before?"
    factor = sharpe["dependence_factor"]
    if counts_autocorrelation(sharpe):
        return Check(
            question, Light.GREEN, "The model has it: each follows on from the one before."
        )
    if abs(factor - 1.0) <= _FREE:
        return Check(question, Light.GREEN, "Not enough to matter.")
    wider = "wide" if factor > 1.0 else "narrow"
    times = factor if factor > 1.0 else 1.0 / factor
    return Check(
        question,
        Light.AMBER,
        f"Yes, and it is counted: the interval is {decimal(times, 1)} times as {wider} as that of "
        "independent returns. Other numbers take them for independent.",
    )


def _volatility(volatility: Volatility) -> Check:
    question = "Did the computation of volatility work?"
    if volatility.is_fine:
        return Check(question, Light.GREEN, "Yes.")
    if volatility.is_fallback:
        return Check(question, Light.RED, f"No: it is a plain {volatility.method}.")
    return Check(question, Light.AMBER, "Not well enough: too few effective draws.")
