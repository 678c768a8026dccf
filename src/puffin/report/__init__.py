"""What a person looks at: an HTML page with every posterior, its figures and what they mean."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from puffin.report.findings import Findings, find
    from puffin.report.page import render_page
    from puffin.report.settings import ReportSettings, Source
    from puffin.report.writing import write_report

__all__ = ["Findings", "ReportSettings", "Source", "find", "render_page", "write_report"]

_HOME = {
    "Findings": "findings",
    "find": "findings",
    "render_page": "page",
    "ReportSettings": "settings",
    "Source": "settings",
    "write_report": "writing",
}


def __getattr__(name: str) -> Any:
    # What draws is imported when it draws: a table in the terminal need not wait for it.
    if name in _HOME:
        return getattr(importlib.import_module(f"puffin.report.{_HOME[name]}"), name)
    raise AttributeError(f"module 'puffin.report' has no attribute {name!r}")
