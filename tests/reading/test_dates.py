"""What dates say: every form of the table, and whole columns of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError, read_date, read_numbers, read_texts
from puffin.reading.rules import DATE_FORMS

DAYS = pd.bdate_range("2019-01-02", periods=60)
MONTHS = pd.date_range("2018-01-01", periods=72, freq="MS")

MEANT = {
    "Jan 2000": "2000-01-01",
    "2000-Jan": "2000-01-01",
    "01/2019": "2019-01-01",
    "2019-01": "2019-01-01",
    "Jan-19": "2019-01-01",
    "2019": "2019-01-01",
    **dict.fromkeys(["2019-W05", "W05 2019", "2019-01-28/2019-02-03"], "2019-01-28"),
    **dict.fromkeys(["2019H1", "H1 2019"], "2019-01-01"),
    **dict.fromkeys(["2019Q1", "Q1 2019", "Q1-19", "1Q19", "1Q2019"], "2019-01-01"),
}


def read(texts, **options):
    return read_texts(pd.Series(list(texts), dtype=object), **options)


@pytest.mark.parametrize("form", DATE_FORMS, ids=lambda form: form.example)
def test_every_form_reads_its_example(form):
    assert read_date(form.example) == pd.Timestamp(MEANT.get(form.example, "2019-01-31"))


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("%Y-%m-%d", ""),
        ("%Y/%m/%d", ""),
        ("%d.%m.%y", "day first"),
        ("%d.%m.%Y", "day first"),
        ("%m/%d/%y", "month first"),
        ("%d/%m/%Y", "day first"),
        ("%m-%d-%Y", "month first"),
        ("%y/%m/%d", "year first"),
        ("%Y%m%d", ""),
        ("%d%m%Y", "day first"),
        ("%m%d%Y", "month first"),
        ("%y%m%d", "year first"),
        ("%d-%b-%y", ""),
        ("%d-%b-%Y", ""),
        ("%d%b%Y", ""),
        ("%b %d, %Y", ""),
        ("%B %d, %Y", ""),
        ("%a %d %b %Y", ""),
        ("%A, %B %d, %Y", ""),
        ("%Y-%m-%d %H:%M:%S", ""),
        ("%Y-%m-%dT%H:%M:%SZ", ""),
        ("%Y-%m-%dT%H:%M:%S.%f+01:00", ""),
        ("%Y-%m-%d %H:%M:%S-0500", ""),
        ("%m/%d/%Y %I:%M %p", "month first"),
        ("%d.%m.%Y %H:%M", "day first"),
        ("%Y%m%d %H%M%S", ""),
        ("%Y%m%dT%H%M%SZ", ""),
        ("%d%b%Y:%H:%M:%S", ""),
        ("%a %b %d %Y %H:%M:%S GMT-0500 (Eastern Standard Time)", ""),
    ],
)
def test_days_in_any_style(style, said):
    found = read(DAYS.strftime(style))
    assert found.index.equals(DAYS)
    assert found.said == said


@pytest.mark.parametrize(
    "style",
    ["%b-%y", "%b %Y", "%B %Y", "%b-%Y", "%Y%m", "%Y-%m", "%YM%m", "%m/%Y", "%m.%Y", "%Y %b"],
)
def test_months_in_any_style(style):
    assert read(MONTHS.strftime(style)).index.equals(MONTHS)


@pytest.mark.parametrize(("style", "said"), [("%d/%m/%Y", "day"), ("%m/%d/%Y", "month")])
def test_first_days_of_months_are_known_by_their_even_steps(style, said):
    found = read(MONTHS.strftime(style))
    assert found.index.equals(MONTHS)
    assert found.said == f"{said} first"


@pytest.mark.parametrize("style", ["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y"])
@pytest.mark.parametrize("order", ["forward", "backward"])
def test_few_days_are_known_by_their_weekdays(style, order):
    few = pd.bdate_range("2019-01-02", "2019-01-11")[:: 1 if order == "forward" else -1]
    assert read(few.strftime(style)).index.equals(few)


def test_what_could_be_both_is_asked_back():
    with pytest.raises(ReadingError, match="--date-order day or --date-order month"):
        read(["01/02/2019", "02/03/2019"])
    assert read(["01/02/2019"], asked="day").index[0] == pd.Timestamp("2019-02-01")
    assert read(["01/02/2019"], asked="month").index[0] == pd.Timestamp("2019-01-02")
    assert read(["05/05/2019"]).index[0] == pd.Timestamp("2019-05-05")


def test_dots_are_never_month_first_unless_somebody_says_so():
    assert read(["01.02.2019"]).index[0] == pd.Timestamp("2019-02-01")
    assert read(["01.02.2019"], asked="month").index[0] == pd.Timestamp("2019-01-02")


def test_two_digit_years_go_on_over_the_century():
    months = pd.date_range("1950-01-01", "2023-12-01", freq="MS")
    assert read(months.strftime("%b-%y")).index.equals(months)
    assert read(DAYS.strftime("%d.%m.%y")).index.equals(DAYS)


@pytest.mark.parametrize(
    "names",
    [
        "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "ene feb mar abr may jun jul ago sep oct nov dic",
    ],
)
def test_months_in_other_languages(names):
    texts = [f"{name} 2019" for name in names.split()]
    assert read(texts).index.equals(pd.date_range("2019-01-01", periods=12, freq="MS"))


def test_missing_cells_stay_missing():
    found = read(["2019-01-02", "", "2019-01-04"])
    assert list(found.index.isna()) == [False, True, False]
    found = read(["02.01.19", "n/a", "04.01.19"])
    assert list(found.index.isna()) == [False, True, False]


@pytest.mark.parametrize(
    "texts",
    [
        ["soon", "2019-01-02"],
        ["2019-13-01"],
        ["2019-02-30"],
        ["31/02/2019"],
        ["abc"],
        ["Jan"],
        [""],
        ["2019-01-02 25:00"],
        ["19-Jan"],
        ["0.01", "0.02"],
        ["3", "4"],
        ["09:30"],
        ["2019W54"],
        ["1500-01-01"],
        ["2019-01-02 10:00 XYZ"],
    ],
)
def test_what_is_no_date(texts):
    assert read(texts, sure=True) is None


def test_digits_that_do_not_rise_are_numbers():
    assert read(["201905", "201903", "201911"]) is None
    assert read(["1999", "2003", "2001"]) is None
    assert read(["20190105", "20190103", "20190104"]) is None


class TestNumbers:
    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_since_1970(self, unit):
        found = read_numbers(DAYS.as_unit(unit).asi8.astype(float))
        assert found.index.equals(DAYS)
        assert found.said.endswith("seconds since 1970")

    def test_hours_since_1970_are_instants(self):
        hours = pd.date_range("2023-03-20", periods=400, freq="h", tz="UTC")
        assert read_numbers(hours.as_unit("ms").asi8.astype(float)).index.equals(hours)

    def test_halves_of_seconds(self):
        found = read_numbers(np.array([1.5e9, 1.5e9 + 0.5, 1.5e9 + 1.0]))
        assert (np.diff(found.index) == np.timedelta64(500, "ms")).all()

    def test_spreadsheet_days(self):
        serials = (DAYS - pd.Timestamp("1899-12-30")).days.to_numpy(dtype=float)
        assert read_numbers(serials).index.equals(DAYS)
        assert read_numbers(serials + 0.5).index.equals(DAYS + pd.Timedelta(hours=12))

    @pytest.mark.parametrize("style", ["%Y%m%d", "%d%m%Y"])
    def test_compact(self, style):
        assert read_numbers(DAYS.strftime(style).astype(float).to_numpy(), sure=True).index.equals(
            DAYS
        )

    def test_months_and_years(self):
        months = MONTHS.strftime("%Y%m").astype(float).to_numpy()
        assert read_numbers(months).index.equals(MONTHS)
        assert list(read_numbers(np.arange(1780.0, 2020.0)).index.year) == list(range(1780, 2020))
        shiller = np.array([float(f"{one:%Y.%m}") for one in MONTHS])
        assert read_numbers(shiller).index.equals(MONTHS)

    @pytest.mark.parametrize(
        "values",
        [
            [1.0, 2.0, 3.0],
            [0.01, 0.02],
            [100.5, 101.2],
            [2019.5, 2020.5, 2021.7],
            [1e9, 5e8, 7e8],
            [190013.0, 190014.0],
            [np.nan],
            [np.inf],
            [-1.0],
            [],
            [1e30],
            [2000.0, 2004.0, 2010.0],
        ],
    )
    def test_what_is_no_date(self, values):
        assert read_numbers(np.array(values)) is None


class TestTyped:
    @pytest.mark.parametrize(
        "text", ["2024-01-31", "31.01.2024", "31 Jan 2024", "20240131", "1/31/2024"]
    )
    def test_any_way(self, text):
        assert read_date(text) == pd.Timestamp("2024-01-31")

    def test_in_the_order_of_the_file(self):
        assert read_date("03/02/2024", asked="day") == pd.Timestamp("2024-02-03")
        assert read_date("03/02/2024", asked="month") == pd.Timestamp("2024-03-02")
        with pytest.raises(ReadingError, match="day first or month first"):
            read_date("03/02/2024")

    def test_what_is_none(self):
        with pytest.raises(ReadingError, match="'soon' is no date"):
            read_date("soon")
