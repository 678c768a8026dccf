"""Options that several commands share, and what every option is made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

MOST_SAMPLES = 1_000_000


def _options_in(panel: str) -> Callable[..., Any]:
    """Return what makes the options of one panel of the help: their names, and what they do."""

    def option(names: str, help_text: str = "", **more: Any) -> Any:
        return typer.Option(*names.split(), help=help_text, rich_help_panel=panel, **more)

    return option


data_option = _options_in("Data")
model_option = _options_in("Model")
trading_option = _options_in("Trading")
sampling_option = _options_in("Sampling")
output_option = _options_in("Output")


class Engine(StrEnum):
    """What draws from the posterior."""

    NATIVE = "native"
    PYMC = "pymc"


class Autocorrelation(StrEnum):
    """How a return depends on the one before."""

    COUNTED = "counted"
    IGNORE = "ignore"
    AR1 = "ar1"


class Distribution(StrEnum):
    """The distribution of returns, or of their errors given the volatility."""

    NORMAL = "normal"
    STUDENT = "student"
    ASYMMETRIC = "asymmetric"


class Dates(StrEnum):
    """On which dates strategies are compared."""

    OWN = "own"
    SHARED = "shared"


class DateOrder(StrEnum):
    """What comes first in a date."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Decimals(StrEnum):
    """What stands before decimals."""

    POINT = "point"
    COMMA = "comma"


class Unit(StrEnum):
    """What the numbers of a file are: the units that the reader knows."""

    RETURNS = "returns"
    PERCENT = "percent"
    BPS = "bps"
    LOG = "log"
    GROSS = "gross"
    PRICES = "prices"
    LOG_PRICES = "log-prices"
    CUMULATIVE = "cumulative"
    CUMULATIVE_PERCENT = "cumulative-percent"
    PROFIT = "profit"
    CUMULATIVE_PROFIT = "cumulative-profit"


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


def _file(content: str) -> Any:
    """Return the argument of a file that has such columns."""
    return typer.Argument(
        metavar="FILE",
        help=f"CSV, Excel or Parquet, {content}; - for standard input.",
        show_default=False,
    )


File = Annotated[Path, _file("a column for each strategy")]
PriceFile = Annotated[Path, _file("a column of prices for each asset")]
DateColumn = Annotated[
    str | None,
    data_option(
        "--date-column",
        "Column that holds the dates. \\[default: found by what it says]",
        metavar="NAME",
    ),
]
DateOrderOption = Annotated[
    DateOrder | None,
    data_option(
        "--date-order", "What comes first in a date. \\[default: what fits the whole column]"
    ),
]
DecimalOption = Annotated[
    Decimals | None,
    data_option("--decimal", "What stands before decimals. \\[default: what fits the file]"),
]
UnitOption = Annotated[
    Unit | None,
    data_option(
        "--unit",
        "What the numbers are; gross is 1 + r. \\[default: what makes sense, and is said]",
    ),
]
Capital = Annotated[
    float | None,
    data_option(
        "--capital",
        "What earned the profits, with --unit profit.",
        metavar="MONEY",
        callback=checked("positive_number", "--capital"),
    ),
]
Columns = Annotated[
    list[str] | None,
    data_option(
        "--column -c", "Use only this column; may be given more than once.", metavar="NAME"
    ),
]
Prices = Annotated[bool, data_option("--prices", "Columns are prices: turn them into returns.")]
LogPrices = Annotated[
    bool, data_option("--prices", "Columns are prices: turn them into log returns.")
]
RiskFree = Annotated[
    float,
    model_option(
        "--risk-free", "Annual risk-free rate; 0.02 is 2%.", metavar="RATE", callback=_risk_free
    ),
]
PeriodsPerYear = Annotated[
    float | None,
    model_option(
        "--periods-per-year",
        "252 for trading days. \\[default: read off the dates]",
        metavar="NUMBER",
        callback=checked("positive_number", "--periods-per-year"),
    ),
]
HdiProb = Annotated[
    float,
    model_option(
        "--hdi-prob",
        "Probability of the intervals.",
        metavar="PROB",
        callback=checked("probability", "--hdi-prob"),
    ),
]
AutocorrelationOption = Annotated[
    Autocorrelation,
    model_option(
        "--autocorrelation",
        "counted: dependence in time makes intervals wider. ignore: returns are taken for "
        "independent. ar1: each follows on from the one before; the ratio is that of years.",
    ),
]
ReturnDistribution = Annotated[
    Distribution,
    model_option(
        "--distribution",
        "Of the returns; asymmetric: losses may be larger than gains, or rarer.",
    ),
]
DistributionOption = Annotated[
    Distribution,
    model_option(
        "--distribution",
        "Of the errors; asymmetric: losses and gains have a scale and a tail of their own; with "
        "normal ones a single large return must mean high volatility.",
    ),
]
Jumps = Annotated[
    bool,
    model_option(
        "--jumps",
        "Returns may jump now and then, beside normal or Student-t errors: a single large one "
        "need not mean high volatility.",
    ),
]
WithRegimes = Annotated[
    bool,
    model_option(
        "--regimes",
        "Show a calm and a turbulent regime of each strategy too: which one it is now, how long "
        "they last, what was earned in each, and whether there are two at all.",
    ),
]
Pool = Annotated[
    bool,
    model_option(
        "--pool",
        "Shrink Sharpe ratios towards zero, the more so the less they differ: for when many "
        "strategies were tried.",
    ),
]
ComparedDates = Annotated[
    Dates,
    model_option(
        "--dates",
        "Judge each strategy by all of its own dates, or by those that all have; what it returned "
        "in between is compounded.",
    ),
]
Samples = Annotated[
    int,
    sampling_option(
        "--samples",
        "Draws of each of the four chains.",
        metavar="NUMBER",
        min=1,
        max=MOST_SAMPLES,
    ),
]
VolatilitySamples = Annotated[
    int,
    sampling_option(
        "--volatility-samples",
        "Draws of each of the four chains of a volatility model.",
        metavar="NUMBER",
        min=1,
        max=MOST_SAMPLES,
    ),
]
EngineOption = Annotated[Engine, sampling_option("--engine", "pymc needs PyMC, and patience.")]
Seed = Annotated[
    int | None,
    sampling_option(
        "--seed",
        "Makes the output repeatable. \\[default: a new one each time]",
        metavar="NUMBER",
        min=0,
    ),
]
Cores = Annotated[
    int | None,
    sampling_option(
        "--cores", "Threads. \\[default: as many as there are]", metavar="NUMBER", min=1
    ),
]
CommissionBps = Annotated[
    float,
    trading_option("--commission-bps", "Basis points of the value traded.", metavar="BP", min=0.0),
]
SlippageBps = Annotated[
    float,
    trading_option("--slippage-bps", "Basis points of the value traded.", metavar="BP", min=0.0),
]
BorrowRate = Annotated[
    float,
    trading_option(
        "--borrow-rate",
        "Annual, for what is sold short; 0.005 is half a percent.",
        metavar="RATE",
        min=0.0,
    ),
]
TableOut = Annotated[
    Path | None,
    output_option(
        "--out -o",
        "Write the table too, in full precision, to a file that ends in .csv or .parquet.",
        metavar="PATH",
    ),
]
AsJson = Annotated[
    bool, output_option("--json", "Write JSON to standard output, in full precision.")
]
