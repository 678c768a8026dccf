"""Numbers as people write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError
from puffin.reading.numerals import decimal_mark, looks_like_number, read_numerals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0125", 0.0125),
        (" -1.5 ", -1.5),
        ("+2", 2.0),
        (".5", 0.5),
        ("1e-3", 1e-3),
        ("1,234.5", 1234.5),
        ("12,345,678", 12345678.0),
        ("1'234.5", 1234.5),
        ("1’234", 1234.0),
        ("1 234.5", 1234.5),
        ("1 234 567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("12,34,567.5", 1234567.5),
        ("$1,234.50", 1234.5),
        ("€ 5", 5.0),
        ("5 EUR", 5.0),
        ("-$3", -3.0),
        ("$-3", -3.0),
        ("USD 7", 7.0),
        ("(1.5)", -1.5),
        ("($1,000)", -1000.0),
        ("3-", -3.0),
        ("−2", -2.0),
        ("–2", -2.0),
        ("12%", 12.0),
        ("-0.5 %", -0.5),
        ("1.5M", 1.5e6),
        ("2K", 2000.0),
        ("3B", 3e9),
        ("1.5 Mio.", 1.5e6),
        ("2bn", 2e9),
        ("$3.5mm", 3.5e6),
        ("4 Mrd. EUR", 4e9),
        ("1.2 crore", 1.2e7),
        ("Rs. 12,34,567.50", 1234567.5),
        ("1\u00a0234.5", 1234.5),
        ("1\u202f234\u202f567", 1234567.0),
        ("28bps", 0.28),
        ("-5 bp", -0.05),
        ("(-1.5%)", -1.5),
        ("0.76%-", -0.76),
        ("inf", np.inf),
        ("-inf", -np.inf),
    ],
)
def test_with_a_point(text, expected):
    found = read_numerals(pd.Series([text]))
    assert found.wrong is None
    assert found.values[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,0125", 0.0125),
        ("1.234,5", 1234.5),
        ("1.234", 1234.0),
        ("1'234,5", 1234.5),
        ("-3,5%", -3.5),
        ("1 234,5", 1234.5),
        ("12", 12.0),
        ("1,5e-3", 1.5e-3),
        ("€ 1.000.000,25", 1000000.25),
        ("1\u00a0238\u00a0056,90 €", 1238056.9),
    ],
)
def test_with_a_comma(text, expected):
    assert read_numerals(pd.Series([text]), ",").values[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["", "-", "--", "NA", "n/a", "#N/A", "NaN", "null", ".", "None", "—"]
)
def test_missing(text):
    found = read_numerals(pd.Series(["1", text]))
    assert found.wrong is None
    assert np.isnan(found.values[1])


@pytest.mark.parametrize(
    "text", ["n/k", "abc", "1,23", "12,3456.7", "1_000", "0x10", "1..2", "5 apples"]
)
def test_what_is_no_number(text):
    assert read_numerals(pd.Series(["1", text])).wrong == 1


def test_floats_come_back_as_they_were_written():
    random = np.random.default_rng(0)
    written = random.normal(size=2_000) * 10.0 ** random.integers(-12, 13, 2_000)
    found = read_numerals(pd.Series([repr(float(one)) for one in written]))
    np.testing.assert_array_equal(found.values, written)
    assert found.wrong is None


def test_signs_are_noticed():
    assert read_numerals(pd.Series(["1%", "2%", ""])).percent
    assert read_numerals(pd.Series(["$1", "$2"])).money
    plain = read_numerals(pd.Series(["1", "2"]))
    assert not plain.percent
    assert not plain.money


@pytest.mark.parametrize(
    ("cells", "separator", "mark"),
    [
        (["0,01", "0,02"], ";", ","),
        (["1.234,56"], ";", ","),
        (["1,234.56"], ";", "."),
        (["1,234"], ";", ","),
        (["1,234", "0,5"], "\t", ","),
        (["1,234", "1,234.5"], "\t", "."),
        (["0,5"], ",", ","),
        (["1,234", "2,345"], ",", "."),
        (["950", "960", "1.050"], ";", ","),
        (["1.000.001", "999.999"], ",", ","),
        (["950", "960", "1,050"], ";", "."),
        (["950", "960", "1,050"], "\t", "."),
        (["1,234", "0.5"], ";", "."),
        (["9.875", "10", "10.125"], ";", "."),
        (["0.123", "0", "0.250"], ",", "."),
        (["5", "7"], ";", "."),
    ],
)
def test_the_mark_of_a_table(cells, separator, mark):
    assert decimal_mark(cells, separator) == mark


def test_a_mark_that_could_be_both_is_asked_back():
    with pytest.raises(ReadingError, match="--decimal comma or --decimal point"):
        decimal_mark(["1,234", "2,345"], "\t")


def test_looks():
    assert looks_like_number("1,234.5")
    assert not looks_like_number("2019-01-02")
    assert not looks_like_number("Jan 2019")
