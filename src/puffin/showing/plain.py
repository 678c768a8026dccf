"""A card as plain text: what `repr` returns."""

from __future__ import annotations

from puffin.showing.card import Card
from puffin.showing.printable import printable

__all__ = ["plain_text_of"]

_AS_TYPED = str.maketrans({"−": "-", "–": "-", "’": "'"})
"""What a terminal may lack, from the sentences of the page."""


def plain_text_of(card: Card) -> str:
    """Return the title, the sentences and the doubts, a line each.

    The table is left to those who ask for it: its first figures are in the sentences.
    """
    lines = [
        printable(card.title),
        " ".join(printable(sentence).translate(_AS_TYPED) for sentence in card.sentences),
        " ".join(printable(doubt).translate(_AS_TYPED) for doubt in card.doubts),
    ]
    return "\n".join(
        f"{mark}{line}" for mark, line in zip(("", "", "! "), lines, strict=True) if line
    )
