"""A gallery: the figures of pages that were run, as pictures that lead to where they are made."""

from __future__ import annotations

from itertools import islice
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Mark(nodes.General, nodes.Element):
    """Where the pictures of `pages` go."""


class Gallery(SphinxDirective):
    """Names pages, one a line; each of their sections with a figure becomes a picture."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Leave a mark that is filled once all pages have been read."""
        pages = [line.strip() for line in self.content if line.strip()]
        return [Mark(pages=pages)]


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for mark in list(doctree.findall(Mark)):
        cards = [card for page in mark["pages"] for card in _cards(app, page, docname)]
        mark.replace_self(nodes.container("", *cards, classes=["gallery"]))


def _cards(app: Sphinx, page: str, docname: str) -> list[nodes.Node]:
    """Return a link for each section of a page that has a figure: its first."""
    cards: list[nodes.Node] = []
    uri = app.builder.get_relative_uri(docname, page)
    of_page = app.env.titles[page].astext()
    for section in app.env.get_doctree(page).findall(nodes.section):
        for image in islice(_own_images(section), 1):
            title = section.next_node(nodes.title).astext()
            picture = image.deepcopy()
            picture["alt"] = ""  # the title beside it says it
            said = [] if title == of_page else [nodes.inline("", of_page, classes=["page"])]
            link = nodes.reference("", "", picture, *said, nodes.inline("", title))
            link["refuri"], link["internal"] = f"{uri}#{section['ids'][0]}", True
            cards.append(nodes.container("", nodes.paragraph("", "", link), classes=["picture"]))
    return cards


def _own_images(section: nodes.section) -> Any:
    """Yield images of a section that are in none of its subsections."""
    for child in section.children:
        if not isinstance(child, nodes.section):
            yield from child.findall(nodes.image)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive; pages are there to be looked into when the first one is written."""
    app.add_node(Mark)
    app.add_directive("gallery", Gallery)
    app.connect("doctree-resolved", _fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
