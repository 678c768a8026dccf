"""Options that commands share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "Anew",
    "AsJson",
    "Autocorrelation",
    "AutocorrelationOption",
    "Band",
    "Benchmark",
    "BorrowRate",
    "Certainty",
    "ChangeSd",
    "Columns",
    "CommissionBps",
    "Cores",
    "DateColumn",
    "Distribution",
    "DistributionOption",
    "Engine",
    "EngineOption",
    "EntryThreshold",
    "ExitThreshold",
    "FalseDiscoveryRate",
    "FigureOut",
    "File",
    "HdiProb",
    "HedgeMethod",
    "HedgeMethodOption",
    "Horizon",
    "Leverage",
    "LeverageOrNot",
    "LogPrices",
    "LogRatios",
    "MaxHolding",
    "MaxLeverage",
    "Out",
    "PairNames",
    "Pairs",
    "PeriodsPerYear",
    "Pool",
    "Prices",
    "RiskFree",
    "Samples",
    "Screen",
    "Seed",
    "Since",
    "SlippageBps",
    "StopThreshold",
    "Store",
    "TargetVolatility",
    "VolatilitySamples",
    "WatchFigureOut",
    "Weeks",
    "Window",
    "Zscore",
    "ZscoreOption",
    "ZscoreWindow",
    "some_seed",
]

_DATA, _MODEL, _SAMPLING, _OUTPUT = "Data", "Model", "Sampling", "Output"
_TRADING = "Trading"


class Engine(StrEnum):
    """Who draws."""

    NATIVE = "native"
    PYMC = "pymc"


class Autocorrelation(StrEnum):
    """How returns hang on the one before."""

    IGNORE = "ignore"
    AR1 = "ar1"


class Distribution(StrEnum):
    """Of the errors of returns, given their volatility."""

    STUDENT = "student"
    NORMAL = "normal"


class HedgeMethod(StrEnum):
    """How the hedge ratio is followed through time."""

    ROLLING = "rolling"
    STATE_SPACE = "state-space"


class Zscore(StrEnum):
    """What the spread is measured against."""

    ROLLING = "rolling"
    FORECAST = "forecast"


def _checked(check: str, option: str) -> Callable[[Any], Any]:
    """Return a callback that applies one of the library's own checks of arguments."""

    def callback(value: Any) -> Any:
        if value is None:
            return None
        from puffin.validation import arguments

        try:
            return getattr(arguments, check)(option, value)
        except (TypeError, ValueError) as error:
            raise typer.BadParameter(str(error).removeprefix(f"{option} ")) from None

    return callback


def _risk_free(value: float) -> float:
    _checked("finite_number", "--risk-free")(value)
    if not -1.0 < value < 1.0:
        raise typer.BadParameter(f"must be a fraction a year, so that 2% is 0.02; found {value:g}.")
    return value


def _certainty(value: float) -> float:
    _checked("probability", "--certainty")(value)
    if value <= 0.5:
        raise typer.BadParameter(f"must be above 0.5; found {value:g}.")
    return value


def some_seed(seed: int | None) -> int:
    """Return the seed, or a new one that the output can name."""
    return secrets.randbelow(10**6) if seed is None else seed


