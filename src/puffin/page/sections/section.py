"""A section of the report: a title, a place to link to, and HTML; and a part of one."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from puffin.findings.findings import Findings
from puffin.page.templates import render

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Builder", "Part", "Section", "part_or_reason", "sections_or_reason"]


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

Part = Callable[[Findings, str, str], "Markup | None"]
"""Makes part of a strategy's section, given its name and the prefix of ids; None for nothing."""


def sections_or_reason(builder: Builder, findings: Findings) -> list[Section]:
    """Return the sections, or one that says why they could not be made, with a warning."""
    try:
        return builder(findings)
    except Exception as error:
        name = _name_of(builder.__module__)
        anchor = f"failed-{name.replace(' ', '-')}"
        return [Section(anchor, name.capitalize(), _reason(name, error))]


def part_or_reason(part: Part, findings: Findings, name: str, anchor: str) -> Markup | None:
    """Return the part, or a line that says why it could not be made, with a warning."""
    try:
        return part(findings, name, anchor)
    except Exception as error:
        return _reason(_name_of(part.__module__), error)


def _name_of(module: str) -> str:
    return module.rsplit(".", 1)[-1].replace("_", " ")


def _reason(name: str, error: Exception) -> Markup:
    reason = f"{type(error).__name__}: {error}"
    warnings.warn(
        f"The report's section on {name} could not be made ({reason}); the rest is there.",
        UserWarning,
        stacklevel=3,
    )
    return render("failed", reason=reason)
