"""What is shown of a result: a title, sentences, doubts, a table and a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

__all__ = ["Card", "Cell", "Picture", "Table"]


class Picture(Protocol):
    """A small picture that says the same as the numbers beside it, for those who look first."""

    def svg(self) -> str:
        """Return the picture as an element that can stand within a line of HTML."""


Cell: TypeAlias = str | Picture


@dataclass(frozen=True)
class Table:
    """Rows of what a number is of, followed by the number and whatever goes with it.

    Attributes
    ----------
    headings : sequence of str
    rows : sequence of sequence of str or Picture
        As long as the headings.
    left_out : int
        How many more rows there are than a person would read.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    left_out: int = 0


@dataclass(frozen=True)
class Card:
    """What is shown of a result. All is plain text: whoever shows it escapes it.

    Attributes
    ----------
    title : str
        What kind of thing it is, such as the name of its class.
    sentences : sequence of str
        The figures that matter, rounded, with their intervals.
    doubts : sequence of str
        Reasons not to rely on the figures; they are shown wherever the figures are.
    table : Table, optional
    picture : Picture, optional
    """

    title: str
    sentences: Sequence[str] = ()
    doubts: Sequence[str] = ()
    table: Table | None = None
    picture: Picture | None = None
