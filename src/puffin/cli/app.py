"""The commands and their options. Whatever takes time to import is imported when a command runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from puffin.cli import options
from puffin.cli.failures import BAD_INPUT, one_line_failures, say

__all__ = ["app", "main"]

_EXIT_CODES = (
    "Exit code 0: done. 2: something in the input is wrong, and one line on standard error says "
    "what; columns that are fine are still shown. 130: interrupted."
)


class _OneLineGroup(TyperGroup):
    """Commands whose usage errors are one line, like all others."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; with `standalone_mode`, leave with its exit code."""
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="replace")
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except Exception as error:
            # Typer's own class of errors has moved between versions; this method has not.
            if not hasattr(error, "format_message"):
                raise
            message = str(error.format_message()).replace("Value error, ", "").rstrip(".")
            say("error", f"{message} (puffin --help shows how it goes).")
            code = BAD_INPUT
        if standalone_mode:
            sys.exit(code or 0)
        return code


app = typer.Typer(
    cls=_OneLineGroup,
    name="puffin",
    no_args_is_help=False,
    invoke_without_command=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    app()


@app.callback(epilog=_EXIT_CODES)
def puffin(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Full, checked Bayesian posteriors for trading, from a CSV or Parquet file of returns.

    [b]puffin sharpe[/b] returns.csv           how good is each, and how sure is that?

    [b]puffin compare[/b] returns.csv          which is best?

    [b]puffin vol[/b] prices.csv --prices      how much does each move, now and next?

    [b]puffin risk[/b] prices.csv --prices     what may be lost next, and how much to hold?

    [b]puffin watch[/b] live.csv --since DATE  is a live strategy still as good as its backtest?

    [b]puffin pairs[/b] prices.csv KO PEP      does one hedge the other, and does trading it pay?

    [b]puffin report[/b] prices.csv --prices   everything, as one HTML page

    [b]puffin demo[/b]                         the same on data that ships
    """
    if version:
        from puffin import __version__

        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


_FILES = (
    "FILE has a header and a column for each strategy: simple returns as fractions (0.01 is 1%), "
    "or prices with --prices. Dates stand in the first column or in --date-column, in any order; "
    "20240131, 202401 and rising years are dates too. If the first column holds other numbers, the "
    "rows have no dates and are in order of time (a column that only numbers them is left out). "
    "Empty cells before a strategy's first value or after its last mean that it did not exist then."
)


@app.command(epilog=_EXIT_CODES, help=f"""Posterior Sharpe ratio of every column, in one table.

{_FILES}

[b]Examples[/b]

puffin sharpe returns.csv

puffin sharpe prices.csv --prices --risk-free 0.02 --column KO --column PEP

puffin sharpe monthly.csv --autocorrelation ar1 --seed 1 --json
""")  # fmt: skip
def sharpe(
    file: options.File,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    autocorrelation: options.AutocorrelationOption = options.Autocorrelation.IGNORE,
    samples: options.Samples = 5000,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Posterior Sharpe ratio of every column, in one table."""
    with one_line_failures():
        from puffin.cli.commands import run_sharpe
        from puffin.cli.inputs import read_returns
        from puffin.findings.settings import AnalysisSettings

        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            autocorrelation=str(autocorrelation),
            samples=samples,
            engine=str(engine),
            seed=options.some_seed(seed),
            cores=cores,
        )
        columns = read_returns(file, date_column=date_column, chosen=column, prices=prices)
        run_sharpe(columns, settings, json)


@app.command(epilog=_EXIT_CODES, help=f"""Ranking, P(best), and P(row beats column).

The strategies are modelled together on the dates they share, so that what moves all of them drops
out of their differences.

{_FILES}

[b]Examples[/b]

puffin compare returns.csv

puffin compare hundred-variants.csv --pool

puffin compare prices.csv --prices --json > comparison.json
""")  # fmt: skip
def compare(
    file: options.File,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    pool: options.Pool = False,
    samples: options.Samples = 5000,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Ranking, P(best), and P(row beats column)."""
    with one_line_failures():
        from puffin.cli.commands import run_compare
        from puffin.cli.inputs import read_returns
        from puffin.findings.settings import AnalysisSettings

        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            pool=pool,
            samples=samples,
            engine=str(engine),
            seed=options.some_seed(seed),
            cores=cores,
        )
        columns = read_returns(file, date_column=date_column, chosen=column, prices=prices)
        run_compare(columns, settings, json)


_VOLATILITY = (
    "Of each column, by a stochastic volatility model: the standard deviation of one period's "
    "return in the last period and in the next, the typical one, how long calms and storms last, "
    "and which of them this is. Without --prices the returns are taken as they are; volatility "
    "models are usually for log returns, and with --prices that is what they get."
)


@app.command(epilog=_EXIT_CODES, help=f"""Volatility of every column: now, next and usually.

{_VOLATILITY}

{_FILES}

[b]Examples[/b]

puffin vol prices.csv --prices

puffin vol returns.csv --column KO --horizon 10

puffin vol prices.csv --prices --out volatility.png

puffin vol prices.csv --prices --leverage --seed 1 --json
""")  # fmt: skip
def vol(
    file: options.File,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.LogPrices = False,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    distribution: options.DistributionOption = options.Distribution.STUDENT,
    leverage: options.Leverage = False,
    samples: options.Samples = 1500,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    horizon: options.Horizon = None,
    out: options.FigureOut = None,
    json: options.AsJson = False,
) -> None:
    """Volatility of every column: now, next and usually."""
    with one_line_failures():
        from puffin.cli.commands import run_vol
        from puffin.cli.inputs import read_returns
        from puffin.findings.settings import AnalysisSettings, VolatilitySettings

        settings = AnalysisSettings(
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            engine=str(engine),
            seed=options.some_seed(seed),
            cores=cores,
            volatility=VolatilitySettings(
                distribution=str(distribution),
                leverage=leverage,
                samples=samples,
                horizon=horizon or 1,
            ),
        )
        columns = read_returns(file, date_column=date_column, chosen=column, prices=prices)
        run_vol(columns, settings, json, from_prices=prices, ahead=horizon is not None, out=out)


@app.command(epilog=_EXIT_CODES, help="""Hedge ratio and position of a pair, or a search for pairs.

FILE has a header and a column of prices for each asset; dates stand in the first column or in
--date-column. Rows in which a price is missing are left out.

With Y and X: the current hedge ratio with its interval, the z-score of the spread, the position,
and the posterior Sharpe ratio of trading it, after costs; signals are traded one row later.

With --screen: all pairs of columns, ranked by a test of cointegration, with the false discovery
rate controlled, since of many pairs some pass by chance.

[b]Examples[/b]

puffin pairs prices.csv KO PEP

puffin pairs prices.csv XOM CVX --log --method state-space --zscore forecast

puffin pairs prices.csv --screen
""")  # fmt: skip
def pairs(
    file: options.File,
    names: options.PairNames = None,
    screen: options.Screen = False,
    fdr: options.FalseDiscoveryRate = 0.05,
    date_column: options.DateColumn = None,
    method: options.HedgeMethodOption = options.HedgeMethod.ROLLING,
    window: options.Window = 60,
    log: options.LogRatios = False,
    entry: options.EntryThreshold = 2.0,
    leave: options.ExitThreshold = 0.5,
    stop: options.StopThreshold = None,
    max_holding: options.MaxHolding = None,
    zscore: options.ZscoreOption = options.Zscore.ROLLING,
    zscore_window: options.ZscoreWindow = 20,
    commission_bps: options.CommissionBps = 1.0,
    slippage_bps: options.SlippageBps = 2.0,
    borrow_rate: options.BorrowRate = 0.005,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    samples: options.Samples = 5000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Hedge ratio and position of a pair, or a search for pairs."""
    with one_line_failures():
        from puffin.cli.failures import BadInputError
        from puffin.cli.inputs import read_prices
        from puffin.cli.pair_commands import run_pair, run_screen
        from puffin.findings.settings import AnalysisSettings, PairSettings

        chosen = tuple(names or ())
        if screen == bool(chosen):
            raise BadInputError(
                "name the columns of a pair (puffin pairs prices.csv KO PEP), or give --screen."
            )
        if len(chosen) == 1 or len(set(chosen)) < len(chosen):
            raise BadInputError(f"a pair is two different columns or more; found {list(chosen)}.")
        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            samples=samples,
            seed=options.some_seed(seed),
            cores=cores,
        )
        prices = read_prices(file, date_column=date_column, chosen=chosen)
        if screen:
            run_screen(prices, settings, log_prices=log, level=fdr, as_json=json)
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
        run_pair(prices, chosen, trading, settings, json)


@app.command(epilog=_EXIT_CODES, help=f"""Value at risk and position for the next period.

Of one column, by a stochastic volatility model. With --store DIR the model is fitted once and kept
there; on later days it is updated with the new rows of the file only, and each forecast is added to
DIR/history.csv. Rows of the past that have changed are named. A run that is killed loses nothing.

With --prices returns are log returns, and losses are fractions of what is invested.

{_FILES}

[b]Examples[/b]

puffin risk prices.csv --prices --column KO

puffin risk prices.csv --prices --column KO --store ko-risk --target 0.15 --max-leverage 2
""")  # fmt: skip
def risk(
    file: options.File,
    store: options.Store = None,
    anew: options.Anew = False,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.LogPrices = False,
    periods_per_year: options.PeriodsPerYear = None,
    distribution: options.DistributionOption = options.Distribution.STUDENT,
    leverage: options.LeverageOrNot = True,
    target: options.TargetVolatility = 0.1,
    max_leverage: options.MaxLeverage = 1.0,
    band: options.Band = 0.1,
    samples: options.Samples = 2000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Value at risk and position for the next period."""
    with one_line_failures():
        from puffin.cli.inputs import read_returns
        from puffin.cli.risk_commands import RiskOptions, run_risk
        from puffin.findings.settings import AnalysisSettings, VolatilitySettings

        settings = AnalysisSettings(
            periods_per_year=periods_per_year,
            seed=options.some_seed(seed),
            cores=cores,
            volatility=VolatilitySettings(
                distribution=str(distribution), leverage=leverage, samples=samples
            ),
        )
        columns = read_returns(file, date_column=date_column, chosen=column, prices=prices)
        asked = RiskOptions(store, prices, anew, target, max_leverage, band)
        run_risk(columns, settings, asked, json)


_WATCH = (
    "FILE has the backtest and the live returns of each strategy in one column. Shown are the "
    "probability that the annual Sharpe ratio since --since is lower than in the backtest before "
    "it, that it is below zero, how both moved week by week, and how many more months of data it "
    "takes to know (in JSON, null is never). A backtest that was chosen because it is good is "
    "better than the strategy: a lower Sharpe ratio is then to be expected, and its sign says more."
)


@app.command(epilog=_EXIT_CODES, help=f"""Is a live strategy still the one that was backtested?

{_WATCH}

{_FILES}

[b]Examples[/b]

puffin watch returns.csv --since 2024-01-01

puffin watch returns.csv --since 2024-01-01 --column carry --weeks 26 --out carry.png

puffin watch prices.csv --prices --since 2024-01-01 --seed 1 --json
""")  # fmt: skip
def watch(
    file: options.File,
    since: options.Since,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    autocorrelation: options.AutocorrelationOption = options.Autocorrelation.IGNORE,
    change_sd: options.ChangeSd = 1.0,
    certainty: options.Certainty = 0.95,
    samples: options.Samples = 2000,
    seed: options.Seed = None,
    cores: options.Cores = None,
    weeks: options.Weeks = None,
    out: options.WatchFigureOut = None,
    json: options.AsJson = False,
) -> None:
    """Whether a live strategy is still the one that was backtested."""
    with one_line_failures():
        from puffin.cli.inputs import read_returns
        from puffin.cli.watch_commands import WatchOptions, run_watch
        from puffin.findings.settings import AnalysisSettings

        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            autocorrelation=str(autocorrelation),
            samples=samples,
            seed=options.some_seed(seed),
            cores=cores,
        )
        columns = read_returns(file, date_column=date_column, chosen=column, prices=prices)
        asked = WatchOptions(since, change_sd, certainty, weeks, out)
        run_watch(columns, settings, asked, json)


@app.command(epilog=_EXIT_CODES, help=f"""Everything, as one HTML page that needs nothing else.

{_FILES}

[b]Examples[/b]

puffin report returns.csv --out report.html

puffin report prices.csv --prices --benchmark SPY --risk-free 0.02 --seed 1

puffin report prices.csv --prices --pair KO,PEP --pair XOM,CVX
""")  # fmt: skip
def report(
    file: options.File,
    out: options.Out = Path("report.html"),
    benchmark: options.Benchmark = None,
    pair: options.Pairs = None,
    date_column: options.DateColumn = None,
    column: options.Columns = None,
    prices: options.Prices = False,
    risk_free: options.RiskFree = 0.0,
    periods_per_year: options.PeriodsPerYear = None,
    hdi_prob: options.HdiProb = 0.94,
    autocorrelation: options.AutocorrelationOption = options.Autocorrelation.IGNORE,
    pool: options.Pool = False,
    samples: options.Samples = 5000,
    volatility_samples: options.VolatilitySamples = 1500,
    engine: options.EngineOption = options.Engine.NATIVE,
    seed: options.Seed = None,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Everything, as one HTML page that needs nothing else."""
    with one_line_failures():
        from puffin.cli.commands import run_report
        from puffin.cli.inputs import read_pairs, read_returns
        from puffin.findings.settings import AnalysisSettings, VolatilitySettings
        from puffin.report.page import Source

        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            periods_per_year=periods_per_year,
            hdi_prob=hdi_prob,
            autocorrelation=str(autocorrelation),
            pool=pool,
            samples=samples,
            engine=str(engine),
            seed=options.some_seed(seed),
            cores=cores,
            volatility=VolatilitySettings(samples=volatility_samples),
        )
        columns = read_returns(
            file, date_column=date_column, chosen=column, prices=prices, benchmark=benchmark
        )
        source = Source("standard input" if str(file) == "-" else file.name, from_prices=prices)
        pairs = read_pairs(file, pair, date_column=date_column, prices=prices)
        run_report(columns, settings, source, out, benchmark=benchmark, pairs=pairs, as_json=json)


@app.command(epilog=_EXIT_CODES)
def demo(
    out: options.Out = Path("puffin-demo.html"),
    risk_free: options.RiskFree = 0.01,
    samples: options.Samples = 5000,
    volatility_samples: options.VolatilitySamples = 1500,
    seed: options.Seed = 1,
    cores: options.Cores = None,
    json: options.AsJson = False,
) -> None:
    """Report on data that ships: ten years of six US stocks, against an equal-weight portfolio.

    [b]Example[/b]

    puffin demo --out demo.html
    """
    with one_line_failures():
        from puffin.cli.columns import Columns
        from puffin.cli.commands import (
            DEMO_BENCHMARK,
            DEMO_SOURCE,
            demo_pairs,
            demo_returns,
            run_report,
        )
        from puffin.findings.settings import AnalysisSettings, VolatilitySettings

        settings = AnalysisSettings(
            risk_free_rate=risk_free,
            samples=samples,
            seed=options.some_seed(seed),
            cores=cores,
            volatility=VolatilitySettings(samples=volatility_samples),
        )
        run_report(
            Columns(demo_returns(), {}),
            settings,
            DEMO_SOURCE,
            out,
            benchmark=DEMO_BENCHMARK,
            pairs=demo_pairs(),
            as_json=json,
        )
