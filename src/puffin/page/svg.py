"""A figure as SVG that can stand in a page among others.

Ids that nothing refers to go, the others get a prefix, so that they are the figure's own; colours
become the page's CSS variables, so that a dark page has light lines; text stays text, in the page's
font; size is left to the page.
"""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

from puffin.extras import require
from puffin.figures.canvas import BLUE, FAINT, GREY, INK, ORANGE, report_style
from puffin.page.hover import name_lines, scales

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

__all__ = ["to_svg"]

_LINES = re.compile(r"([ML] [-\d.]+ [-\d.]+)((?:\s*L [-\d.]+ [-\d.]+)+)")
_VARIABLES = {BLUE: "blue", ORANGE: "orange", GREY: "grey", INK: "ink", FAINT: "faint"}


def to_svg(figure: Figure, prefix: str, title: str) -> Markup:
    """Return the figure as SVG.

    Parameters
    ----------
    figure : matplotlib Figure
    prefix : str
        Of every id; two figures of one page must not share it.
    title : str
        What the figure shows, for those who cannot see it.
    """
    backend = require("matplotlib.backends.backend_svg", "report", "A report")
    names = name_lines(figure)
    stream = io.StringIO()
    with report_style():
        # Not savefig, which draws everything twice.
        backend.FigureCanvasSVG(_transparent(figure)).print_svg(stream, metadata={"Date": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    for unwanted in (r"<metadata>.*?</metadata>", r"<style[^>]*>.*?</style>", r"<!--.*?-->"):
        text = re.sub(unwanted, "", text, flags=re.DOTALL)
    # Text between the tags is the user's, who may well have a column named 'id="'.
    text = re.sub(r"<[^>]+>", lambda tag: _for_a_page(tag.group(), prefix), text)
    text = re.sub(r"\n\s*", "\n", text)
    markup: Markup = require("markupsafe", "report", "A report").Markup(
        _with_title(text, prefix, title, scales(figure, names) if names else "")
    )
    return markup


def _transparent(figure: Figure) -> Figure:
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_facecolor("none")
        patch.set_edgecolor("none")
    return figure


def _for_a_page(tag: str, prefix: str) -> str:
    tag = re.sub(r'<g id="(xtick|ytick|offset)[^"]*"', r'<g class="\1"', tag)
    tag = re.sub(r'<g id="(?!line-)[^"]*"', "<g", tag)
    tag = re.sub(r'\bid="', f'id="{prefix}-', tag)
    tag = tag.replace("url(#", f"url(#{prefix}-").replace('href="#', f'href="#{prefix}-')
    tag = re.sub(r"\bfont:\s*([\d.]+px)[^;\"]*", r"font-size: \1", tag)
    tag = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", tag)
    tag = re.sub(r'\bd="[^"]*"', _short, tag)
    for colour, name in _VARIABLES.items():
        tag = tag.replace(colour, f"var(--{name})")
    return tag


def _short(path: re.Match[str]) -> str:
    """Return a path with one decimal, without the letter of each line after a move or a line."""
    return _LINES.sub(_without_letters, re.sub(r"(\d\.\d)\d+", r"\1", path.group()))


def _without_letters(lines: re.Match[str]) -> str:
    return lines[1] + re.sub(r"\s*L ", " ", lines[2])


def _with_title(text: str, prefix: str, title: str, axes: str) -> str:
    head, rest = text.split(">", 1)
    view_box = re.search(r'viewBox="[^"]*"', head)
    assert view_box is not None
    identifier = f"{prefix}-title"
    told = f' data-prefix="{prefix}" data-axes="{escape(axes)}"' if axes else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{view_box.group()} role="img" aria-labelledby="{identifier}"{told}>'
        f'<title id="{identifier}">{escape(title)}</title>{rest}'
    )
