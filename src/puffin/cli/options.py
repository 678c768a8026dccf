"""Options that several commands share, and what every option is made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

data_option = partial(typer.Option, rich_help_panel="Data")
model_option = partial(typer.Option, rich_help_panel="Model")
trading_option = partial(typer.Option, rich_help_panel="Trading")
sampling_option = partial(typer.Option, rich_help_panel="Sampling")
output_option = partial(typer.Option, rich_help_panel="Output")


class Engine(StrEnum):
    """What draws from the posterior."""

    NATIVE = "native"
    PYMC = "pymc"


class Autocorrelation(StrEnum):
    """How a return depends on the one before."""

    IGNORE = "ignore"
    AR1 = "ar1"


class Distribution(StrEnum):
    """The distribution of a return's error, given its volatility."""

    STUDENT = "student"
    NORMAL = "normal"


def checked(check: str, option: str) -> Callable[[Any], Any]:
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


def some_seed(seed: int | None) -> int:
    """Return the seed, or a new one that the output can name."""
    import secrets

    return secrets.randbelow(10**6) if seed is None else seed


def _risk_free(value: float) -> float:
    checked("finite_number", "--risk-free")(value)
    if not -1.0 < value < 1.0:
        raise typer.BadParameter(f"must be a fraction a year, so that 2% is 0.02; found {value:g}.")
    return value


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
    data_option(
        "--date-column",
        metavar="NAME",
        help="Column that holds the dates. \\[default: the first]",
        show_default=False,
    ),
]
Columns = Annotated[
    list[str] | None,
    data_option(
        "--column",
        "-c",
        metavar="NAME",
        help="Use only this column; may be given more than once.",
        show_default=False,
    ),
]
Prices = Annotated[
    bool, data_option("--prices", help="Columns are prices: turn them into returns.")
]
LogPrices = Annotated[
    bool, data_option("--prices", help="Columns are prices: turn them into log returns.")
]
RiskFree = Annotated[
    float,
    model_option(
        "--risk-free",
        metavar="RATE",
        callback=_risk_free,
        help="Annual risk-free rate; 0.02 is 2%.",
    ),
]
PeriodsPerYear = Annotated[
    float | None,
    model_option(
        "--periods-per-year",
        metavar="NUMBER",
        callback=checked("positive_number", "--periods-per-year"),
        help="252 for trading days. \\[default: read off the dates]",
        show_default=False,
    ),
]
HdiProb = Annotated[
    float,
    model_option(
        "--hdi-prob",
        metavar="PROB",
        callback=checked("probability", "--hdi-prob"),
        help="Probability of the intervals.",
    ),
]
AutocorrelationOption = Annotated[
    Autocorrelation,
    model_option(
        "--autocorrelation",
        help="ar1: returns follow on from the one before, and the year is counted accordingly.",
    ),
]
DistributionOption = Annotated[
    Distribution,
    model_option(
        "--distribution",
        help="Of the errors; with normal ones a single large return must mean high volatility.",
    ),
]
Pool = Annotated[
    bool,
    model_option(
        "--pool",
        help="Shrink Sharpe ratios towards zero, the more so the less they differ: for when many "
        "strategies were tried.",
    ),
]
Samples = Annotated[
    int,
    sampling_option("--samples", metavar="NUMBER", min=1, help="Draws of each of the four chains."),
]
VolatilitySamples = Annotated[
    int,
    sampling_option(
        "--volatility-samples",
        metavar="NUMBER",
        min=1,
        help="Draws of each of the four chains of a volatility model.",
    ),
]
EngineOption = Annotated[Engine, sampling_option("--engine", help="pymc needs PyMC, and patience.")]
Seed = Annotated[
    int | None,
    sampling_option(
        "--seed",
        metavar="NUMBER",
        min=0,
        help="Makes the output repeatable. \\[default: a new one each time]",
        show_default=False,
    ),
]
Cores = Annotated[
    int | None,
    sampling_option(
        "--cores",
        metavar="NUMBER",
        min=1,
        help="Threads. \\[default: as many as there are]",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, output_option("--json", help="Write JSON to standard output, in full precision.")
]
