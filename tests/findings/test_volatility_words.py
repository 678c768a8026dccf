"""What is said of volatility."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from puffin.findings import volatility_words as words
from puffin.findings.quantity import Quantity, SkewedQuantity
from tests.findings.volatility_examples import SETTINGS, made_up


def story(settings=SETTINGS, **changes):
    return " ".join(words.volatility_story("it", made_up(10, **changes), settings))


@pytest.mark.parametrize(
    ("regime", "chance", "said"),
    [
        ("high", 0.95, "That is more than usual (high volatility: 95.0%; typical is 1.00%)"),
        ("low", 0.7, "That is probably less than usual"),
        ("normal", 0.45, "That may be within the usual range"),
    ],
)
def test_regime(regime, chance, said):
    assert said in story(regime=regime, regime_probability=chance)


def test_numbers_and_periods():
    said = story()
    assert "it now moves by 1.23% a day (with 94% probability 0.81 to 1.71%)." in said
    assert "Half of a rise or fall of volatility is gone after about 20 days (10 to 45)" in said
    monthly = dataclasses.replace(SETTINGS, periods_per_year=12)
    assert "For the next month" in story(monthly)
    assert "1.23% an active day" in story(share_flat=0.6)


def test_half_life():
    assert "after about 1 day (1 to 3)" in story(half_life=SkewedQuantity(0.8, 0.0, 3.4))
    assert "gone within a day" in story(half_life=SkewedQuantity(0.2, 0.0, 0.6))


def test_headline():
    found = {
        "a": made_up(10, regime="high", regime_probability=0.8),
        "b": made_up(10, next_period=Quantity(0.05, 0.04, 0.06)),
        "c": made_up(10),
    }
    assert words.volatility_headline(found) == [
        "a (80.0%) is probably in a time of high volatility.",
        "b and c move within the usual range.",
        "The largest moves are to be expected of b: 5.00% in its next period.",
    ]
    found["c"] = made_up(10, regime="low", regime_probability=0.5)
    assert words.volatility_headline(found)[1] == "c may be in a time of low volatility."
    found["c"] = made_up(10)
    calm = {name: found[name] for name in "bc"}
    assert words.volatility_headline(calm)[0] == "All move within their usual range."
    assert words.volatility_headline({"a": found["a"]}) == []


def test_doubts():
    assert words.volatility_doubts("it", made_up(100)) == []
    [few] = words.volatility_doubts("it", made_up(20))
    assert "20 returns say little" in few
    [stuck] = words.volatility_doubts("it", made_up(100, r_hat=1.2))
    assert "R-hat 1.200" in stuck


def test_a_column_that_ends_early_is_a_guess():
    days = pd.bdate_range("2020-01-01", periods=100)
    whole, dead = pd.Series(0.01, days), pd.Series(0.01, days[:60])
    [line] = words.early_ends({"whole": whole, "dead": dead})
    assert "dead has no values in the last 40 rows, after 2020-03-24" in line
    assert words.early_ends({"whole": whole, "short": whole.iloc[:90]}) == []
    assert len(words.early_ends({"dead": dead}, days)) == 1
    assert words.early_ends({"undated": whole.reset_index(drop=True)}) == []


def test_how_much_of_the_time_was_stormy():
    regimes = pd.Series(["high"] + 3 * ["low"] + 6 * ["normal"])
    assert "the likeliest on 10% of days, low on 30%." in story(regimes=regimes)


def test_jumps():
    assert "jump" not in story()
    none = pd.DataFrame({"probability": [], "size": []})
    assert "No day is more likely than not to have had a jump." in story(jumps=none)
    dates = pd.to_datetime(["2020-01-06", "2020-01-08"])
    two = pd.DataFrame({"probability": [0.9, 0.6], "size": [0.03, -0.05]}, dates)
    said = story(jumps=two)
    assert "likely than not on 2 days; the largest, of −5.00%, on 2020-01-08." in said


def test_how_far_another_seed_moves_what_is_printed():
    """Spread 0.9 / 3.76 = 0.24%, and 1,000 effective draws: 1.1 * 0.24 / 10."""
    [said] = words.volatility_seed_note({"a": made_up(), "b": made_up(ess=2000.0)}, 0.94)
    assert "about 0.03 percentage points" in said
    assert "of a regime by 0.7%" in said
    assert words.volatility_seed_note({"a": made_up(ess=np.nan)}, 0.94) == []
