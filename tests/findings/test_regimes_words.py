"""What is said of regimes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from puffin.findings import regimes_words as words
from puffin.findings.quantity import Quantity, SkewedQuantity
from tests.findings.regimes_examples import SETTINGS, found


def with_factor(factor, **changes):
    """The example with this log Bayes factor of two regimes against one."""
    one = found()
    evidence = None if factor is None else one.model.fitted.one_regime + factor
    return dataclasses.replace(one, log_evidence=evidence, **changes)


def made_up(now=0.82):
    calm, wild = found().regimes
    calm = dataclasses.replace(
        calm, now=now, sd=Quantity(0.01, 0.009, 0.011), sharpe=Quantity(1.2, 0.3, 2.1),
        duration=SkewedQuantity(80.4, 50.0, 130.0),
    )  # fmt: skip
    wild = dataclasses.replace(
        wild, now=1 - now, share=0.3, sd=Quantity(0.02, 0.018, 0.023),
        sharpe=Quantity(-0.5, -1.5, 0.4), duration=SkewedQuantity(23.0, 15.0, np.inf),
    )  # fmt: skip
    return with_factor(12.34, regimes=(calm, wild), calm_is_better=0.97, one_more=None)


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (12.34, "Two regimes explain the returns of it better than one (log Bayes factor 12.3;"),
        (-1.5, "Whether it has two regimes or one is not settled (log Bayes factor of two against "
               "one −1.5; 3 is odds of twenty to one): one is about as good"),
        (2.9, "is not settled"),
        (-4.0, "One regime explains the returns of it better than two (log Bayes factor 4.0;"),
        (None, "could not be worked out"),
    ],
)  # fmt: skip
def test_whether_there_are_two_is_said_first(factor, said):
    first, *_ = words.regimes_story("it", with_factor(factor), SETTINGS)
    assert said in first


def test_which_it_is_how_long_and_what_it_earned():
    _, now, volatility, sharpe = words.regimes_story("it", made_up(), SETTINGS)
    assert now == (
        "It was calm with 82% probability on 2022-02-24, given the returns up to then; the "
        "turbulent regime lasts 23 days on average (94% interval 15 to –), the calm one 80 days "
        "(50 to 130)."
    )
    assert volatility == (
        "Volatility is 15.9% a year in the calm regime (14.3 to 17.5%) and 31.7% in the turbulent "
        "one (28.6 to 36.5%), which had 30% of the days."
    )
    assert sharpe == (
        "The Sharpe ratio is 1.20 in the calm regime (94% interval 0.30 to 2.10) and −0.50 in the "
        "turbulent one (−1.50 to 0.40): higher in the calm one with 97% probability."
    )
    assert "It was turbulent with 70% probability" in words.regimes_story(
        "it", made_up(0.3), SETTINGS
    )[1]  # fmt: skip


def test_three_are_named_where_they_are_better():
    [*_, last] = words.regimes_story("it", with_factor(9.0, one_more=4.0), SETTINGS)
    assert last.startswith("Three regimes explain these returns better still (log Bayes factor 4.0")
    assert "Three" not in words.regimes_story("it", with_factor(9.0, one_more=2.0), SETTINGS)[-1]


def test_headline():
    several = {"a": made_up(), "b": made_up(0.3), "c": with_factor(0.0), "d": with_factor(-5.0)}
    assert words.regimes_headline(several) == [
        "Two regimes explain the returns of a and b better than one.",
        "Of c it is not settled whether there are two: one is about as good.",
        "The returns of d have one regime rather than two.",
        "b (70%) is probably in the turbulent one now.",
    ]
    assert words.regimes_headline({"a": made_up(), "c": with_factor(0.0)})[-1] == (
        "None of these is probably in the turbulent one now."
    )
    assert words.regimes_headline({"a": made_up()}) == []


def test_doubts_are_those_of_the_fit_but_for_the_verdict():
    assert words.regimes_doubts("it", found()) == []
    fitted = found().model.fitted
    assert fitted.unsupported == ()
    doubtful = dataclasses.replace(fitted, one_regime=fitted.one_regime + 1e4)
    assert len(doubtful.unsupported) == 1
    assert doubtful.oddities == ()
