"""How numbers are written."""

from __future__ import annotations

import math

import pytest

from puffin.showing import numbers


@pytest.mark.parametrize(
    ("value", "fine", "coarse"),
    [
        (1.0, ">99.9%", ">99%"),
        (0.9994, "99.9%", ">99%"),
        (0.9995, ">99.9%", ">99%"),
        (0.995, "99.5%", ">99%"),
        (0.994, "99.4%", "99%"),
        (0.5, "50.0%", "50%"),
        (0.005, "0.5%", "<1%"),
        (0.004, "0.4%", "<1%"),
        (0.0, "<0.1%", "<1%"),
        (float("nan"), "–", "–"),
    ],
)
def test_probabilities(value, fine, coarse):
    assert numbers.probability(value) == fine
    assert numbers.coarse_probability(value) == coarse


def test_counts_have_their_thousands_apart():
    assert numbers.span([1296, 80]) == "80 to 1,296"
    assert numbers.span([1296]) == numbers.count(1296.2) == "1,296"


def test_no_negative_zero():
    assert numbers.decimal(-0.001) == "0.00"
    assert numbers.percent(-0.0001) == "0.0%"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.00%"),
        (0.01234, "1.23%"),
        (-0.01234, "-1.23%"),
        (0.1234, "12.3%"),
        (1.234, "123%"),
        (0.00005, "0.0050%"),
        (1e-9, "1e-7%"),
        (float("nan"), "–"),
    ],
)
def test_small_percent(value, said):
    assert numbers.small_percent(value) == said


def test_bounds_are_as_fine_as_each_other():
    assert numbers.percent_interval(0.0012, 0.1234) == "0.1 to 12.3%"
    assert numbers.percent_interval(-0.02, 0.0123) == "-2.00 to 1.23%"
    assert numbers.percent_interval(float("nan"), 0.1) == "–"


def test_what_is_not_known():
    assert numbers.decimal(None) == numbers.decimal(float("inf")) == "–"
    assert numbers.count(None) == numbers.count(float("nan")) == "–"
    assert numbers.count(12345.6) == "12,346"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0.00"),
        (0.0101732, "0.0102"),
        (-0.0101732, "-0.0102"),
        (1.0, "1.00"),
        (1234.5, "1234"),
        (123.45, "123"),
        (12.345, "12.3"),
        (9.9999, "10.00"),
        (3e-9, "3.00e-09"),
        (math.nan, "–"),
        (None, "–"),
    ],
)
def test_three_significant_digits(value, written):
    assert numbers.significant(value) == written


def test_the_bounds_of_an_interval_have_the_same_decimals():
    assert numbers.significant_interval(-0.00123, 0.0456) == "-0.0012 to 0.0456"
    assert numbers.significant_interval(-0.0, 0.0) == "0.00 to 0.00"
    assert numbers.significant_interval(math.nan, 1.0) == "– to 1.00"
