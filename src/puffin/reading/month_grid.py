"""A year in each row and a month in each column, as fund factsheets have it, become one series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.reading.cells import texts_of
from puffin.reading.days import month_of
from puffin.reading.headers import Name, joined
from puffin.reading.rules import MISSING, YEARS

__all__ = ["unfolded"]


def unfolded(frame: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return a table with a row for each month, and what was left out of it.

    Any other table is returned as it is. The months may also be in the rows and the years in the
    columns. Columns of whole years (YTD, Total) are left out; text, such as the name of a fund
    where several share the table, is kept.

    Parameters
    ----------
    frame : DataFrame of str
    """
    months: dict[Name, int] = {name: _month(joined(name)) for name in frame.columns}
    if sorted(month for month in months.values() if month) == list(range(1, 13)):
        return _of_years(frame, months)
    years = [name for name in frame.columns if _is_year(joined(name))]
    first = frame.columns[0]
    if len(years) > 1 and len(years) >= frame.shape[1] - 2 and first not in years:
        rows = frame[[bool(_month(str(cell))) for cell in frame[first]]]
        if len(rows) == 12 and rows[first].map(str).map(_month).nunique() == 12:
            turned = rows.set_index(first)[years].T.rename_axis("year").reset_index()
            return unfolded(turned)
    return frame, ""


def _month(text: str) -> int:
    """Return the month that a name says, or its number; 0 for none."""
    text = text.strip().rstrip(".")
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else 0
    return (month_of(text) or 0) if len(text) <= 9 else 0


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and YEARS[0] <= int(text) <= YEARS[1]


def _of_years(frame: pd.DataFrame, months: dict[Name, int]) -> tuple[pd.DataFrame, str]:
    rest = [name for name in frame.columns if not months[name]]
    texts = {name: texts_of(frame[name]).str.replace(r"\.0$", "", regex=True) for name in rest}
    year = next((name for name in rest if texts[name].map(_is_year).all()), None)
    if year is None:
        return frame, ""
    labels = [name for name in rest if name != year and not _holds_digits(texts[name])]
    long = pd.concat(
        [
            frame[labels].assign(month=texts[year] + f"-{month:02d}", returns=texts_of(frame[name]))
            for name, month in sorted(months.items(), key=lambda pair: pair[1])
            if month
        ],
        ignore_index=True,
    )
    long = long.iloc[np.argsort(long["month"].to_numpy(), kind="stable")]
    known = np.flatnonzero(~long["returns"].str.lower().isin(MISSING))
    totals = [joined(name) for name in rest if name != year and name not in labels]
    left_out = f"{', '.join(totals)} (of whole years)" if totals else ""
    if not known.size:
        return frame, ""
    long = long.iloc[known[0] : known[-1] + 1].reset_index(drop=True)
    return long[["month", *labels, "returns"]], left_out


def _holds_digits(texts: pd.Series[str]) -> bool:
    return bool(texts.str.contains(r"\d").any())
