"""From the file named on the command line to returns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from puffin.cli.columns import Columns, numeric_column, returns_of
from puffin.cli.dates import split_off_dates
from puffin.cli.failures import BadInputError
from puffin.cli.files import listed_columns, read_frame
from puffin.findings.pair import PairsToTrade
from puffin.findings.settings import PairSettings

__all__ = ["read_pairs", "read_prices", "read_returns"]


def read_returns(
    file: Path,
    *,
    date_column: str | None,
    chosen: Sequence[str] | None,
    prices: bool,
    benchmark: str | None = None,
) -> Columns:
    """Return the returns in a file."""
    frame = split_off_dates(read_frame(file), date_column)
    needed = () if benchmark is None else (benchmark,)
    return returns_of(frame, chosen=chosen or (), needed=needed, prices=prices)


def read_prices(
    file: Path, *, date_column: str | None, chosen: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the prices in a file, NaN where there is none; of the columns chosen, or all."""
    frame = split_off_dates(read_frame(file), date_column)
    for name in chosen or ():
        if name not in frame.columns:
            raise BadInputError(f"there is no column {name!r}; {listed_columns(frame)}")
    wanted = list(dict.fromkeys(chosen or frame.columns))
    return pd.DataFrame({name: numeric_column(frame[name], name) for name in wanted})


def read_pairs(
    file: Path, asked: Sequence[str] | None, *, date_column: str | None, prices: bool
) -> PairsToTrade | None:
    """Return the pairs that are asked for, as in KO,PEP, with their prices."""
    if not asked:
        return None
    if not prices:
        raise BadInputError("--pair needs prices in the file, and --prices to say so.")
    if str(file) == "-":
        raise BadInputError("--pair needs a file: standard input can be read only once.")
    names = tuple(tuple(name.strip() for name in one.split(",")) for one in asked)
    for one in names:
        if len(one) < 2 or len(set(one)) < len(one):
            raise BadInputError(f"--pair takes two different columns, as in KO,PEP; found {one}.")
    chosen = [name for one in names for name in one]
    return PairsToTrade(
        read_prices(file, date_column=date_column, chosen=chosen), names, PairSettings()
    )
