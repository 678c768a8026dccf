"""What the numbers of a column are: the rules that tell units apart.

A unit is certain where only it makes sense of a year: nobody earns 10,000% every day, and no walk
goes up and down by its own height. Where two make sense, the column's name and the file's other
columns decide, and else a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.reading.rules import UNIT_NAMES
from puffin.reading.units import UNITS

__all__ = ["Guess", "agreed", "guessed"]

_A_FEW, _ENOUGH = 6, 20
_SMOOTH = 0.3
_A_FEW_BELOW = 0.02
_MOST_VOLATILE, _DOUBTFUL, _SURELY_TOO_VOLATILE = 5.0, 1.0, 4.0
_MOST_GROWTH, _MOST_GROWTH_IN_ALL = 2.0, 15.0
_MOST_INTEREST = 0.25
_LEAST_VOLATILE, _HIGHEST_RATE = 0.001, 25.0


@dataclass(frozen=True)
class Guess:
    """What a column could be.

    Attributes
    ----------
    units : tuple of str
        Keys of `UNITS`, the likelier first; the first is taken where it is certain.
    because : str
        What was found, where a person has to be asked; empty where it is certain.
    indifferent : bool
        Whether any of them would do.
    """

    units: tuple[str, ...]
    because: str = ""
    indifferent: bool = False

    @property
    def certain(self) -> bool:
        """Whether there is nothing to ask."""
        return not self.because


@dataclass(frozen=True)
class _Facts:
    """What decides: a column's size, roughness, and a year of it if it were simple returns."""

    count: int
    low: float
    high: float
    first: float
    middle: float
    roughness: float
    volatility: float
    growth: float
    years: float
    walk: float
    two_decimals: bool

    @property
    def smooth(self) -> bool:
        return self.roughness < _SMOOTH

    @property
    def in_percent_points(self) -> bool:
        """Whether two decimals would be coarse for returns, and are usual for percent."""
        return self.two_decimals and self.volatility > 0.3

    @property
    def believable(self) -> bool:
        """Whether simple returns, read as they are, make a possible year."""
        return self.low > -1.0 and self.volatility <= _DOUBTFUL and self.growth <= _MOST_GROWTH


