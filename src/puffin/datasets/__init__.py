"""Real prices that ship with Puffin, for trying things out and for tests.

They are old, and are not meant for investment decisions. Sources and licences stand in
`data/LICENSES.md` beside the files.
"""

from __future__ import annotations

from importlib import resources

import pandas as pd

__all__ = ["load_equities", "load_sp500"]


def load_sp500() -> pd.Series[float]:
    """Load daily closes of the S&P 500 index, 1999-01-04 to 2018-12-31.

    Returns
    -------
    pandas.Series of shape (5031,)
        Index points, without dividends, indexed by trading day.

    Notes
    -----
    From the `arch` package (Kevin Sheppard, University of Illinois/NCSA licence).
    """
    return _load("sp500").iloc[:, 0]


def load_equities() -> pd.DataFrame:
    """Load daily closes of 20 US large caps, 1990-01-02 to 2022-12-28.

    Returns
    -------
    pandas.DataFrame of shape (8313, 20)
        Dollars, adjusted for splits and dividends, indexed by trading day; a column for each of
        AAPL, AMD, BAC, BBY, CVX, GE, HD, JNJ, JPM, KO, LLY, MRK, MSFT, PEP, PFE, PG, RRC, UNH,
        WMT and XOM. All survived to 2022, so their average return flatters.

    Notes
    -----
    From the `skfolio` package (BSD-3-Clause).
    """
    return _load("equities")


def _load(name: str) -> pd.DataFrame:
    file = resources.files(__name__).joinpath("data", f"{name}.csv.gz")
    with file.open("rb") as stream:
        return pd.read_csv(stream, compression="gzip", index_col="date", parse_dates=True)
