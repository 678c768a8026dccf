"""Names of strategies that would be markup, script or templates if they were not escaped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.findings import find
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.page import Source, render_page
from tests.page.parsed_page import ParsedPage

NAMES = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</svg></text><script>alert(1)</script>",
    "<!-- ",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "${7*7}",
    "javascript:alert(1)",
    "url(http://example.org/a.png)",
    "$\\alpha_{1}$ $",
    "\x1b[31mred\x1b[0m \u202ekcab",
    "a\nb\tc\x00d",
    "x" * 300,
]
STRATEGIES = [" ".join(NAMES[i::5]) for i in range(5)]


@pytest.fixture(scope="module")
def html():
    random = np.random.default_rng(2)
    dates = pd.bdate_range("2020-01-01", periods=40)
    returns = {name: pd.Series(random.normal(0, 0.01, 40), dates) for name in STRATEGIES}
    settings = AnalysisSettings(samples=60, seed=1, volatility=VolatilitySettings(samples=20))
    with pytest.warns(UserWarning, match="draws in all"):
        findings = find(
            returns, settings, benchmark=STRATEGIES[0], left_out={"<i>left</i>": "<b>why"}
        )
    return render_page(findings, Source("<b>file</b>\x1b[31m.csv"))


@pytest.mark.slow
def test_they_are_text(html):
    page = ParsedPage(html)
    names = {name for name, _, _ in page.elements}
    assert page.all("script") == [{}]
    assert not names & {"img", "iframe", "object", "embed", "base", "link", "i"}
    for _, attributes, _ in page.elements:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "xlink:href", "src", "action"):
            assert (attributes.get(name) or "#").startswith("#")
    text = "".join(page.text)
    for name in STRATEGIES:
        visible = name.replace("\x00", "")
        assert name in text or visible in text or " ".join(visible.split()) in text, name
    assert "49" not in [one.strip() for one in page.text]
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
