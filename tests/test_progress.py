"""A progress bar goes to stderr, and only where it is asked for."""

from __future__ import annotations

import pytest

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
