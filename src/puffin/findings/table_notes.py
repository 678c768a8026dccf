"""What is said below a table of Sharpe ratios: what it is of, and what stands out in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from puffin.showing.checks import (
    FEW_OBSERVATIONS,
    counts_autocorrelation,
    draws_are_fine,
    is_at_odds,
)
from puffin.showing.numbers import count, decimal, span
from puffin.showing.periods import periods_a_year
from puffin.showing.sentences import reliable

if TYPE_CHECKING:
    from puffin.findings.settings import AnalysisSettings
    from puffin.models.comparison import StrategyComparison
    from puffin.models.sharpe import SharpePosterior

__all__ = ["comparison_notes", "sharpe_notes"]


def sharpe_notes(
    sharpes: Mapping[str, SharpePosterior], tick: str, benchmark: str | None = None
) -> list[str]:
    """Return what a table of Sharpe ratios is of, and what stands out in it.

    `tick` is the table's mark of draws that can be relied on.
    """
    first = next(iter(sharpes.values()))
    common = Counter(one["model"] for one in sharpes.values()).most_common(1)[0][0]
    others = {name: one["model"] for name, one in sharpes.items() if one["model"] != common}
    lengths = {name: one["n_observations"] for name, one in sharpes.items()}
    doubtful = {
        name: one for name, one in sharpes.items() if not draws_are_fine(one["ess"], one["r_hat"])
    }
    notes = [
        f"{span(lengths.values())} returns; {_a_year(sharpes)}; "
        f"risk-free rate {100 * first['risk_free_rate']:g}% a year"
        f"; model: {common}{' unless said below' if others else ''}."
    ]
    if benchmark is not None:
        notes.append(f"The benchmark is {benchmark}.")
    notes += [f"{name}: {model}." for name, model in others.items()]
    notes += [f"{name}: {one['note']}" for name, one in sharpes.items() if one["note"]]
    notes += [
        f"! {name}: {count(one['ess'])} effective draws, R-hat {decimal(one['r_hat'], 3)}: "
        "too few, or the chains disagree; raise --samples."
        for name, one in doubtful.items()
    ]
    if len(doubtful) < len(sharpes):
        notes.append(reliable(tick))
    notes += _few_observations(lengths)
    odd = [one for one in sharpes.values() if is_at_odds(one)]
    if any(counts_autocorrelation(one) for one in odd):
        notes.append(
            "* more than one sd from the posterior mean: the point estimate takes returns for "
            "independent, and the posterior counts how each depends on the one before."
        )
    elif odd:
        notes.append(
            "* more than one sd from the posterior mean: large returns on one side decide the "
            "point estimate, and the law discounts them. If in doubt, go by the lower "
            "number."
        )
    return notes


def comparison_notes(comparison: StrategyComparison, settings: AnalysisSettings) -> list[str]:
    """Return what a comparison is of, and what stands out in it."""
    rows = comparison.n_observations
    counted = f"{span(rows)} rows" if comparison.note else f"{min(rows):,} shared rows"
    pooled = "; pooled" if settings.pool else ""
    flat = [f"{name}: {model}" for name, model in comparison.models.items() if "hurdle" in model]
    lines = [
        *(f"Model of {line}." for line in flat),
        f"{counted}; {_a_year(comparison.alone)}; risk-free rate "
        f"{100 * settings.risk_free_rate:g}% a year{pooled}.",
    ]
    if comparison.note:
        lines.append(comparison.note)
    lines += _smoothed(comparison.alone)
    return lines + _few_observations(dict(zip(comparison.strategies, rows, strict=True)))


def _smoothed(sharpes: Mapping[str, SharpePosterior]) -> list[str]:
    """Say which returns look smoothed, where a year is taken for one of independent returns."""
    from puffin.models.sharpe.smoothing import smoothing_notes  # NumPy is not for --help

    return [
        f"! {name}: {note}"
        for name, one in sharpes.items()
        if not counts_autocorrelation(one)
        for note in smoothing_notes(
            one.posterior.observed["excess_returns"], one["periods_per_year"]
        )
    ]


def _a_year(sharpes: Mapping[str, SharpePosterior]) -> str:
    return periods_a_year(one["periods_per_year"] for one in sharpes.values())


def _few_observations(observations: Mapping[str, int]) -> list[str]:
    few = [name for name, rows in observations.items() if rows < FEW_OBSERVATIONS]
    if not few:
        return []
    which = "" if len(few) == len(observations) else f" ({', '.join(few)})"
    return [
        f"Fewer than {FEW_OBSERVATIONS} returns{which} say little about a Sharpe ratio: take the "
        "interval as a statement of how much is not known."
    ]
