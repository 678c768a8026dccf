"""Whether a posterior can be relied on, and where it disagrees with the plain point estimate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from puffin.showing.numbers import count, decimal

__all__ = [
    "FEW_OBSERVATIONS",
    "counts_autocorrelation",
    "draws_are_fine",
    "draws_doubts",
    "end_error",
    "gap_in_deviations",
    "is_at_odds",
    "seed_note",
]

FEW_OBSERVATIONS = 60
"""Below this an annual Sharpe ratio is known to little better than one, whatever the data."""

_END_ERROR = 1.1
"""Monte Carlo error of an end of a 94% highest-density interval, in posterior standard deviations,
times the cube root of the effective draws: 1.08 to 1.14 of Gaussian, gamma and Student-t draws."""

_LARGEST_R_HAT = 1.01
_LEAST_ESS = 400.0
_LEAST_MORE, _MOST_MORE, _TO_SPARE = 4, 25, 2.0
"""Times as many draws are advised where there are too few: half the Monte Carlo error at least, and
twice the effective draws that would do, since few say badly how few they are."""


def draws_are_fine(ess: float | None, r_hat: float | None) -> bool:
    """Whether the chains agree and are long enough for intervals (Vehtari et al. 2021).

    They are not where there are too few draws to tell: None or NaN.
    """
    return ess is not None and r_hat is not None and ess >= _LEAST_ESS and r_hat < _LARGEST_R_HAT


def draws_doubts(
    ess: float | None, r_hat: float | None, name: str = "", *, samples: int | None = None
) -> list[str]:
    """Return what is wrong with draws, of this name; nothing where they are fine.

    `samples` is how many each chain has, if that is for the reader to choose.
    """
    if draws_are_fine(ess, r_hat):
        return []
    advice = "" if samples is None else _advice(ess, samples)
    return [
        f"{name}{': ' if name else ''}{count(ess)} effective draws, R-hat "
        f"{decimal(r_hat, 3)}: too few, or the chains disagree; do not rely on the digits before "
        f"more samples say the same.{advice}"
    ]


def _advice(ess: float | None, samples: int) -> str:
    """Return how many draws would do, in words that fit an argument and an option."""
    missing = _TO_SPARE * _LEAST_ESS / ess if ess is not None and ess > 0.0 else math.inf
    if not missing <= _MOST_MORE:
        return f" Fit again with {_MOST_MORE * samples:,} samples, or a simpler model."
    return f" Fit again with {max(_LEAST_MORE, math.ceil(missing)) * samples:,} samples."


def end_error(std: float, ess: float) -> float:
    """Return the Monte Carlo error of an interval's ends, of draws with this standard deviation."""
    return float(_END_ERROR * std / ess ** (1.0 / 3.0))


def seed_note(sharpes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return how far another seed would move what is printed; nothing where that is not known."""
    known = [one for one in sharpes if one["ess"]]
    if not known:
        return []
    ends = max(end_error(one["std"], one["ess"]) for one in known)
    chances = max(
        math.sqrt(one["prob_positive"] * (1.0 - one["prob_positive"]) / one["ess"]) for one in known
    )
    return [
        f"Another seed moves the ends of intervals by about {ends:.1g} and P(>0) by "
        f"{max(100.0 * chances, 0.1):.1g}%; more draws (--samples) by less."
    ]


def counts_autocorrelation(sharpe: Mapping[str, Any]) -> bool:
    """Whether a year is that of an AR(1), and not of independent returns as in a point estimate."""
    return "AR(1)" in str(sharpe.get("model", ""))


def gap_in_deviations(sharpe: Mapping[str, Any]) -> float:
    """Return the point estimate's distance from the posterior mean, in posterior deviations."""
    if not sharpe["std"] > 0.0:
        return 0.0
    return float((sharpe["sample_sharpe"] - sharpe["mean"]) / sharpe["std"])


def is_at_odds(sharpe: Mapping[str, Any]) -> bool:
    """Whether point estimate and posterior tell different stories.

    The default model does not let them; where dependence is ignored or an AR(1), the law may not
    fit, and then the plain mean over standard deviation differs by more than the posterior's own
    uncertainty.
    """
    return abs(gap_in_deviations(sharpe)) > 1.0
