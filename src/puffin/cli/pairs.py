"""`puffin pairs`: whether one column hedges another and trading it pays, or which pairs do."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from puffin.cli import options
from puffin.cli.command import command
from puffin.cli.failures import BadInputError
from puffin.cli.layout import fact_table, print_lines, print_titled, stdout_console
from puffin.cli.options import checked, data_option, model_option, trading_option
from puffin.findings.pair_words import order_words, pair_notes, position_words
from puffin.showing.numbers import decimal, interval, percent, probability
from puffin.showing.periods import period_noun

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from puffin.findings.pair import PairFindings
    from puffin.findings.settings import AnalysisSettings, PairSettings

__all__ = ["pair_record", "pairs", "print_pair"]


class HedgeMethod(StrEnum):
    """How the hedge ratio is followed through time."""

    ROLLING = "rolling"
    STATE_SPACE = "state-space"


class Zscore(StrEnum):
    """What the spread is measured against."""

    ROLLING = "rolling"
    FORECAST = "forecast"


PairNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[Y X...]",
        help="Column of the asset, then those of its hedge. Not with --screen.",
        show_default=False,
    ),
]
Screen = Annotated[bool, data_option("--screen", "Rank all pairs of columns.")]
FalseDiscoveryRate = Annotated[
    float,
    data_option(
        "--fdr",
        "With --screen: the false discovery rate at which a pair passes.",
        metavar="RATE",
        callback=checked("probability", "--fdr"),
    ),
]
HedgeMethodOption = Annotated[
    HedgeMethod,
    model_option(
        "--method",
        "rolling: a regression in each window, errors AR(1). state-space: a random walk.",
    ),
]
Window = Annotated[
    int,
    model_option(
        "--window",
        "Rows of each regression; of the warm-up, with state-space.",
        metavar="NUMBER",
        min=4,
    ),
]
LogRatios = Annotated[
    bool, model_option("--log", "Hedge log prices: a ratio of values, not of shares.")
]
EntryThreshold = Annotated[float, trading_option("--entry", "Enter beyond this.", metavar="Z")]
ExitThreshold = Annotated[float, trading_option("--exit", "Leave within this.", metavar="Z")]
StopThreshold = Annotated[
    float | None, trading_option("--stop", "Leave beyond this, at a loss.", metavar="Z")
]
MaxHolding = Annotated[
    int | None,
    trading_option("--max-holding", "Leave after so many rows.", metavar="NUMBER", min=1),
]
ZscoreOption = Annotated[
    Zscore,
    trading_option(
        "--zscore", "rolling: against the last spreads. forecast: against the model's own forecast."
    ),
]
ZscoreWindow = Annotated[
    int,
    trading_option("--zscore-window", "Spreads in the rolling z-score.", metavar="NUMBER", min=2),
]


@command
def pairs(
    file: options.PriceFile,
    names: PairNames = None,
    screen: Screen = False,
    fdr: FalseDiscoveryRate = 0.05,
    date_column: options.DateColumn = None,
    date_order: options.DateOrderOption = None,
    decimal: options.DecimalOption = None,
    method: HedgeMethodOption = HedgeMethod.ROLLING,
    window: Window = 60,
    log: LogRatios = False,
    entry: EntryThreshold = 2.0,
    leave: ExitThreshold = 0.5,
    stop: StopThreshold = None,
    max_holding: MaxHolding = None,
    zscore: ZscoreOption = Zscore.ROLLING,
    zscore_window: ZscoreWindow = 20,
    commission_bps: options.CommissionBps = 1.0,
    slippage_bps: options.SlippageBps = 2.0,
    borrow_rate: options.BorrowRate = 0.005,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    samples: options.Samples = 5000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    out: options.TableOut = None,
    json: options.AsJson = False,
) -> None:
    """Hedge ratio and position of a pair, or a search for pairs.

    FILE has a header and a column of prices for each asset; dates stand in the first column or in
    --date-column. Rows in which a price is missing are left out.

    With Y and X: the current hedge ratio with its interval, the z-score of the spread, the
    position, and the posterior Sharpe ratio of trading it, after costs; signals are traded one row
    later.

    With --screen: all pairs of columns, ranked by a test of cointegration, with the false discovery
    rate controlled, since of many pairs some pass by chance.

    [b]Examples[/b]

    puffin pairs prices.csv KO PEP

    puffin pairs prices.csv XOM CVX --log --method state-space --zscore forecast

    puffin pairs prices.csv --screen
    """
    from puffin.cli.reading import prices_of, read_table, refuse_to_overwrite
    from puffin.cli.screening import show_screen
    from puffin.findings.settings import AnalysisSettings, PairSettings

    chosen = _chosen(names, screen)
    settings = AnalysisSettings(
        risk_free_rate=risk_free,
        periods_per_year=periods_per_year,
        hdi_prob=hdi_prob,
        samples=samples,
        seed=options.some_seed(seed),
        cores=cores,
    )
    refuse_to_overwrite(file, out)
    prices = prices_of(read_table(file, date_column, date_order, decimal), chosen)
    if screen:
        show_screen(prices, settings, log, fdr, json, out)
        return
    trading = PairSettings(
        method=str(method),
        window=window,
        log_prices=log,
        entry_threshold=entry,
        exit_threshold=leave,
        zscore=str(zscore),
        zscore_window=zscore_window,
        stop_threshold=stop,
        max_holding=max_holding,
        commission_bps=commission_bps,
        slippage_bps=slippage_bps,
        borrow_rate=borrow_rate,
    )
    _trade(prices, chosen, trading, settings, json, out)


def _chosen(names: list[str] | None, screen: bool) -> tuple[str, ...]:
    """Return the columns of the pair, none to screen them all."""
    chosen = tuple(names or ())
    if screen == bool(chosen):
        raise BadInputError(
            "name the columns of a pair (puffin pairs prices.csv KO PEP), or give --screen."
        )
    if len(chosen) == 1 or len(set(chosen)) < len(chosen):
        raise BadInputError(f"a pair is two different columns or more; found {list(chosen)}.")
    return chosen


def _trade(
    prices: pd.DataFrame,
    names: tuple[str, ...],
    trading: PairSettings,
    settings: AnalysisSettings,
    as_json: bool,
    out: Path | None,
) -> None:
    """Show one pair: hedge ratio, z-score, position, and the backtest of its spread."""
    from puffin.cli.json_output import dump
    from puffin.cli.output_file import print_where, reserved_output
    from puffin.cli.progress import progress_bar
    from puffin.findings.pair import find_pair
    from puffin.findings.settings import with_periods

    settings = with_periods(settings, {name: prices[name] for name in names})
    with reserved_output(out, _rows) as write:
        with progress_bar() as bar:
            found = find_pair(prices, names, trading, settings, bar)
        write(found)
    if as_json:
        print(dump({"pair": pair_record(found)}, settings, {}))
    else:
        console = stdout_console()
        print_pair(console, found, settings)
        print_lines(console, [f"Seed {settings.seed}."])
        print_where(console, out)


def _rows(pair: PairFindings) -> list[dict[str, Any]]:
    """Return one row, with all that is known of the pair."""
    record = pair_record(pair)
    return [record | {"x": ", ".join(record["x"])}]


def pair_record(pair: PairFindings) -> dict[str, Any]:
    """Return what is known of a pair, and of trading it."""
    return {
        "y": pair.strategy.y,
        "x": list(pair.strategy.hedges),
        "settings": asdict(pair.settings),
        "last": pair.last_label,
        "hedge_ratio": {
            name: {
                **asdict(hedge),
                "variation": pair.variation.get(name),
                "prob_stable": pair.prob_stable.get(name),
            }
            for name, hedge in pair.hedges.items()
        },
        "method": pair.model.fitted_by,
        "zscore": float(pair.zscore.iloc[-1]),
        "position": pair.position,
        "held": pair.held,
        "prob_mean_reverting": pair.prob_mean_reverting,
        "prob_mean_reverting_by_order": pair.by_order,
        "half_life": asdict(pair.half_life),
        "trades": pair.trades,
        "performance": pair.result.summary().to_dict(),
        "sharpe_net": None if pair.net is None else dict(pair.net),
        "sharpe_gross": None if pair.gross is None else dict(pair.gross),
    }


def print_pair(console: Console, pair: PairFindings, settings: AnalysisSettings) -> None:
    """Print hedge ratio, z-score, position, and what trading the spread would have earned."""
    table = fact_table(_facts(pair, settings))
    print_titled(console, f"{pair.name}, after {pair.last_label}", table)
    print_lines(console, pair_notes(pair, settings))


def _facts(pair: PairFindings, settings: AnalysisSettings) -> list[tuple[str, str, str]]:
    """Return what each line is of, its number, and the interval or what else goes with it."""
    noun, half = period_noun(settings.periods), pair.half_life
    rows = []
    for name, hedge in pair.hedges.items():
        range_ = f"{decimal(hedge.low, 3)} to {decimal(hedge.high, 3)}"
        rows.append((f"hedge ratio of {name}, next {noun}", decimal(hedge.mean, 3), range_))
        if name in pair.prob_stable:
            varies = f"varies by {percent(pair.variation[name], 0)} of its size"
            rows.append(("  P(it is stable)", probability(pair.prob_stable[name]), varies))
    score = decimal(float(pair.zscore.iloc[-1]))
    rows += [
        ("z-score of the spread", score, position_words(pair, settings)),
        (
            "P(the spread returns to a mean)",
            probability(pair.prob_mean_reverting),
            order_words(pair),
        ),
        (
            f"half-life in {noun}s, if it does",
            f"{half.median:,.0f}",
            f"{half.low:,.0f} to {half.high:,.0f}",
        ),
        ("trades", f"{pair.trades}", ""),
    ]
    for label, sharpe in (("after costs", pair.net), ("before costs", pair.gross)):
        if sharpe is not None:
            range_ = interval(sharpe["hdi_low"], sharpe["hdi_high"])
            chance = probability(sharpe["prob_positive"])
            rows.append(
                (
                    f"annual Sharpe ratio {label}",
                    decimal(sharpe["mean"]),
                    f"{range_}, P(>0) {chance}",
                )
            )
    return rows
