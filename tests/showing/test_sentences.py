"""Parts of sentences."""

from __future__ import annotations

import pytest

from puffin.showing.sentences import listing, sign_verdict


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (0.999, "almost certainly positive"),
        (0.96, "very probably positive"),
        (0.85, "more likely positive than not"),
        (0.5, "of unknown sign"),
        (0.15, "more likely negative than not"),
        (0.04, "very probably negative"),
        (0.001, "almost certainly negative"),
    ],
)
def test_verdicts(probability, verdict):
    assert sign_verdict(probability) == verdict


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcdefgh", "a, b, c, d, e, f and 2 more"),
    ],
)
def test_listing(names, said):
    assert listing(list(names)) == said
