"""A progress bar goes to stderr, and only where it is asked for."""

from __future__ import annotations

import numba
import pytest
from rich.progress import Progress

from puffin.progress import progress_bar


@pytest.mark.parametrize("shown", [True, False])
def test_nothing_on_stdout(shown, capsys):
    with progress_bar("Counting", 3, shown) as advance:
        for _ in range(3):
            advance(1)
    written = capsys.readouterr()
    assert written.out == ""
    if not shown:
        assert written.err == ""


def test_compiling_is_said(monkeypatch):
    """As on the command line's bar, and only as long as it lasts."""
    heard = []
    monkeypatch.setattr(Progress, "update", lambda _, task, description: heard.append(description))

    @numba.njit
    def one_more(x):
        return x + 1

    with progress_bar("Counting", 2, True):
        one_more(1)
        one_more(1)
    assert heard == ["Counting (compiling, first time only)", "Counting"]
