"""A card as HTML: what a notebook shows.

It has no style sheet, no script and no colour of its own but those of its pictures: text and lines
have the colour of the page around them, so that light and dark themes are both readable.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from puffin.showing.card import Card, Cell, Table
from puffin.showing.printable import printable

__all__ = ["html_of"]

_WIDTH = "max-width: 46em; line-height: 1.45; overflow-x: auto"
_TITLE = "opacity: 0.65; font-size: 0.85em; font-family: monospace; overflow-wrap: anywhere"
_DOUBT = "border-left: 3px solid #d1662a; padding-left: 0.6em; margin: 0.4em 0; font-weight: 600"
_TABLE = (
    "border-collapse: collapse; margin: 0.4em 0; font-variant-numeric: tabular-nums; "
    "color: inherit; font-size: inherit"
)
_FIRST, _OTHER = "text-align: left", "text-align: right; white-space: nowrap"
_LINE = "1px solid rgba(128, 128, 128, 0.4)"


def html_of(card: Card) -> str:
    """Return the card as one element; doubts stand before the figures that they are about."""
    parts = [f'<div style="{_TITLE}">{_text(card.title)}</div>']
    parts += [f'<div style="{_DOUBT}">{_text(doubt)}</div>' for doubt in card.doubts]
    if card.sentences:
        said = " ".join(_text(sentence) for sentence in card.sentences)
        parts.append(f'<div style="margin: 0.3em 0">{said}</div>')
    if card.picture is not None:
        parts.append(f"<div>{card.picture.svg()}</div>")
    if card.table is not None:
        parts.append(_table(card.table))
    return f'<div class="puffin-result" style="{_WIDTH}">{"".join(parts)}</div>'


def _table(table: Table) -> str:
    head = _row("th", table.headings)
    body = "".join(_row("td", row) for row in table.rows)
    more = f"<div>and {table.left_out} more</div>" if table.left_out else ""
    return f'<table style="{_TABLE}"><thead>{head}</thead><tbody>{body}</tbody></table>{more}'


def _row(tag: str, cells: Iterable[Cell]) -> str:
    """Return a row whose first cell says what the others are of."""
    style = f"padding: 0.15em 0.7em; border: 0; border-bottom: {_LINE}"
    return "".join(
        [
            "<tr>",
            *(
                f'<{tag} style="{style}; {_OTHER if place else _FIRST}">'
                f"{_text(cell) if isinstance(cell, str) else cell.svg()}</{tag}>"
                for place, cell in enumerate(cells)
            ),
            "</tr>",
        ]
    )


def _text(text: str) -> str:
    return escape(printable(text))
