"""Tables for a terminal, 80 columns or more wide."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from puffin.models.bayesian import SharpePosterior, StrategyComparison
from puffin.report.checks import FEW_OBSERVATIONS, draws_are_fine, is_at_odds
from puffin.report.numbers import coarse_probability, decimal, interval, percent, probability

__all__ = [
    "few_observations_notes",
    "print_comparison",
    "print_lines",
    "print_sharpes",
    "stdout_console",
]

_LONGEST_NAME, _SHORTEST_NAME = 40, 12
_NUMBERS = 61
_MOST_DIFFERENCES = 12
_CELL, _GAP = 5, 2


def stdout_console() -> Console:
    """Return a console on standard output: no colours unless a terminal is there."""
    return Console(file=sys.stdout, highlight=False)


def print_sharpes(
    console: Console, sharpes: Mapping[str, SharpePosterior], benchmark: str | None = None
) -> None:
    """Print a row for each posterior Sharpe ratio, and notes on what stands out."""
    first = next(iter(sharpes.values()))
    table = _table(
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
            _tick(console) if _is_fine(sharpe) else "!",
        )
    _print_titled(
        console, "Annual Sharpe ratio: posterior, and beside it the point estimate", table
    )
    print_lines(console, _sharpe_notes(console, sharpes, benchmark))


def print_comparison(console: Console, comparison: StrategyComparison) -> None:
    """Print the ranking, the probability that one beats another, and the leader's differences."""
    _print_ranking(console, comparison)
    _print_matrix(console, comparison)
    _print_differences(console, comparison)


def print_lines(console: Console, lines: list[str]) -> None:
    """Print notes under a table."""
    for line in lines:
        console.print(Text(line))


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
        notes.append(f"{_tick(console)} the sampler's draws can be relied on.")
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
    table = _table("rank", "strategy", "mean", "sd", level, "P(>0)", "P(best)")
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
        "independent": ", each on its own",
    }[comparison.dependence]
    _print_titled(console, f"Ranking by annual Sharpe ratio{together}", table)


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
    table = _table("", "strategy", *headings[:shown])
    for i in range(shown):
        cells = ["·" if i == j else coarse_probability(float(matrix[i, j])) for j in range(shown)]
        table.add_row(str(i + 1), shown_names[i], *cells)
    _print_titled(console, "Probability that the row beats the column", table)
    if shown < len(names):
        print_lines(console, [f"The best {shown} of {len(names)}; --json has them all.", ""])


def _print_differences(console: Console, comparison: StrategyComparison) -> None:
    differences, names = comparison.differences, list(comparison.table["strategy"])
    of_leader = differences[differences["better"] == names[0]].head(_MOST_DIFFERENCES)
    level = f"{percent(comparison.hdi_prob, 0)} interval"
    table = _table("strategy", "mean", "sd", level, "P(better)")
    for row in of_leader.to_dict("records"):
        table.add_row(
            _name(console, row["worse"]),
            decimal(row["mean"]),
            decimal(row["std"]),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_better"]),
        )
    _print_titled(console, f"Sharpe ratio of {names[0]} less that of ...", table)
    if len(of_leader) < len(differences):
        print_lines(
            console, [f"{len(of_leader)} of {len(differences)} differences; --json has them all."]
        )


def _print_titled(console: Console, title: str, table: Table) -> None:
    console.print(Text(title, style="bold"))
    console.print(table)


def _is_fine(sharpe: SharpePosterior) -> bool:
    return draws_are_fine(sharpe["ess"], sharpe["r_hat"])


def _tick(console: Console) -> str:
    return "✓" if console.encoding.startswith("utf") else "ok"


def _name(console: Console, name: str) -> Text:
    """Return a name that leaves the numbers beside it their room."""
    text = Text("".join(c if c.isprintable() else "�" for c in name))
    text.truncate(
        min(_LONGEST_NAME, max(_SHORTEST_NAME, console.width - _NUMBERS)), overflow="ellipsis"
    )
    return text


def _table(*headings: str | Text) -> Table:
    """Return a table of numbers, but for the column headed "strategy"."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1), pad_edge=False)
    for heading in headings:
        is_name = str(heading).strip() == "strategy"
        table.add_column(heading, justify="left" if is_name else "right", no_wrap=True)
    return table
