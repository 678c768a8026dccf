"""What `puffin skill` shows: tables, what they mean, and the record of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from puffin.cli.layout import bold, number_table, print_lines, print_titled, shown_name
from puffin.showing.numbers import percent, probability

if TYPE_CHECKING:
    from rich.console import Console

    from puffin.findings.skill_fits import SkillFits
    from puffin.models.hierarchical import BayesianHierarchical

__all__ = ["print_skill", "skill_record", "skill_rows"]

_MOST_ROWS, _NUMBERS = 20, 62
_GIVEN = ["group", "n_observations", "estimate", "std_error"]


def skill_rows(fits: SkillFits, fdr: float, threshold: float) -> list[dict[str, Any]]:
    """Return the rows of the table, what other fits say of each, and who is named.

    What another fit says is in columns that end with its distribution; prob_above is the lowest
    of all fits' probabilities.
    """
    table = fits.ranked(threshold)
    for name, one in list(fits.fits.items())[1:]:
        other = one.table.set_index("asset").drop(columns=_GIVEN, errors="ignore")
        table = table.join(other.filter(regex="^(?!beta_)").add_suffix(f"_{name}"), on="asset")
    named = set(fits.skilled(fdr, threshold).assets)
    return [
        {**{str(key): value for key, value in row.items()}, "named": row["asset"] in named}
        for row in table.to_dict("records")
    ]


def skill_record(fits: SkillFits, fdr: float, threshold: float) -> dict[str, Any]:
    """Return who is named whichever distribution is right, and what each of them says."""
    skilled = fits.skilled(fdr, threshold)
    return {
        "unit": fits.fitted.unit.label,
        "residual_factors": fits.fitted.n_common,
        "skilled": {
            "fdr": fdr,
            "threshold": threshold,
            "assets": skilled.assets,
            "expected_rate": skilled.expected_rate,
        },
        "distributions": {
            name: _record_of_one(one, fdr, threshold) for name, one in fits.fits.items()
        },
    }


def _record_of_one(model: BayesianHierarchical, fdr: float, threshold: float) -> dict[str, Any]:
    """Return the table, levels of groups, and those that are named if its distribution is right."""
    skilled, best = model.skilled(fdr, threshold), model.best()
    return {
        "skilled": {
            "assets": skilled.assets,
            "expected_rate": skilled.expected_rate,
            "expected_skilled": skilled.expected_skilled,
        },
        "best": {"asset": best.asset, "estimate": best.estimate, "mean": best.mean,
                 "luck": best.luck},
        "groups": model.groups.to_dict("records"),
        "table": model.table.to_dict("records"),
        "diagnostics": model.summary(model.hdi_prob),
    }  # fmt: skip


def print_skill(console: Console, fits: SkillFits, fdr: float, threshold: float) -> None:
    """Print the tables of groups and columns, and what they mean."""
    from puffin.findings.skill_words import skill_notes

    _print_groups(console, fits.first)
    _print_columns(console, fits, fdr, threshold)
    print_lines(console, skill_notes(fits, fdr, threshold))


def _print_groups(console: Console, model: BayesianHierarchical) -> None:
    """Print the groups, if there are some, and all columns as one."""
    if len(model.groups) == 1:
        return
    unit, level = model.fitted.unit, f"{percent(model.hdi_prob, 0)} interval"
    levels = number_table("group", "columns", "mean", level, "spread", "above 0", names="group")
    for row in model.groups.to_dict("records"):
        levels.add_row(
            shown_name(console, row["group"], _NUMBERS),
            f"{row['n_assets']:,}",
            unit.written(row["mean"]),
            unit.interval(row["hdi_low"], row["hdi_high"]),
            unit.written(row["spread"]),
            f"{row['expected_skilled']:,.1f}",
        )
    print_titled(console, f"Mean {unit.label} of groups", levels)


def _print_columns(console: Console, fits: SkillFits, fdr: float, threshold: float) -> None:
    """Print the most probably skilled columns, and what their numbers mean."""
    unit, level = fits.fitted.unit, f"{percent(fits.fitted.hdi_prob, 0)} interval"
    above = unit.written(threshold) if threshold else "0"
    table = number_table(
        "\ncolumn", "by\nitself", "\nmean", f"\n{level}", f"\nP(>{above})", "false\nso far",
        "\nnamed", names="column",
    )  # fmt: skip
    ranked = fits.ranked(threshold)
    for row in ranked.head(_MOST_ROWS).to_dict("records"):
        table.add_row(
            shown_name(console, row["asset"], _NUMBERS),
            unit.written(row["estimate"]),
            bold(unit.written(row["mean"])),
            unit.interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_above"]),
            percent(row["fdr"]),
            "yes" if row["fdr"] <= fdr else "",
        )
    label = unit.label[0].upper() + unit.label[1:]
    print_titled(console, f"{label}: posterior, and beside it the estimate by itself", table)
    rest = ranked["fdr"].iloc[_MOST_ROWS:]
    lines = ["False so far: share of false ones expected among this row and all above it."]
    if len(fits.fits) > 1:
        lines.append(
            f"Mean and interval take true ones to be normal; P(>{above}) and false so far are the "
            "more cautious of that and of some being exactly zero."
        )
    if len(rest):
        also = f", {(rest <= fdr).sum():,} of them named" if (rest <= fdr).any() else ""
        lines.append(
            f"{len(rest):,} more {'are' if len(rest) > 1 else 'is'} less probable{also}; --out or "
            f"--json has {'them all' if len(rest) > 1 else 'it too'}."
        )
    print_lines(console, lines)
