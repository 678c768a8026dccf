"""Text from outside, made safe for a terminal."""

from __future__ import annotations

__all__ = ["printable"]


def printable(text: str) -> str:
    """Return text on one line, with � for whatever a terminal would act on or hide.

    Names and cells of a file may hold escape sequences, which move the cursor or set a title, C1
    controls, marks that turn the direction of what follows, and line breaks.
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text)
