"""Tables of years and months, as fund factsheets have them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import Request, read_text, returns_of
from tests.reading.made import RETURNS

YEARS = range(2012, 2020)
MONTHLY = (5.0 * RETURNS[: 12 * len(YEARS)]).round(4)
DATES = pd.date_range("2012-01-01", periods=len(MONTHLY), freq="MS")
ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
GERMAN = [
    "Jan.",
    "Feb.",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "Aug.",
    "Sept.",
    "Okt.",
    "Nov.",
    "Dez.",
]
NUMBERS = [str(month) for month in range(1, 13)]


def grid(months=ENGLISH, year="Year", total="YTD", write="{:.4f}".format):
    table = MONTHLY.reshape(len(YEARS), 12)
    frame = pd.DataFrame(table, columns=months).map(write)
    frame.insert(0, year, list(YEARS))
    if total:
        frame[total] = [write(one) for one in np.prod(1.0 + table, axis=1) - 1.0]
    return frame


def check(text, request=None):
    found = returns_of(read_text(text, request))
    assert list(found.returns) == ["returns"]
    assert found.returns["returns"].index.equals(DATES)
    np.testing.assert_allclose(found.returns["returns"], MONTHLY, atol=1e-12)
    assert "monthly" in found.line
    assert "12 a year" in found.line
    return found.line


@pytest.mark.parametrize("months", [ENGLISH, GERMAN, NUMBERS])
@pytest.mark.parametrize(("year", "total"), [("Year", "YTD"), ("", "Total"), ("Jahr", "")])
def test_every_month_is_a_row(months, year, total):
    line = check(grid(months, year, total).to_csv(index=False))
    assert (f"{total} (of whole years)" in line) == bool(total)


def test_percent_newest_year_first_and_a_title():
    text = grid(write="{:.2%}".format).iloc[::-1].to_csv(index=False)
    assert "percent" in check(f"Monthly performance of a fund\n\n{text}")
    numbers = grid(write=lambda one: f"{100 * one:.2f}".replace(".", ",")).to_csv(
        index=False, sep=";"
    )
    check(numbers, Request(unit="percent"))


def test_years_beside_months():
    turned = grid(total="").set_index("Year").T.rename_axis("Month").reset_index()
    check(turned.to_csv(index=False))


def test_years_that_are_not_whole():
    partial = grid()
    partial.loc[0, ENGLISH[:3]] = ""
    partial.loc[len(partial) - 1, ENGLISH[9:]] = "-"
    found = returns_of(read_text(partial.to_csv(index=False))).returns["returns"]
    assert found.index.equals(DATES[3:-3])
    np.testing.assert_allclose(found, MONTHLY[3:-3], atol=1e-12)


def test_two_funds_share_a_table():
    both = pd.concat([grid().assign(Fund="A"), grid().assign(Fund="B")])
    found = returns_of(read_text(both.to_csv(index=False)))
    assert list(found.returns) == ["A", "B"]
    np.testing.assert_allclose(found.returns["B"], MONTHLY, atol=1e-12)
