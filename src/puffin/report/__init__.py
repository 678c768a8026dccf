"""What a person looks at: an HTML page with every posterior, its figures and what they mean."""

from puffin.report.page import Source, render_page
from puffin.report.writing import write_report

__all__ = ["Source", "render_page", "write_report"]
