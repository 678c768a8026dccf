"""The history as a file: as it is written, and as people save it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.risk import PositionRule, risk_row
from puffin.risk.history import forecast_columns, history_bytes, read_history
from tests.models.volatility.saved import mutated
from tests.risk.constant_draws import fitted

LEVELS = (0.01, 0.05)
COLUMNS = forecast_columns(LEVELS)
DATES = pd.bdate_range("2024-01-29", periods=12)
NUMBERS = np.random.default_rng(3).normal(0.0, 0.01, (12, len(COLUMNS)))
HISTORY = pd.DataFrame(
    NUMBERS, pd.Index([f"{date:%Y-%m-%d}" for date in DATES], name="date"), COLUMNS
)


def read(content, like=DATES):
    return read_history(content, COLUMNS, like)


def test_columns_are_those_of_a_row():
    assert list(risk_row(fitted(100), PositionRule(), LEVELS)) == COLUMNS


def test_there_and_back_to_the_last_bit():
    content = history_bytes(HISTORY)
    found = read(content)
    pd.testing.assert_frame_equal(found, HISTORY, check_exact=True)
    assert history_bytes(found) == content


def as_spreadsheet(separator=",", decimal=".", dates="%Y-%m-%d", end="\r\n", digits=10):
    """The text of the history as a spreadsheet saves it."""
    rows = [separator.join(["date", *COLUMNS])]
    for date, numbers in zip(DATES, NUMBERS, strict=True):
        cells = [f"{number:.{digits}g}".replace(".", decimal) for number in numbers]
        rows.append(separator.join([date.strftime(dates), *cells]))
    return end.join([*rows, ""])


@pytest.mark.parametrize(
    ("style", "encoding"),
    [
        ({}, "utf-8"),
        ({}, "utf-8-sig"),
        ({"end": "\r"}, "utf-8"),
        ({"separator": ";", "decimal": ",", "dates": "%d.%m.%Y"}, "utf-8-sig"),
        ({"separator": ";", "decimal": ",", "dates": "%d.%m.%y"}, "latin-1"),
        ({"separator": "\t", "decimal": ",", "dates": "%d/%m/%Y"}, "utf-16"),
        ({"dates": "%m/%d/%Y"}, "utf-8"),
        ({"dates": "%d/%m/%Y"}, "utf-8"),
        ({"dates": "%d-%b-%y"}, "utf-8"),
        ({"dates": "%Y%m%d"}, "utf-8"),
        ({"separator": ";", "decimal": ",", "dates": "%Y-%m-%d %H:%M:%S"}, "utf-8"),
    ],
)
def test_as_spreadsheets_save_it(style, encoding):
    found = read(as_spreadsheet(**style).encode(encoding))
    assert list(found.index) == list(HISTORY.index)
    np.testing.assert_allclose(found[COLUMNS], NUMBERS, rtol=1e-8)


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("style", ["%m/%d/%Y", "%d/%m/%Y"])
def test_few_dates_are_read_as_those_of_the_returns(rows, style):
    """1 and 2 February: which is day and which month only the returns tell."""
    labels = pd.DatetimeIndex(["2024-02-01", "2024-02-02", "2024-02-05"])
    text = as_spreadsheet(dates=style).splitlines(keepends=True)
    content = "".join([text[0], *text[4 : 4 + rows]]).encode()
    assert list(read(content, labels).index) == list(HISTORY.index[3 : 3 + rows])


def test_dates_that_could_be_two_are_refused():
    both = pd.DatetimeIndex(["2024-01-02", "2024-02-01"])
    content = history_bytes(HISTORY[:1].set_axis(["01/02/2024"]))
    with pytest.raises(ValueError, match="day"):
        read(content, both)


def test_newest_first():
    found = read(history_bytes(HISTORY[::-1]))
    pd.testing.assert_frame_equal(found, HISTORY, check_exact=True)


def test_columns_in_another_order_and_of_a_persons_own():
    mine = HISTORY.assign(note="", number="007")[["number", *COLUMNS[::-1], "note"]]
    mine.loc[HISTORY.index[3], "note"] = 'sold, "all" NA'
    found = read(history_bytes(mine))
    pd.testing.assert_frame_equal(found, mine, check_exact=True, check_dtype=False)
    assert history_bytes(found) == history_bytes(mine)


def test_empty_columns_of_a_spreadsheet_and_missing_forecasts():
    lines = as_spreadsheet(";").replace("\r\n", ";;\r\n")
    assert list(read(lines.encode()).columns) == COLUMNS
    without = HISTORY.assign(**{"expected_shortfall_0.01": np.nan})
    pd.testing.assert_frame_equal(read(history_bytes(without)), without, check_exact=True)


def test_percent():
    lines = as_spreadsheet().splitlines()
    percent = [lines[0], *(",".join([line.split(",")[0], *["1.5%"] * 10]) for line in lines[1:])]
    found = read(("\n".join(percent) + "\n").encode())
    np.testing.assert_allclose(found[COLUMNS], 0.015)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", "cut short"),
        (lambda text: "\n\n", "it is empty"),
        (lambda text: text[:-5], "cut short"),
        (lambda text: text[: text.rindex(",")] + "\n", "10 cells in row 12 and 11 names"),
        (lambda text: text.replace("weight", "gewicht"), "no column 'weight'"),
        (lambda text: text.replace("date,", "day,", 1), "no column 'date'"),
        (lambda text: text.replace("return,volatility", "return,return"), "two columns 'return'"),
        (lambda text: text + text.splitlines()[-1] + "\n", "2024-02-13 twice"),
        (lambda text: text.replace("2024-01-30", "yesterday"), "dates"),
        (lambda text: text.replace(text.split(",")[12], "high"), "'high' in column 'volatility'"),
        (lambda text: text[: text.rindex(",") + 1] + "\n", "no 'weight' in row 12"),
        (lambda text: text.replace("return", '"return'), "no table"),
        (lambda text: "\x00" * 300 + "\n", "no column 'date'"),
        (lambda text: "bought,sold\n1,2\n", "no column 'date'"),
    ],
    ids=range(14),
)
def test_what_is_not_whole_is_refused(change, message):
    text = history_bytes(HISTORY).decode()
    with pytest.raises(ValueError, match=message):
        read(change(text).encode())


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize(
    ("style", "encoding"),
    [
        ({}, "utf-8"),
        ({"separator": ";", "decimal": ",", "dates": "%d.%m.%Y"}, "utf-8-sig"),
        ({"separator": "\t", "decimal": ","}, "utf-16"),
    ],
)
def test_mutated_histories_are_read_or_refused(style, encoding, zone):
    content, stream = as_spreadsheet(**style).encode(encoding), np.random.default_rng(6)
    like, outcomes = DATES.tz_localize(zone), set()
    for _ in range(100):
        try:
            found = read(mutated(content, stream), like)
        except ValueError as error:
            outcomes.add(str(error))
        else:
            assert found["weight"].notna().all()
            assert found.index.is_unique
    assert len(outcomes) > 5
