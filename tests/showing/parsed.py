"""What a piece of HTML consists of, as a browser would find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

__all__ = ["Piece", "parsed"]


@dataclass
class Piece:
    tags: list[str] = field(default_factory=list)
    attributes: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.piece = Piece()

    def handle_starttag(self, tag, attrs):
        self.piece.tags.append(tag)
        for name, value in attrs:
            self.piece.attributes.setdefault(name, []).append(value)
        self.piece.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.piece.open.pop()

    def handle_endtag(self, tag):
        assert self.piece.open.pop() == tag

    def handle_data(self, data):
        self.piece.texts.append(data)


def parsed(html: str) -> Piece:
    """Return tags, attributes and texts; fail where a tag is not closed."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.piece.open == []
    return parser.piece