def _facts(values: NDArray[np.float64], periods: float) -> _Facts:
    middle = float(np.median(values))
    spread = float(np.var(values))
    steps = np.diff(values)
    positive = values > 0.0
    walk = np.diff(np.log(values)) if positive.all() else np.array([np.inf])
    # 1.25 mean absolute deviations are the standard deviation of a normal, and mind outliers less.
    volatility = 1.25 * float(np.abs(values - middle).mean()) * np.sqrt(periods)
    growth = float(np.log1p(np.maximum(values, -0.99)).mean()) * periods
    return _Facts(
        count=values.size,
        low=float(np.sort(values)[min(2, values.size // 50)]),
        high=float(values.max()),
        first=float(values[0]),
        middle=middle,
        roughness=float(np.square(steps).mean()) / spread if spread > 0.0 else 2.0,
        volatility=volatility,
        growth=growth,
        years=values.size / periods,
        walk=1.25 * float(np.abs(walk).mean()) * np.sqrt(periods),
        two_decimals=bool(np.allclose(100.0 * values, np.round(100.0 * values), atol=1e-6)),
    )


def guessed(values: NDArray[np.float64], periods: float, name: str, percent: bool = False) -> Guess:
    """Return what a column of numbers could be.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite, in order of time.
    periods : float
        Periods a year.
    name : str
    percent : bool, default False
        Whether the cells have percent signs.
    """
    if values.size < 2 or np.ptp(values) == 0.0:
        return Guess(("percent",) if percent else tuple(UNITS), indifferent=not percent)
    facts = _facts(values, periods)
    if percent:
        begins_low = facts.smooth and abs(facts.first) < 0.2 * (facts.high - facts.low)
        sums = begins_low and facts.count >= _ENOUGH
        return Guess(("cumulative-percent",) if sums else ("percent",))
    of = _of_positive if values.min() > 0.0 else _of_signed
    of = of if facts.count >= _ENOUGH else _of_few
    guess = of(facts, values, periods)
    return _as_named(guess, _named(name), facts)


def _as_named(guess: Guess, named: str, facts: _Facts) -> Guess:
    """Return a guess after a look at the name of the column, which has to agree with it."""
    if named in ("log", "log-prices", "bps"):
        return Guess((named,))
    if not guess.certain:
        zero_prices = named == "prices" and facts.low >= 0.0
        return Guess((named,)) if named in guess.units or zero_prices else guess
    if named == "percent" and guess.units == ("returns", "percent"):
        return Guess(guess.units, "is called percent, and could be that or not")
    if named == "profit" and facts.two_decimals and guess.units[0] in ("returns", "percent"):
        return Guess(("profit", guess.units[0]), "is called a profit, and could be one in money")
    return guess


def _of_few(facts: _Facts, values: NDArray[np.float64], periods: float) -> Guess:
    """Return what a column too short for its course to tell is: returns, unless that is absurd."""
    interest = float(values.mean()) * periods
    if values.min() > 0.0 and facts.middle > 1.0:
        return Guess(("prices", "gross", "percent"), _looks_like_prices(facts))
    if values.min() > 0.0 and interest > _MOST_GROWTH and facts.count >= _A_FEW:
        return Guess(
            ("percent", "gross", "prices"), "is always positive, and too large for returns"
        )
    if facts.count < _A_FEW or (values.min() > -1.0 and facts.volatility <= _SURELY_TOO_VOLATILE):
        return Guess(("returns",))
    if _facts(values / 100.0, periods).believable:
        return Guess(("percent",))
    return _too_large(values, periods)


def _looks_like_prices(facts: _Facts) -> str:
    found = f"looks like prices (all positive, median {facts.middle:g}); did you mean --prices?"
    rate = " A yield or an interest rate is no return." if facts.middle < _HIGHEST_RATE else ""
    return found + rate


def _of_positive(facts: _Facts, values: NDArray[np.float64], periods: float) -> Guess:
    """Return what numbers above zero are: levels, 1 + r, or returns that were never negative."""
    around_one = 0.5 < facts.middle < 1.5
    gross = _facts(values - 1.0, periods)
    if around_one and not facts.smooth and values.min() < 1.0 < values.max():
        if facts.roughness > 1.0 and 0.005 < gross.volatility <= _SURELY_TOO_VOLATILE:
            return Guess(("gross",))
        return Guess(("gross", "prices"), "hovers around 1, as 1 + r does, or a price")
    interest = float(values.mean()) * periods
    walks = facts.walk <= _MOST_VOLATILE
    if interest <= _MOST_INTEREST and not facts.smooth:
        return Guess(("returns",))
    if interest / 100.0 > _MOST_INTEREST:
        if walks:
            return Guess(("prices",), _looks_like_prices(facts))
        return Guess(("profit", "percent"), "is never negative, and too wild for prices")
    if interest <= _MOST_INTEREST:
        return Guess(("returns", "prices"), "is smooth and always positive, as interest and prices")
    return Guess(("percent", "prices"), "is always positive, as interest in percent, and prices")


def _of_signed(facts: _Facts, values: NDArray[np.float64], periods: float) -> Guess:
    """Return what numbers on both sides of zero are: returns, percent, sums of them, or money."""
    begins_low = abs(facts.first) <= 0.2 * (facts.high - values.min())
    if not begins_low and _are_prices_but_for_a_few(values, periods):
        return Guess(("prices", "profit"), "looks like prices, and has some of zero or less")
    if facts.smooth and facts.count >= 1.5 * _ENOUGH:
        sums = [
            unit
            for unit, scale in (("cumulative", 1.0), ("cumulative-percent", 0.01))
            if begins_low and _could_be_wealth(1.0 + scale * values, periods)
        ]
        if len(sums) == 1:
            return Guess((sums[0],))
        return Guess(
            (*sums, "cumulative-profit"), "is smooth, as a sum of returns or of profits in money is"
        )
    percent = _facts(values / 100.0, periods)
    could_be_percent = percent.believable and percent.volatility > _LEAST_VOLATILE
    if facts.believable and could_be_percent and facts.in_percent_points:
        return Guess(("percent", "returns"), "has two decimals, as percent has")
    if facts.believable:
        return Guess(("returns", "percent") if could_be_percent else ("returns",))
    if could_be_percent:
        sure = (
            facts.low <= -1.0
            or facts.volatility > _SURELY_TOO_VOLATILE
            or facts.growth * facts.years > _MOST_GROWTH_IN_ALL
            or facts.two_decimals
        )
        if sure:
            return Guess(("percent",))
        wild = f"has a volatility of {100 * facts.volatility:.0f}% a year, if it is not percent"
        return Guess(("percent", "returns"), wild)
    if facts.volatility <= _SURELY_TOO_VOLATILE and facts.low > -1.0:
        return Guess(("returns",))
    return _too_large(values, periods)


def _too_large(values: NDArray[np.float64], periods: float) -> Guess:
    """Return what is too large for percent: money, or basis points where those are believable."""
    points = _facts(values / 10_000.0, periods)
    units = ("profit", "bps", "percent") if points.believable else ("profit", "percent")
    return Guess(units, "is too large for returns, even for most in percent")


def _are_prices_but_for_a_few(values: NDArray[np.float64], periods: float) -> bool:
    """Whether numbers are prices if it were not for a few, as oil's of April 2020."""
    above = values[values > 0.0]
    few = values.size - above.size <= max(1.0, _A_FEW_BELOW * values.size)
    return few and _of_positive(_facts(above, periods), above, periods).units == ("prices",)


def _could_be_wealth(wealth: NDArray[np.float64], periods: float) -> bool:
    if wealth.min() <= 0.0:
        return False
    walk = 1.25 * float(np.abs(np.diff(np.log(wealth))).mean()) * np.sqrt(periods)
    return bool(0.004 < walk <= 2.0)


def _named(name: str) -> str:
    """Return the unit that the name of a column speaks of, or an empty text."""
    if not name:
        return ""
    lower = name.lower()
    for unit, words in UNIT_NAMES.items():
        if any(re.search(rf"(?<![a-z]){re.escape(word)}", lower) for word in words):
            return unit
    return ""


def agreed(guesses: Mapping[str, Guess]) -> dict[str, Guess]:
    """Return the guesses after each column has looked at the others.

    Columns that are certain, and of one unit, decide for those that are not. Where some are in
    percent for certain and others are likely not, but could be, a person is asked about those.
    """
    certain = {
        guess.units[0] for guess in guesses.values() if guess.certain and not guess.indifferent
    }
    if certain == {"percent", "returns"}:
        return {name: _beside_percent(guess) for name, guess in guesses.items()}
    if len(certain) != 1:
        return dict(guesses)
    [common] = certain
    return {
        name: Guess((common,))
        if (common in guess.units and not guess.certain) or guess.indifferent
        else guess
        for name, guess in guesses.items()
    }


def _beside_percent(guess: Guess) -> Guess:
    if guess.certain and not guess.indifferent and guess.units == ("returns", "percent"):
        return Guess(guess.units, "could be percent, as other columns are, or not")
    return guess
