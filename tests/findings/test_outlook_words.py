"""What is said of forecasts and falls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings import outlook_words as words
from puffin.findings.cone import Cone
from puffin.findings.expected_drawdown import ExpectedDrawdown

DATES = pd.bdate_range("2022-01-03", periods=3)


def cone(rank):
    expected = pd.DataFrame([[0.8, 0.9, 1.0, 1.1, 1.25]] * 2, DATES[1:])
    return Cone(DATES[0], expected, pd.Series([1.0, 1.1], DATES[1:]), rank)


def test_says_what_was_expected_and_what_came():
    assert words.cone_story(cone(0.5), 0.94) == (
        "From the returns up to 2022-01-03 alone, −20.0% to 25.0% was to be expected by "
        "2022-01-05, with 94% probability. It became 10.0%: no surprise."
    )


@pytest.mark.parametrize(
    ("rank", "said"),
    [
        (0.01, "worse than all but 1%"),
        (0.1, "low side, with 10% probability of less"),
        (0.9, "high side, with 10% probability of more"),
        (0.99, "a good surprise"),
    ],
)
def test_surprise(rank, said):
    assert said in words.cone_story(cone(rank), 0.94)


@pytest.mark.parametrize(
    ("deeper", "said"),
    [
        (0, "is a surprise: <1% of histories"),
        (10, "is deeper than most: 10%"),
        (50, "is no surprise: 50%"),
        (98, "is shallow: 98% of histories with such returns have a deeper one"),
    ],
)
def test_fall(deeper, said):
    simulated = np.where(np.arange(100) < deeper, -0.5, -0.1)
    assert said in words.drawdown_story(ExpectedDrawdown(-0.3, simulated))
