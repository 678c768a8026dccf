"""A frame written in any mixture of formats is read with the same values and dates."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from puffin.reading import read_text, returns_of
from tests.reading.made import PRICES, RETURNS, ROWS
from tests.slowly import slowly

INDEXES = {
    "days": pd.bdate_range("2019-01-02", periods=ROWS),
    "all days": pd.date_range("2019-01-02", periods=ROWS),
    "months": pd.date_range("1995-01-01", periods=ROWS, freq="MS"),
    "month ends": pd.date_range("1995-01-31", periods=ROWS, freq="ME"),
    "weeks": pd.date_range("2015-01-02", periods=ROWS, freq="W-FRI"),
}
STYLES = {
    "iso": "%Y-%m-%d",
    "german": "%d.%m.%Y",
    "short german": "%d.%m.%y",
    "british": "%d/%m/%Y",
    "american": "%m/%d/%Y",
    "short american": "%m/%d/%y",
    "compact": "%Y%m%d",
    "named": "%d-%b-%Y",
    "seconds": "%s",
}
WRITTEN = {
    "returns": RETURNS,
    "percent": 100 * RETURNS,
    "percent signs": [f"{100 * one:.4f}%" for one in RETURNS],
    "gross": 1 + RETURNS,
    "prices": PRICES,
    "money": [f"${one:,.4f}" for one in 1000 * PRICES],
}
SHAPES = ["plain", "row numbers", "backwards", "shuffled", "preamble", "totals"]
SEPARATORS = [(",", "."), (";", "."), (";", ","), ("\t", "."), ("|", ".")]

EVERY = list(itertools.product(INDEXES, STYLES, WRITTEN, SHAPES, SEPARATORS))
# A twentieth of the 8,100 mixtures.
CHOSEN = [EVERY[i] for i in np.random.default_rng(4).permutation(len(EVERY))[: len(EVERY) // 20]]


def written(often, style, unit, shape, separator, decimal):
    index = INDEXES[often]
    dates = index.as_unit("s").asi8 if style == "seconds" else index.strftime(STYLES[style])
    values = WRITTEN[unit]
    if decimal == "," and isinstance(values, list):
        values = [one.translate(str.maketrans(",.", ".,")) for one in values]
    table = pd.DataFrame({"When": dates, "Close": values})
    if unit not in {"prices", "money"}:
        table = table.rename(columns={"Close": "fund"})
    if shape == "backwards":
        table = table.iloc[::-1]
    if shape == "shuffled":
        table = table.sample(frac=1.0, random_state=1)
    text = table.to_csv(sep=separator, decimal=decimal, index=shape == "row numbers")
    if shape == "preamble":
        text = f"A report of everything\n\n{text}"
    return text + (f"Total{separator}12\n" if shape == "totals" else "")


@pytest.mark.parametrize("part", [0, 1, *slowly(*range(2, 9))])
def test_round_trip(part):
    for often, style, unit, shape, (separator, decimal) in CHOSEN[part::9]:
        found = returns_of(read_text(written(often, style, unit, shape, separator, decimal)))
        [series] = found.returns.values()
        where = (often, style, unit, shape, separator, decimal, found.line)
        assert series.index.equals(INDEXES[often][-len(series) :]), where
        np.testing.assert_allclose(series, RETURNS[-len(series) :], atol=2e-6, err_msg=str(where))
