"""Results that say what they are where Python shows them: at its prompt, in logs, in notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod

from puffin.showing.card import Card
from puffin.showing.html import html_of
from puffin.showing.plain import plain_text_of

__all__ = ["Shown"]


class Shown(ABC):
    """A result that `repr` shows as sentences, and a notebook as sentences, table and picture.

    A class says once what there is to show, in `_card`, and both follow from it. Nothing is
    estimated or simulated for it: it takes milliseconds. An object that is not whole, such as a
    dict from which keys were taken, is shown as Python shows any.
    """

    @abstractmethod
    def _card(self) -> Card:
        """Return what there is to show."""

    def _card_if_whole(self) -> Card | None:
        try:
            return self._card()
        except (AttributeError, LookupError):
            return None

    def __repr__(self) -> str:
        card = self._card_if_whole()
        return object.__repr__(self) if card is None else plain_text_of(card)

    def _repr_html_(self) -> str | None:
        """Return what Jupyter, marimo and others show; None leaves them with `repr`."""
        card = self._card_if_whole()
        return None if card is None else html_of(card)
