"""What a person looks at: an HTML page with every posterior, its figures and what they mean."""

from puffin.page.rendering import Source, render_page
from puffin.page.tear_sheet import report
from puffin.page.writing import Report, write_report

__all__ = ["Report", "Source", "render_page", "report", "write_report"]
