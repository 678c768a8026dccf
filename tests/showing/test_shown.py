"""Results that say what they are: text and HTML follow from one card."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from puffin.showing.card import Card, Table
from puffin.showing.shown import Shown
from tests.showing.parsed import parsed


class Thing(Shown):
    def __init__(self, card):
        self.card = card

    def _card(self):
        return self.card


class Dict(Shown, dict):
    def _card(self):
        return Card("Dict", [f"It is {self['size']}."])


def test_title_sentences_and_doubts_are_a_line_each():
    card = Card("Thing", ["It is 3.", "And 4."], ["Too few draws."])
    assert repr(Thing(card)) == "Thing\nIt is 3. And 4.\n! Too few draws."
    assert repr(Thing(Card("Thing(a=1)"))) == "Thing(a=1)"


def test_a_terminal_gets_a_minus_that_it_has():
    assert repr(Thing(Card("Thing", ["−0.5 – the sampler’s"]))) == "Thing\n-0.5 - the sampler's"


def test_what_is_not_whole_is_shown_as_python_shows_it():
    thing = Dict(size=3)
    assert repr(thing) == "Dict\nIt is 3."
    del thing["size"]
    assert repr(thing).startswith("<tests.showing.test_shown.Dict object at 0x")
    assert thing._repr_html_() is None


@given(st.text(), st.text())
def test_hostile_text_stays_text(name, cell):
    card = Card(name, [name], [name], Table((name, "mean"), [(cell, "1")], left_out=2))
    thing = Thing(card)
    assert len(repr(thing).split("\n")) <= 3
    assert all(c.isprintable() or c == "\n" for c in repr(thing))
    page = parsed(thing._repr_html_())
    assert set(page.tags) == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(page.attributes) <= {"style", "class"}
    assert "and 2 more" in page.texts
