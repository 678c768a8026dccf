"""What is shown of many assets' alphas."""

from __future__ import annotations

from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.posterior import highest_density_interval
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import percent, probability
from puffin.showing.pictures import Density, common_span

__all__ = [
    "MORE_IN_COMMON",
    "between_sentence",
    "hierarchical_card",
    "overview_sentence",
    "spread_clause",
]

MORE_IN_COMMON = (
    "errors have as many factors in common as are counted, and may have more: intervals of means "
    "may be too narrow."
)
_MOST_ROWS = 12


def hierarchical_card(title: str, fitted: FittedHierarchy | None) -> Card:
    """Return the most skilled assets, how many there may be, and what luck the best one had."""
    if fitted is None:
        return Card(title)
    unit, level = fitted.unit, percent(fitted.hdi_prob, 0)
    shown = fitted.table.head(_MOST_ROWS)
    alpha = fitted.posterior.flat("alpha")
    draws = {name: alpha[:, fitted.assets.index(name)] for name in shown["asset"]}
    span = common_span(list(draws.values()))
    rows = [
        (
            row["asset"],
            unit.written(row["estimate"]),
            unit.written(row["mean"]),
            unit.interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_positive"]),
            Density(
                draws[row["asset"]], row["hdi_low"], row["hdi_high"],
                f"Density of the {unit.label} of {row['asset']}", span, 130, 22,
            ),
        )
        for row in shown.to_dict("records")
    ]  # fmt: skip
    return Card(
        title,
        [overview_sentence(fitted), fitted.best.sentence],
        _doubts(fitted),
        Table(
            (unit.label, "by itself", "mean", f"{level} interval", "P(>0)", ""),
            rows,
            len(fitted.table) - len(rows),
        ),
    )


def overview_sentence(fitted: FittedHierarchy) -> str:
    """Say how alphas are spread, and how many are expected to be above zero."""
    level, unit = fitted.groups.iloc[-1], fitted.unit
    if len(fitted.assets) == 1:
        return f"1 asset: nothing to weigh its {unit.label} by but the prior, which is about zero."
    grouped = len(fitted.group_names)
    between = f" in {grouped} groups" if grouped > 1 else ""
    expected = f"{level['expected_skilled']:,.0f}"
    are = "is" if expected == "1" else "are"
    return (
        f"{len(fitted.assets):,} assets{between}: the mean {unit.label} is "
        f"{unit.written(level['mean'])} ({percent(fitted.hdi_prob, 0)} "
        f"{unit.interval(level['hdi_low'], level['hdi_high'])}), {spread_clause(fitted)}; "
        f"{expected} {are} expected to be above zero."
    )


def spread_clause(fitted: FittedHierarchy) -> str:
    """Say how far alphas are spread within groups, and of how many there is one."""
    spread = fitted.unit.written(float(fitted.posterior.flat("alpha_spread").mean()))
    if not fitted.has_spike:
        within = "within groups" if len(fitted.group_names) > 1 else "about it"
        return f"with a spread of {spread} {within}"
    share = fitted.posterior.flat("alpha_share")
    low, high = highest_density_interval(share, fitted.hdi_prob)
    return (
        f"{percent(float(share.mean()), 0)} (from {percent(float(low), 0)} to "
        f"{percent(float(high), 0)}) have one that is not zero, with a spread of {spread}"
    )


def between_sentence(fitted: FittedHierarchy) -> str:
    """Say how far the means of groups such as these differ; of two groups or more."""
    unit, between = fitted.unit, fitted.posterior.flat("alpha_between")
    low, high = highest_density_interval(between, fitted.hdi_prob)
    return (
        f"Means of groups differ by {unit.written(float(between.mean()))} (spread between groups; "
        f"{percent(fitted.hdi_prob, 0)} {unit.interval(float(low), float(high))})."
    )


def _doubts(fitted: FittedHierarchy) -> list[str]:
    worst = min(min(row["ess_bulk"], row["ess_tail"]) for row in fitted.checks.values())
    doubts = draws_doubts(worst, max(row["r_hat"] for row in fitted.checks.values()))
    if fitted.rejected:
        left = len(fitted.rejected)
        doubts.append(f"{left:,} asset{'s are' if left > 1 else ' is'} left out: see rejected.")
    if fitted.more_in_common:
        doubts.append(MORE_IN_COMMON)
    if fitted.copies:
        same = len(fitted.copies)
        doubts.append(
            f"{same:,} asset{'s are near-copies' if same > 1 else ' is a near-copy'} of others, "
            "and one bet with them: see copies."
        )
    return doubts
