"""A section of the report: a title, a place to link to, and HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from puffin.findings.findings import Findings

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Builder", "Section"]


@dataclass(frozen=True)
class Section:
    """Part of a report.

    Attributes
    ----------
    anchor : str
        Its id in the page, which is also the prefix of its figures' ids.
    title : str
        Plain text.
    body : Markup
        HTML, already escaped.
    """

    anchor: str
    title: str
    body: Markup


Builder = Callable[[Findings], list[Section]]
"""Makes sections out of findings: none, where there is nothing to show."""
