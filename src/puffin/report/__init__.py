"""What a person looks at: an HTML page with every posterior, its figures and what they mean."""

from puffin.report.findings import Findings, find
from puffin.report.page import page
from puffin.report.settings import ReportSettings, Source
from puffin.report.writing import write_report

__all__ = ["Findings", "ReportSettings", "Source", "find", "page", "write_report"]
