"""What counts as returns, and what is said of what does not."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from puffin.reading import OddReturnsWarning
from puffin.validation import as_returns, periods_per_year

DATES = pd.bdate_range("2020-01-01", periods=4)


VALUES = [0.1, -0.2, 0.3, 0.05]


@pytest.mark.parametrize(
    "returns",
    [
        VALUES,
        tuple(VALUES),
        np.array(VALUES, dtype=np.float32),
        np.array([[1], [-2], [3], [0]]),
        pd.Series(VALUES, DATES),
        pd.Series(VALUES, DATES, dtype="Float64"),
        pd.DataFrame({"a": VALUES}, DATES),
        pl.Series("a", VALUES),
        pl.DataFrame({"a": VALUES}),
    ],
)
def test_what_counts_as_returns(returns):
    if isinstance(returns, np.ndarray) and returns.ndim == 2:
        with pytest.raises(ValueError, match="one-dimensional; found shape"):
            as_returns(returns)
        return
    clean = as_returns(returns)
    np.testing.assert_allclose(clean.values, VALUES, rtol=1e-6)
    assert clean.values.dtype == np.float64


def test_polars_dates():
    frame = pl.DataFrame({"day": DATES.to_numpy(), "a": VALUES})
    assert as_returns(frame, date="day").index.equals(DATES)
    with pytest.raises(ValueError, match="no column 'when'"):
        as_returns(frame, date="when")


@pytest.mark.parametrize(
    ("returns", "message"),
    [
        (["a", "b"], "must hold numbers"),
        ("abc", "found text"),
        ([True, False], "found dtype bool"),
        ([1j, 2j], "found dtype complex"),
        (pd.Series(["1", "2"]), "must hold numbers"),
        (pd.Series(DATES), "must hold numbers"),
        ([[0.1, 0.2], [0.3]], "rectangular"),
        ({"a": VALUES}, "compare_strategies"),
        (pd.DataFrame({"a": VALUES, "b": VALUES}), "must be one column; found 2 .a, b."),
        ([0.1], "at least 2 observations; found 1"),
        ([0.1, np.nan, 0.2, np.nan], "2 NaN values, first at row 1; drop them"),
        (pd.Series([0.1, np.nan], DATES[:2]), "first at row 1 .2020-01-02."),
        ([0.1, -np.inf], "1 infinite value, first at row 1"),
        (pd.Series([0.1, None], dtype="Float64"), "1 NaN value"),
        ([0.5, 0.5, 0.5], "no variance: all 3 values are 0.5"),
        ([1.0, 1.0 + 1e-14], "no variance"),
        ([1e308, -1e308], "2 huge values, first at row 0; above 1e37"),
        (pd.Series(VALUES, DATES[[0, 1, 1, 2]]), "repeats 1 of its dates, first 2020-01-02"),
        (pd.Series(VALUES, DATES[[0, 2, 1, 3]]), "2020-01-02 comes after 2020-01-03; sort it"),
        (pd.Series(VALUES, [DATES[0], pd.NaT, DATES[1], DATES[2]]), "missing date at row 1"),
    ],
)
def test_bad_returns_are_named(returns, message):
    with pytest.raises((ValueError, TypeError), match=message):
        as_returns(returns)


def test_dates_that_are_not_an_index_of_dates():
    days = pd.Series(VALUES, [day.date() for day in DATES])
    assert as_returns(days).index.equals(DATES)
    for text in (DATES.astype(str), DATES.strftime("%d/%m/%Y")):
        with pytest.raises(ValueError, match="dates as text"):
            as_returns(pd.Series(VALUES, text))


@pytest.mark.parametrize("labels", [list("abcd"), [9, 2, 16, 23]])
def test_labels_that_are_no_dates_are_said_to_mean_252(labels):
    with pytest.warns(UserWarning, match=r"no dates .*252, unless periods_per_year"):
        assert as_returns(pd.Series(VALUES, labels)).values.size == 4


def test_numbers_of_rows_need_no_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_returns(pd.Series(VALUES, [1, 2, 5, 9]))
        as_returns(pd.Series(VALUES))


def test_prices_are_pointed_out():
    prices = 100 * np.cumprod(1 + 0.01 * np.random.default_rng(1).normal(size=50))
    with pytest.warns(UserWarning, match="returns looks like prices"):
        as_returns(prices)


def test_period_index_becomes_dates():
    series = pd.Series(VALUES, pd.period_range("2020-01", periods=4, freq="M"))
    assert periods_per_year(as_returns(series).index) == 12


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        (lambda r: 100 * r, "looks like returns in percent: divide by 100"),
        (lambda r: 1 + r, "looks like"),
        (lambda r: np.cumprod(1 + r) - 1, "looks like cumulative returns"),
        (lambda r: 100 * (np.cumprod(1 + r) - 1), "looks like cumulative returns in percent"),
        (lambda r: 1e4 * r, "looks like profits in money, or basis points"),
        (lambda r: 1e6 * np.cumsum(r), "looks like a sum of profits"),
        (lambda r: 100 * np.cumprod(1 + r)[:12], "looks like prices"),
    ],
)
def test_other_units_are_pointed_out(unit, message):
    r = 0.01 * np.random.default_rng(4).standard_t(5, 500)
    with pytest.warns(UserWarning, match=message):
        as_returns(unit(r))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_returns(r)


@pytest.mark.parametrize("missing", ["raise", "skip"])
def test_an_unadjusted_split_is_pointed_out(missing):
    dates = pd.bdate_range("2020-01-01", periods=300)
    r = pd.Series(0.01 * np.random.default_rng(4).standard_t(5, 300), dates)
    r.iloc[200] = -0.75
    if missing == "skip":
        r.iloc[[3, 50]] = np.nan
    with pytest.warns(UserWarning, match=f"returns moves by -75% on {dates[200]:%Y-%m-%d}"):
        as_returns(r, missing=missing)


def test_rows_before_the_first_return_are_left_out():
    prices = pd.Series([100.0, 101.0, 99.0, 102.0], DATES[:4])
    clean = as_returns(prices.pct_change())
    assert clean.index.equals(DATES[1:4])
    np.testing.assert_array_equal(clean.values, prices.pct_change().to_numpy()[1:])
    np.testing.assert_array_equal(as_returns(prices.pct_change().to_numpy()).values, clean.values)
    with pytest.raises(ValueError, match="1 NaN value, first at row 1"):
        as_returns([np.nan, 0.1, np.nan, 0.2])
    with pytest.raises(ValueError, match="NaN"):
        as_returns([np.nan, np.nan])


def test_a_month_without_a_row_is_pointed_out():
    dates = pd.date_range("2015-01-31", periods=60, freq="ME")
    r = pd.Series(0.03 * np.random.default_rng(1).normal(size=60), dates)
    with pytest.warns(OddReturnsWarning, match="no row for 1 month, between 2016-08-31 and"):
        as_returns(r.drop(dates[20]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_returns(r)
        as_returns(r.mask(r.index == dates[20]), missing="skip")


@pytest.mark.parametrize("rows", [6, 12, 20, 24, 60, 240])
@pytest.mark.parametrize(("interest", "periods"), [(0.0043, "ME"), (1.7e-4, "B")])
def test_interest_is_no_price(rows, interest, periods):
    dates = pd.date_range("2000-01-31", periods=rows, freq=periods)
    r = interest * (1.0 + 0.01 * np.random.default_rng(rows).normal(size=rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_returns(pd.Series(r, dates))


def test_smooth_interest_may_be_prices():
    r = 0.004 * np.exp(np.cumsum(0.05 * np.random.default_rng(1).normal(size=60)))
    with pytest.warns(OddReturnsWarning, match="as interest and prices. If they are prices, take"):
        as_returns(pd.Series(r, pd.date_range("2000-01-31", periods=60, freq="ME")))
