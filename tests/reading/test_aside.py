"""Columns beside returns that are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.reading import ReadingError, read_text, returns_of
from tests.reading.made import RETURNS, ROWS, csv, frame

SIGNS = np.sign(RETURNS).astype(int)
EQUITY = np.cumprod(1.0 + RETURNS)
DRAWDOWN = EQUITY / np.maximum.accumulate(EQUITY) - 1.0


def read(**columns):
    text = frame().assign(**{name.replace("_", " "): one for name, one in columns.items()})
    return returns_of(read_text(text.to_csv(index=False)))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("position", 0.37 * SIGNS),
        ("side", SIGNS),
        ("in_market", (SIGNS > 0).astype(int)),
        ("regime", np.arange(ROWS) // 50 % 4),
        ("Drawdown", DRAWDOWN),
        ("Strategy_drawdown_%", 100.0 * DRAWDOWN),
        ("Weekday", frame()["Date"].dt.day_of_week),
        ("Month", frame()["Date"].dt.month),
        ("AUM", 1e6 * EQUITY),
        ("Scheme_code", 119551),
    ],
)
def test_what_is_no_strategy(name, values):
    found = read(**{name: values})
    assert list(found.returns) == ["fund"]
    np.testing.assert_allclose(found.returns["fund"], RETURNS)
    assert f"left out: {name.replace('_', ' ')} (" in found.line


def test_it_can_be_asked_for():
    table = read_text(frame().assign(drawdown=DRAWDOWN).to_csv(index=False))
    assert list(returns_of(table, ["drawdown"]).returns) == ["drawdown"]


def test_a_file_of_nothing_else_is_taken_at_its_word():
    assert list(returns_of(read_text(csv(name="position"))).returns) == ["position"]
    with pytest.raises(ReadingError, match="a few whole numbers only, as signals have; say --unit"):
        returns_of(read_text(csv(returns=SIGNS, name="signal")))


def test_a_strategy_of_a_similar_name_stays():
    found = read(Position_sizing=-RETURNS, Low_drawdown=RETURNS / 2, DD=RETURNS / 3)
    assert len(found.returns) == 4


def test_few_whole_percents_are_percents():
    whole = pd.Series(np.arange(ROWS) % 5 - 2).map("{}%".format)
    assert "other" in read(other=whole.to_numpy()).returns
