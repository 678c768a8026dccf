"""Tables of Sharpe ratios and of their comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from puffin.cli.layout import number_table, print_lines, print_titled, shown_name, tick
from puffin.findings.checks import FEW_OBSERVATIONS, draws_are_fine, is_at_odds
from puffin.findings.numbers import coarse_probability, decimal, interval, percent, probability
from puffin.models.comparison import StrategyComparison
from puffin.models.sharpe import SharpePosterior

__all__ = ["few_observations_notes", "print_comparison", "print_sharpes"]

_NUMBERS = 61
_MOST_DIFFERENCES = 12
_CELL, _GAP = 5, 2


def print_sharpes(
    console: Console, sharpes: Mapping[str, SharpePosterior], benchmark: str | None = None
) -> None:
    """Print a row for each posterior Sharpe ratio, and notes on what stands out."""
    first = next(iter(sharpes.values()))
    table = number_table(
        "\nstrategy",
        "point\nestimate",
        "\nmean",
        "\nsd",
        f"{percent(first['hdi_prob'], 0)}\ninterval",
        "\nP(>0)",
        "\ncheck",
    )
    for name, sharpe in sharpes.items():
        table.add_row(
            _name(console, name),
            decimal(sharpe["sample_sharpe"]) + ("*" if is_at_odds(sharpe) else " "),
            Text(decimal(sharpe["mean"]), style="bold"),
            decimal(sharpe["std"]),
            interval(sharpe["hdi_low"], sharpe["hdi_high"]),
            probability(sharpe["prob_positive"]),
            tick(console) if _is_fine(sharpe) else "!",
        )
    print_titled(console, "Annual Sharpe ratio: posterior, and beside it the point estimate", table)
    print_lines(console, _sharpe_notes(console, sharpes, benchmark))


def print_comparison(console: Console, comparison: StrategyComparison) -> None:
    """Print the ranking, the probability that one beats another, and the leader's differences."""
    _print_ranking(console, comparison)
    _print_matrix(console, comparison)
    _print_differences(console, comparison)


def _sharpe_notes(
    console: Console, sharpes: Mapping[str, SharpePosterior], benchmark: str | None
) -> list[str]:
    first = next(iter(sharpes.values()))
    common = Counter(sharpe["model"] for sharpe in sharpes.values()).most_common(1)[0][0]
    others = {n: sharpe["model"] for n, sharpe in sharpes.items() if sharpe["model"] != common}
    lengths = {sharpe["n_observations"] for sharpe in sharpes.values()}
    rows = f"{min(lengths)}" if len(lengths) == 1 else f"{min(lengths)} to {max(lengths)}"
    notes = [
        f"{rows} returns; {first['periods_per_year']:g} periods a year; risk-free rate "
        f"{100 * first['risk_free_rate']:g}% a year"
        f"; model: {common}{' unless said below' if others else ''}."
    ]
    if benchmark is not None:
        notes.append(f"The benchmark is {benchmark}.")
    notes += [f"{name}: {model}." for name, model in others.items()]
    notes += [
        f"! {name}: {sharpe['ess']:.0f} effective draws, R-hat {decimal(sharpe['r_hat'], 3)}: "
        "too few, or the chains disagree; raise --samples."
        for name, sharpe in sharpes.items()
        if not _is_fine(sharpe)
    ]
    if any(_is_fine(sharpe) for sharpe in sharpes.values()):
        notes.append(f"{tick(console)} the sampler's draws can be relied on.")
    notes += few_observations_notes({n: sharpe["n_observations"] for n, sharpe in sharpes.items()})
    if any(is_at_odds(sharpe) for sharpe in sharpes.values()):
        notes.append(
            "* more than one sd from the posterior mean: large returns on one side decide the "
            "point estimate, and the symmetric model discounts them. If in doubt, go by the lower "
            "number."
        )
    return notes


def few_observations_notes(observations: Mapping[str, int]) -> list[str]:
    """Return a note on the strategies with so few observations that little is known of them."""
    few = [name for name, count in observations.items() if count < FEW_OBSERVATIONS]
    if not few:
        return []
    which = "" if len(few) == len(observations) else f" ({', '.join(few)})"
    return [
        f"Fewer than {FEW_OBSERVATIONS} returns{which} say little about a Sharpe ratio: take the "
        "interval as a statement of how much is not known."
    ]


def _print_ranking(console: Console, comparison: StrategyComparison) -> None:
    level = f"{percent(comparison.hdi_prob, 0)} interval"
    table = number_table("rank", "strategy", "mean", "sd", level, "P(>0)", "P(best)")
    for row in comparison.table.to_dict("records"):
        table.add_row(
            str(row["rank"]),
            _name(console, row["strategy"]),
            decimal(row["sharpe_mean"]),
            decimal(row["sharpe_std"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_positive"]),
            Text(probability(row["prob_best"]), style="bold"),
        )
    together = {
        "joint": ", all compared together",
        "partly joint": ", those never flat compared together",
        "coupled": ", each by a model of its own, coupled",
        "independent": ", each on its own",
    }[comparison.dependence]
    print_titled(console, f"Ranking by annual Sharpe ratio{together}", table)


def _print_matrix(console: Console, comparison: StrategyComparison) -> None:
    """Print as many of the best as fit, the columns by name or, where that takes too much, rank."""
    names = list(comparison.table["strategy"])
    shown_names = [_name(console, name) for name in names]
    room = console.width - max(name.cell_len for name in shown_names) - 8
    headings = [Text(f"{name:>{_CELL}}") for name in names]
    if sum(heading.cell_len + _GAP for heading in headings) > room:
        headings = [Text(f"{rank:>{_CELL}}") for rank in range(1, len(names) + 1)]
    shown = max(2, min(len(names), room // (_CELL + _GAP)))
    matrix = comparison.prob_better.loc[names, names].to_numpy()
    table = number_table("", "strategy", *headings[:shown])
    for i in range(shown):
        cells = ["·" if i == j else coarse_probability(float(matrix[i, j])) for j in range(shown)]
        table.add_row(str(i + 1), shown_names[i], *cells)
    print_titled(console, "Probability that the row beats the column", table)
    if shown < len(names):
        print_lines(console, [f"The best {shown} of {len(names)}; --json has them all.", ""])


def _print_differences(console: Console, comparison: StrategyComparison) -> None:
    differences, names = comparison.differences, list(comparison.table["strategy"])
    of_leader = differences[differences["better"] == names[0]].head(_MOST_DIFFERENCES)
    level = f"{percent(comparison.hdi_prob, 0)} interval"
    table = number_table("strategy", "mean", "sd", level, "P(better)")
    for row in of_leader.to_dict("records"):
        table.add_row(
            _name(console, row["worse"]),
            decimal(row["mean"]),
            decimal(row["std"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_better"]),
        )
    print_titled(console, f"Sharpe ratio of {names[0]} less that of ...", table)
    if len(of_leader) < len(differences):
        print_lines(
            console, [f"{len(of_leader)} of {len(differences)} differences; --json has them all."]
        )


def _is_fine(sharpe: SharpePosterior) -> bool:
    return draws_are_fine(sharpe["ess"], sharpe["r_hat"])


def _name(console: Console, name: str) -> Text:
    return shown_name(console, name, _NUMBERS)
