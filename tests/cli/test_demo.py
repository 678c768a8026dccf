"""`puffin demo`, as a person meets it."""

from __future__ import annotations

import pytest

from tests.cli.command_line import run


@pytest.mark.slow
def test_demo(tmp_path):
    out = tmp_path / "demo.html"
    result = run("demo", "--out", out, "--samples", "300", "--volatility-samples", "300")
    assert result.exit_code == 0, result.stderr
    assert "The benchmark is Equal weight." in result.stdout
    assert result.stdout.splitlines()[-1] == f"The report is in {out}"
    assert max(map(len, result.stdout.splitlines()[:-1])) <= 80
    assert out.stat().st_size < 2_500_000
