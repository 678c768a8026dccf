"""The page as a file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.page import write_report
from tests.findings.examples import SETTINGS
from tests.page.parsed_page import ParsedPage


def test_a_failure_leaves_no_trace(tmp_path, returns, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail(*_):
        raise RuntimeError("no ink")

    monkeypatch.setattr("puffin.page.writing.render_page", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        write_report({"steady": returns["steady"]}, path, SETTINGS)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
def test_write_report_takes_a_frame_with_gaps_at_its_ends(tmp_path, returns):
    frame = pd.DataFrame({name: returns[name] for name in ("steady", "market")})
    frame.iloc[:50, 0] = np.nan
    findings = write_report(frame, tmp_path / "page.html", SETTINGS).findings
    assert findings.sharpes["steady"]["n_observations"] == 200
    ParsedPage((tmp_path / "page.html").read_text(encoding="utf-8"))