File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="CSV or Parquet, a column for each strategy; - for standard input.",
        show_default=False,
    ),
]
DateColumn = Annotated[
    str | None,
    typer.Option(
        "--date-column",
        metavar="NAME",
        help="Column that holds the dates. \\[default: the first]",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        "-c",
        metavar="NAME",
        help="Use only this column; may be given more than once.",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
Prices = Annotated[
    bool,
    typer.Option(
        "--prices", help="Columns are prices: turn them into returns.", rich_help_panel=_DATA
    ),
]
LogPrices = Annotated[
    bool,
    typer.Option(
        "--prices", help="Columns are prices: turn them into log returns.", rich_help_panel=_DATA
    ),
]
RiskFree = Annotated[
    float,
    typer.Option(
        "--risk-free",
        metavar="RATE",
        callback=_risk_free,
        help="Annual risk-free rate; 0.02 is 2%.",
        rich_help_panel=_MODEL,
    ),
]
PeriodsPerYear = Annotated[
    float | None,
    typer.Option(
        "--periods-per-year",
        metavar="NUMBER",
        callback=_checked("positive_number", "--periods-per-year"),
        help="252 for trading days. \\[default: read off the dates]",
        show_default=False,
        rich_help_panel=_MODEL,
    ),
]
HdiProb = Annotated[
    float,
    typer.Option(
        "--hdi-prob",
        metavar="PROB",
        callback=_checked("probability", "--hdi-prob"),
        help="Probability of the intervals.",
        rich_help_panel=_MODEL,
    ),
]
AutocorrelationOption = Annotated[
    Autocorrelation,
    typer.Option(
        "--autocorrelation",
        help="ar1: returns follow on from the one before, and the year is counted accordingly.",
        rich_help_panel=_MODEL,
    ),
]
DistributionOption = Annotated[
    Distribution,
    typer.Option(
        "--distribution",
        help="Of the errors; with normal ones a single large return must mean high volatility.",
        rich_help_panel=_MODEL,
    ),
]
Leverage = Annotated[
    bool,
    typer.Option(
        "--leverage",
        help="Volatility may rise after losses more than after gains.",
        rich_help_panel=_MODEL,
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option(
        "--horizon",
        metavar="NUMBER",
        min=1,
        help="Forecast so many periods, in a second table.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
Pool = Annotated[
    bool,
    typer.Option(
        "--pool",
        help="Shrink Sharpe ratios towards zero, the more so the less they differ: for when many "
        "strategies were tried.",
        rich_help_panel=_MODEL,
    ),
]
Samples = Annotated[
    int,
    typer.Option(
        "--samples",
        metavar="NUMBER",
        min=1,
        help="Draws of each of the four chains.",
        rich_help_panel=_SAMPLING,
    ),
]
VolatilitySamples = Annotated[
    int,
    typer.Option(
        "--volatility-samples",
        metavar="NUMBER",
        min=1,
        help="Draws of each of the four chains of a volatility model.",
        rich_help_panel=_SAMPLING,
    ),
]
EngineOption = Annotated[
    Engine,
    typer.Option("--engine", help="pymc needs PyMC, and patience.", rich_help_panel=_SAMPLING),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="NUMBER",
        min=0,
        help="Makes the output repeatable. \\[default: a new one each time]",
        show_default=False,
        rich_help_panel=_SAMPLING,
    ),
]
Cores = Annotated[
    int | None,
    typer.Option(
        "--cores",
        metavar="NUMBER",
        min=1,
        help="Threads. \\[default: as many as there are]",
        show_default=False,
        rich_help_panel=_SAMPLING,
    ),
]
Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="PATH", help="The page.", rich_help_panel=_OUTPUT),
]
FigureOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="PATH",
        help="Draw the volatility too, in a file that ends in .png, .svg or .pdf.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
WatchFigureOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="PATH",
        help="Draw the weeks of one column too, in a file that ends in .png, .svg or .pdf.",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
Since = Annotated[
    str,
    typer.Option(
        "--since",
        metavar="DATE",
        help="First live date; all before it is the backtest. Without dates, the number of the "
        "first live row.",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
ChangeSd = Annotated[
    float,
    typer.Option(
        "--change-sd",
        metavar="NUMBER",
        callback=_checked("positive_number", "--change-sd"),
        help="Standard deviation of the change of the annual Sharpe ratio that is thought "
        "possible.",
        rich_help_panel=_MODEL,
    ),
]
Certainty = Annotated[
    float,
    typer.Option(
        "--certainty",
        metavar="PROB",
        callback=_certainty,
        help="Probability at which a question counts as settled.",
        rich_help_panel=_MODEL,
    ),
]
Weeks = Annotated[
    int | None,
    typer.Option(
        "--weeks",
        metavar="NUMBER",
        min=0,
        help="Show so many of the latest weeks. \\[default: 8 of a single column]",
        show_default=False,
        rich_help_panel=_OUTPUT,
    ),
]
Benchmark = Annotated[
    str | None,
    typer.Option(
        "--benchmark",
        metavar="NAME",
        help="Column that all others are measured against.",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write JSON to standard output, in full precision.",
        rich_help_panel=_OUTPUT,
    ),
]

PairNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[Y X...]",
        help="Column of the asset, then those of its hedge. Not with --screen.",
        show_default=False,
    ),
]
Pairs = Annotated[
    list[str] | None,
    typer.Option(
        "--pair",
        metavar="Y,X",
        help="Two columns to trade as a pair; may be given more than once. Needs --prices.",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
Screen = Annotated[
    bool,
    typer.Option("--screen", help="Rank all pairs of columns.", rich_help_panel=_DATA),
]
FalseDiscoveryRate = Annotated[
    float,
    typer.Option(
        "--fdr",
        metavar="RATE",
        callback=_checked("probability", "--fdr"),
        help="With --screen: the false discovery rate at which a pair passes.",
        rich_help_panel=_DATA,
    ),
]
HedgeMethodOption = Annotated[
    HedgeMethod,
    typer.Option(
        "--method",
        help="rolling: a regression in each window, errors AR(1). state-space: a random walk.",
        rich_help_panel=_MODEL,
    ),
]
Window = Annotated[
    int,
    typer.Option(
        "--window",
        metavar="NUMBER",
        min=4,
        help="Rows of each regression; of the warm-up, with state-space.",
        rich_help_panel=_MODEL,
    ),
]
LogRatios = Annotated[
    bool,
    typer.Option(
        "--log", help="Hedge log prices: a ratio of values, not of shares.", rich_help_panel=_MODEL
    ),
]
EntryThreshold = Annotated[
    float,
    typer.Option("--entry", metavar="Z", help="Enter beyond this.", rich_help_panel=_TRADING),
]
ExitThreshold = Annotated[
    float,
    typer.Option("--exit", metavar="Z", help="Leave within this.", rich_help_panel=_TRADING),
]
StopThreshold = Annotated[
    float | None,
    typer.Option(
        "--stop",
        metavar="Z",
        help="Leave beyond this, at a loss.",
        show_default=False,
        rich_help_panel=_TRADING,
    ),
]
MaxHolding = Annotated[
    int | None,
    typer.Option(
        "--max-holding",
        metavar="NUMBER",
        min=1,
        help="Leave after so many rows.",
        show_default=False,
        rich_help_panel=_TRADING,
    ),
]
ZscoreOption = Annotated[
    Zscore,
    typer.Option(
        "--zscore",
        help="rolling: against the last spreads. forecast: against the model's own forecast.",
        rich_help_panel=_TRADING,
    ),
]
ZscoreWindow = Annotated[
    int,
    typer.Option(
        "--zscore-window",
        metavar="NUMBER",
        min=2,
        help="Spreads in the rolling z-score.",
        rich_help_panel=_TRADING,
    ),
]
CommissionBps = Annotated[
    float,
    typer.Option(
        "--commission-bps",
        metavar="BP",
        min=0.0,
        help="Basis points of the value traded.",
        rich_help_panel=_TRADING,
    ),
]
SlippageBps = Annotated[
    float,
    typer.Option(
        "--slippage-bps",
        metavar="BP",
        min=0.0,
        help="Basis points of the value traded.",
        rich_help_panel=_TRADING,
    ),
]
BorrowRate = Annotated[
    float,
    typer.Option(
        "--borrow-rate",
        metavar="RATE",
        min=0.0,
        help="Annual, for what is sold short; 0.005 is half a percent.",
        rich_help_panel=_TRADING,
    ),
]
Store = Annotated[
    Path | None,
    typer.Option(
        "--store",
        metavar="DIR",
        help="Directory that keeps the model and the history of its forecasts.",
        show_default=False,
        rich_help_panel=_DATA,
    ),
]
Anew = Annotated[
    bool,
    typer.Option(
        "--anew", help="Fit the model of the store again, to all rows.", rich_help_panel=_DATA
    ),
]
TargetVolatility = Annotated[
    float,
    typer.Option(
        "--target",
        metavar="RATE",
        callback=_checked("positive_number", "--target"),
        help="Annual volatility that the position is to have; 0.1 is 10%.",
        rich_help_panel=_TRADING,
    ),
]
MaxLeverage = Annotated[
    float,
    typer.Option(
        "--max-leverage",
        metavar="NUMBER",
        callback=_checked("positive_number", "--max-leverage"),
        help="The largest position.",
        rich_help_panel=_TRADING,
    ),
]
Band = Annotated[
    float,
    typer.Option(
        "--band",
        metavar="SHARE",
        min=0.0,
        help="Keep a position that is off by no more than this share of it.",
        rich_help_panel=_TRADING,
    ),
]
LeverageOrNot = Annotated[
    bool,
    typer.Option(
        "--leverage/--no-leverage",
        help="Whether volatility may rise after losses more than after gains.",
        rich_help_panel=_MODEL,
    ),
]
