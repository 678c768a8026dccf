"""Units become simple returns, and are told apart by what a year of them would mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import UNITS, ReadingError, guessed, read_frame, returns_of
from puffin.reading.unit_guess import Guess, agreed
from puffin.reading.units import simple_returns

WAYS = {
    "returns": lambda r: r,
    "percent": lambda r: 100.0 * r,
    "gross": lambda r: 1.0 + r,
    "bps": lambda r: 1e4 * r,
    "log": np.log1p,
    "prices": lambda r: 50.0 * np.cumprod(1.0 + r),
    "log-prices": lambda r: np.log(50.0 * np.cumprod(1.0 + r)),
    "cumulative": lambda r: np.cumprod(1.0 + r) - 1.0,
    "cumulative-percent": lambda r: 100.0 * (np.cumprod(1.0 + r) - 1.0),
    "profit": lambda r: 2.5e5 * r,
    "cumulative-profit": lambda r: 2.5e5 * (np.cumprod(1.0 + r) - 1.0),
}


def market(seed, rows, volatility, periods, drift=0.05):
    errors = np.random.default_rng(seed).standard_t(5, rows) * np.sqrt(0.6)
    return drift / periods + volatility / np.sqrt(periods) * errors


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_becomes_the_same_returns(unit):
    r = market(1, 300, 0.15, 252)
    column = pd.Series(WAYS[unit](r), name="a")
    found = simple_returns(column, unit, capital=2.5e5)
    assert len(found) >= 299
    np.testing.assert_allclose(found, r[-len(found) :], rtol=1e-9, atol=1e-12)


def test_profit_needs_capital():
    with pytest.raises(ReadingError, match="--capital"):
        simple_returns(pd.Series([1.0, 2.0], name="a"), "profit")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("volatility", "periods", "rows"),
    [
        (0.16, 252, 1000),
        (0.16, 12, 120),
        (0.25, 52, 300),
        (0.6, 365, 1000),
        (0.1, 252, 250),
        (0.3, 6048, 5000),
    ],
)
@pytest.mark.parametrize("unit", ["returns", "percent", "gross", "prices", "cumulative", "profit"])
def test_usual_columns_are_never_taken_for_another_unit(unit, volatility, periods, rows, seed):
    values = WAYS[unit](market(seed, rows, volatility, periods))
    guess = guessed(values, periods, "a")
    assert guess.units[0] == unit or not guess.certain, guess
    if unit in ("returns", "percent", "gross"):
        assert guess.certain


@pytest.mark.parametrize("seed", range(8))
def test_bonds_in_percent_are_percent_or_asked_back(seed):
    for periods, rows in ((252, 1000), (12, 100)):
        values = WAYS["percent"](market(seed, rows, 0.015, periods, drift=0.03))
        guess = guessed(values.round(2), periods, "a")
        assert guess.units[0] == "percent" or not guess.certain


@pytest.mark.parametrize(
    ("values", "periods", "certain"),
    [
        (np.full(30, 0.01), 252, True),
        (np.array([100.0, 101.0, 99.0]), 252, False),
        (np.array([0.1, -0.2, 0.3]), 252, True),
        (0.0043 + 0.0001 * np.random.default_rng(1).normal(size=40), 12, True),
        (0.43 + 0.01 * np.random.default_rng(1).normal(size=40), 12, False),
        (np.abs(np.random.default_rng(2).normal(1e6, 4e5, 300)), 252, False),
    ],
)
def test_odd_columns(values, periods, certain):
    assert guessed(values, periods, "a").certain is certain


def test_the_name_decides_what_numbers_leave_open():
    bill = 0.43 + 0.01 * np.random.default_rng(1).normal(size=40)
    assert guessed(bill, 12, "T-bill, %") == Guess(("percent",))
    prices = WAYS["prices"](market(1, 300, 0.15, 252))
    assert guessed(prices, 252, "Close") == Guess(("prices",))
    assert "did you mean --prices?" in guessed(prices, 252, "a").because


def test_names_that_contradict_are_asked_back():
    assert not guessed(market(1, 300, 0.3, 252), 252, "return in %").certain


def test_columns_that_are_certain_decide_for_the_others():
    sure, open_ = Guess(("percent",)), Guess(("percent", "prices"), "hm")
    assert agreed({"a": sure, "b": open_})["b"] == Guess(("percent",))
    assert agreed({"a": Guess(("returns",)), "b": open_})["b"] == open_
    constant = Guess(tuple(UNITS), indifferent=True)
    assert agreed({"a": sure, "b": constant})["b"] == Guess(("percent",))
    likely = Guess(("returns", "percent"))
    assert not agreed({"a": sure, "b": likely})["b"].certain
    assert agreed({"a": Guess(("returns",)), "b": likely})["b"].certain


def test_one_wrong_value_does_not_make_percent():
    values = market(1, 1000, 0.15, 252)
    values[500] = -9.0
    assert guessed(values, 252, "a").units[0] == "returns"


MONTHLY = market(5, 12, 0.12, 12)


@pytest.mark.parametrize(
    ("values", "unit", "certain"),
    [
        (MONTHLY, "returns", True),
        (100 * MONTHLY, "percent", True),
        (1 + MONTHLY, "gross", False),
        (0.98 + MONTHLY, "gross", False),
        (1e5 * MONTHLY, "profit", False),
        (50 * np.cumprod(1 + MONTHLY), "prices", False),
        (np.full(12, 0.0043) + 1e-5 * MONTHLY, "returns", True),
        (np.full(12, 0.43) + 1e-3 * MONTHLY, "percent", False),
    ],
)
def test_a_year_of_months(values, unit, certain):
    guess = guessed(values, 12, "a")
    assert unit in guess.units
    assert guess.certain is certain
    assert not certain or guess.units[0] == unit


def oil(price, day=100):
    values = 60.0 * np.cumprod(1.0 + market(3, 400, 0.35, 252))
    values[day] = price
    return values


def test_prices_with_one_below_zero_are_asked_about_as_prices():
    for price in (-37.6, -0.5, 0.0):
        assert guessed(oil(price), 252, "").units[0] == "prices"
    frame = pd.DataFrame({"oil": oil(-37.6)}, pd.bdate_range("2020-01-01", periods=400))
    with pytest.raises(ReadingError, match=r"looks like prices.* -37\.6 on 2020-05-20.*--prices"):
        returns_of(read_frame(frame))


def test_a_yield_is_said_to_be_no_return():
    """A bill's yield in percent, day by day, is asked about; as a price it would give nonsense."""
    yields = 4.67 * np.cumprod(1.0 + market(3, 400, 0.1, 252))
    with pytest.raises(ReadingError, match=r"--prices\? A yield or an interest rate is no return"):
        returns_of(
            read_frame(pd.DataFrame({"DTB3": yields}, pd.bdate_range("2020-01-01", periods=400)))
        )
    assert "yield" not in guessed(oil(60.0), 252, "").because


@pytest.mark.parametrize("seed", range(20))
def test_profits_with_a_few_losses_are_not_taken_for_prices(seed):
    random = np.random.default_rng(seed)
    wins = np.where(random.random(400) < 0.99, random.lognormal(3, 1, 400), -50.0)
    total = 2.5e5 * (np.cumprod(1.0 + market(seed, 400, 0.1, 252, drift=0.4)) - 1.0)
    total[0] = 0.0
    for values in (wins, total):
        assert guessed(values, 252, "").units[0] != "prices"


def test_basis_points_are_among_what_a_column_too_large_for_percent_may_be():
    frame = pd.DataFrame(
        {"strat": 1e4 * market(5, 400, 0.13, 252)}, pd.bdate_range("2020-01-01", periods=400)
    )
    with pytest.raises(ReadingError, match="--unit bps"):
        returns_of(read_frame(frame))
