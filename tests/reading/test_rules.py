"""The page about reading has what the tables have."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from puffin.reading import UNITS
from puffin.reading.rules import DATE_FORMS, EPOCHS, MONTHS

PAGE = (Path(__file__).parents[2] / "docs" / "reading.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", DATE_FORMS, ids=lambda form: form.example)
def test_every_form_of_dates_is_on_the_page_and_has_a_letter_for_each_part(form):
    assert f"`{form.example}`" in PAGE
    groups = re.compile(form.pattern).groups
    for order in form.orders + form.if_asked:
        assert len(order) == groups
        assert set(order) <= set("Yymbdqhwe")


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_on_the_page(unit):
    assert f"`{unit}`" in PAGE


def test_tables_are_whole():
    assert list(MONTHS) == list(range(1, 13))
    starts = " ".join(MONTHS.values()).split()
    assert len(set(starts)) == len(starts)
    for before, after in pairwise(EPOCHS):
        assert before.high <= after.low
