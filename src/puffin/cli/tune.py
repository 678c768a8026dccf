"""`puffin tune`: which settings of a strategy are best, and what is left of the best result."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError
from puffin.cli.layout import (
    bold,
    number_table,
    print_lines,
    print_titled,
    stdout_console,
)
from puffin.cli.options import checked, data_option, model_option, output_option, sampling_option
from puffin.showing.numbers import decimal, interval, percent, probability

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from puffin.strategies import Strategy
    from puffin.tuning import OpenedHoldout, TunedStrategy

__all__ = ["tune"]


class Rule(StrEnum):
    """The strategies that ship and can be tuned."""

    MOMENTUM = "momentum"
    WINNERS = "winners"
    MOVING_AVERAGE = "moving-average"
    PAIRS = "pairs"


StrategyOption = Annotated[
    Rule,
    model_option(
        "--strategy",
        "momentum: long what rose. winners: long what rose most, short what fell most. "
        "moving-average: long while a fast average is above a slow one. pairs: the spread of two "
        "columns, named by --column.",
    ),
]
Tried = Annotated[
    list[str] | None,
    model_option(
        "--try",
        "What to try of a setting: lookback=20:250, direction=long-only,long-short, or a single "
        "value; may be given more than once. \\[default: all settings, in ranges of their own]",
        metavar="SETTING=VALUES",
    ),
]
Trials = Annotated[int, sampling_option("--trials", "The most backtests.", metavar="NUMBER", min=1)]
Timeout = Annotated[
    float | None,
    sampling_option(
        "--timeout",
        "Seconds after which no further backtest begins.",
        metavar="SECONDS",
        callback=checked("positive_number", "--timeout"),
    ),
]
LeastGain = Annotated[
    float,
    sampling_option(
        "--least-gain",
        "Stop when another backtest is expected to add less than this to the Sharpe ratio.",
        metavar="NUMBER",
        callback=checked("positive_number", "--least-gain"),
    ),
]
Train = Annotated[
    int,
    data_option(
        "--train", "Rows before the first that counts, for averages.", metavar="NUMBER", min=1
    ),
]
Holdout = Annotated[
    float,
    data_option("--holdout", "Share of the rows, at the end, that stays locked.", metavar="SHARE"),
]
OpenHoldout = Annotated[
    bool, data_option("--open-holdout", "Open the holdout after the search. Once is all it takes.")
]
Samples = Annotated[
    int,
    sampling_option("--samples", "Draws.", metavar="NUMBER", min=100, max=options.MOST_SAMPLES),
]
Store = Annotated[
    Path | None,
    output_option(
        "--store",
        "Keep every trial in this directory, and go on from what is there.",
        metavar="DIR",
    ),
]
Top = Annotated[int, output_option("--top", "Show so many trials.", metavar="NUMBER", min=1)]
Out = Annotated[
    Path | None,
    output_option(
        "--out -o",
        "Draw true against apparent Sharpe ratios too, in a file that ends in .png, .svg or .pdf; "
        "or write the table, in one that ends in .csv or .parquet.",
        metavar="PATH",
    ),
]


@command
def tune(
    file: options.PriceFile,
    strategy: StrategyOption = Rule.MOMENTUM,
    tried: Tried = None,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    column: options.Columns = None,
    train: Train = 378,
    holdout: Holdout = 0.2,
    open_holdout: OpenHoldout = False,
    commission_bps: options.CommissionBps = 1.0,
    slippage_bps: options.SlippageBps = 2.0,
    borrow_rate: options.BorrowRate = 0.005,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    trials: Trials = 200,
    timeout: Timeout = None,
    least_gain: LeastGain = 0.0001,
    samples: Samples = 4000,
    seed: options.Seed = None,
    store: Store = None,
    top: Top = 10,
    out: Out = None,
    json: options.AsJson = False,
) -> None:
    """Best settings of a strategy, and how much of the result is left.

    FILE has a header and a column of prices for each asset. The strategy's settings are searched by
    backtests after costs, all on the same days. What is left of the best one's Sharpe ratio is its
    posterior given all that were tried, how alike they are, and how much they differ.

    The last part of the rows is held out: the search is not given it. --open-holdout opens it; with
    --store that is remembered, and said when it is opened again.

    [b]Examples[/b]

    puffin tune prices.csv --strategy moving-average

    puffin tune prices.csv --strategy momentum --try lookback=60:300 --try direction=long-only

    puffin tune prices.csv --strategy pairs --column KO --column PEP --store ko-pep
    """
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import drawn_to, print_where, reserved_output
    from puffin.cli.reading import prices_of, read_table, refuse_returns, refuse_to_overwrite
    from puffin.cli.tried import space_of
    from puffin.findings.settings import AnalysisSettings
    from puffin.tuning import BayesianOptimizer

    refuse_to_overwrite(file, out)
    chosen = tuple(column or ())
    rule = _rule(strategy, chosen)
    space = space_of(rule, tried or [])
    table = read_table(file, date_column, date_order, decimal)
    refuse_returns(table, chosen, file, "puffin tune")
    prices = prices_of(table, chosen)
    seed = seed if store is not None else options.some_seed(seed)
    with reserved_output(out, _rows, _figure) as write, _named_as_options():
        search = BayesianOptimizer(
            rule, space, n_trials=trials, timeout=timeout, least_gain=least_gain, train=train,
            holdout=holdout, store=store, samples=samples, hdi_prob=hdi_prob,
            periods_per_year=periods_per_year, random_seed=seed, progressbar=sys.stderr.isatty(),
            commission_bps=commission_bps, slippage_bps=slippage_bps, borrow_rate=borrow_rate,
            risk_free_rate=risk_free,
        )  # fmt: skip
        found = search.fit(prices)
        opened = found.open_holdout() if open_holdout else None
        write(found)
    if json:
        settings = AnalysisSettings(
            risk_free_rate=risk_free, periods_per_year=found.evaluation.periods_per_year,
            hdi_prob=hdi_prob, samples=samples, seed=found.seed,
        )  # fmt: skip
        print(dump({**_record(found, opened), "figure": drawn_to(out)}, settings, {}))
        return
    _print(found, opened, top)
    print_where(stdout_console(), out)


@contextmanager
def _named_as_options() -> Iterator[None]:
    """Let what the library says of its arguments name the options that they came from."""
    try:
        yield
    except ValueError as error:
        told = re.sub(r"\b(train|holdout|store)=", r"--\1 ", str(error))
        raise BadInputError(re.sub(r"^(train|holdout) must", r"--\1 must", told)) from None


def _rule(rule: Rule, chosen: tuple[str, ...]) -> Strategy:
    """Return the strategy to tune."""
    from puffin.strategies import (
        CrossSectionalMomentum,
        Momentum,
        MovingAverageCross,
        PairsStrategy,
    )

    if rule is not Rule.PAIRS:
        kinds: dict[Rule, type[Strategy]] = {
            Rule.MOMENTUM: Momentum,
            Rule.WINNERS: CrossSectionalMomentum,
            Rule.MOVING_AVERAGE: MovingAverageCross,
        }
        return kinds[rule]()
    if len(chosen) < 2:
        raise BadInputError("--strategy pairs needs the asset and its hedge: two --column.")
    return PairsStrategy(chosen[0], chosen[1:])


def _rows(found: TunedStrategy) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()}
            for row in found.table.to_dict("records")]  # fmt: skip


def _figure(found: TunedStrategy) -> Figure:
    return found.plot()


def _record(found: TunedStrategy, opened: OpenedHoldout | None) -> dict[str, Any]:
    from puffin.tuning.card import doubts_of

    selection = found.selection
    return {
        "strategy": type(found.strategy).__name__,
        "params": dict(found.params),
        "trial": found.best.number,
        "apparent": selection.apparent,
        "sharpe": dict(selection.summary),
        "prob_best": float(selection.prob_best[selection.chosen]),
        "sentence": found.sentence,
        "n_trials": len(found.trials),
        "n_ruled_out": sum(not one.is_valid for one in found.trials),
        "effective_trials": selection.effective_trials,
        "undecided": len(selection.undecided),
        "deflated_sharpe_ratio": selection.deflated_sharpe_ratio,
        "prob_overfit": selection.prob_overfit,
        "stopped": found.stopped,
        "doubts": doubts_of(found),
        "trials": _rows(found),
        "refused": [
            {"trial": one.number, **one.params, "reason": one.reason}
            for one in found.trials
            if not one.is_valid
        ],
        "holdout": None if opened is None else _holdout(opened),
    }


def _holdout(opened: OpenedHoldout) -> dict[str, Any]:
    return {
        "sharpe_of_the_sample": opened.ratio,
        "expected": float(opened.expected.mean()),
        "prob_worse": opened.prob_worse,
        "prob_better": opened.prob_better,
        "n_observations": len(opened.backtest.returns),
        "sharpe": None if opened.sharpe is None else dict(opened.sharpe),
        "opened_before": len(opened.openings) - 1,
    }


def _print(found: TunedStrategy, opened: OpenedHoldout | None, top: int) -> None:
    """Print the best trials, and what all of them say of the chosen one."""
    from rich.text import Text

    from puffin.models.selection.card import HOW_TO_READ
    from puffin.showing.printable import printable
    from puffin.tuning.card import doubts_of, tuned_sentences
    from puffin.tuning.trial import written

    console, selection = stdout_console(), found.selection
    level = f"{percent(selection.hdi_prob, 0)} interval"
    heading = ",\n".join(found.params)
    table = number_table(heading, "apparent", "true", level, "P(best)", names=heading)
    values = {one.number: ", ".join(map(written, one.params.values())) for one in found.trials}
    for row in found.table.head(top).to_dict("records"):
        table.add_row(
            Text(printable(values[row["trial"]])),
            decimal(row["apparent"]),
            bold(decimal(row["mean"])),
            interval(row["hdi_low"], row["hdi_high"]),
            probability(row["prob_best"]),
        )
    title = f"{type(found.strategy).__name__}: annual Sharpe ratio after costs"
    print_titled(console, title, table)
    told = tuned_sentences(found, how="--open-holdout opens it")
    print_lines(console, [*told, *doubts_of(found), HOW_TO_READ])
    if opened is not None:
        holdout = opened._card()
        print_lines(console, [*holdout.sentences, *holdout.doubts])
    print_lines(console, [f"Seed {found.seed}."])
