"""A progress bar goes to stderr, and only where it is asked for."""

from __future__ import annotations

import itertools
import re
import sys
from types import SimpleNamespace

import numba
import pytest
from rich.progress import Progress

from puffin import progress
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


class Notebook:
    """Stands in for IPython in a kernel, and remembers every state of every output."""

    def __init__(self, kernel):
        self.shell = SimpleNamespace(kernel=kernel)
        self.states = []

    def get_ipython(self):
        return self.shell

    def HTML(self, text):  # noqa: N802
        return text

    def display(self, element, display_id):
        assert display_id
        self.states.append(element)
        return SimpleNamespace(update=self.states.append)


@pytest.fixture
def notebook(monkeypatch):
    notebook = Notebook(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    return notebook


def test_a_notebook_has_one_output_that_is_empty_at_the_end(notebook, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_SECONDS_APART", 0.0)
    with progress_bar("Testing <b>", 3, True) as advance:
        advance(1)
        advance(2)
    assert capsys.readouterr() == ("", "")
    *shown, last = notebook.states
    assert [re.search(r'max="3" value="(\d)"', one)[1] for one in shown] == ["0", "1", "3"]
    assert all("Testing &lt;b&gt;" in one for one in shown)
    assert last == ""


def test_a_notebook_says_how_much_longer_it_takes(notebook, monkeypatch):
    now = itertools.chain([0.0], itertools.repeat(30.0))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(now))
    with progress_bar("Fitting", 100, True) as advance:
        advance(1)
    assert any("0:49:30 left" in state for state in notebook.states)
    assert "left" not in notebook.states[0]


def test_a_notebook_is_not_flooded_and_is_cleared_after_an_error(notebook):
    def interrupted():
        with progress_bar("Counting", 10_000, True) as advance:
            for _ in range(10_000):
                advance(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(notebook.states) < 100
    assert notebook.states[-1] == ""


def test_ipython_in_a_terminal_is_a_terminal(monkeypatch, capsys):
    notebook = Notebook(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    with progress_bar("Counting", 1, True) as advance:
        advance(1)
    assert notebook.states == []
    assert capsys.readouterr().out == ""
