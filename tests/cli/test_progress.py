"""What the bar says."""

from __future__ import annotations

import io

import numba
from rich.console import Console
from rich.progress import Progress, TextColumn

from puffin.cli.progress import Bar, progress_bar


def test_the_bar_hears_of_kernels(monkeypatch):
    @numba.njit
    def one_more(x):
        return x + 1

    heard = []
    terminal = Console(file=io.StringIO(), force_terminal=True)
    monkeypatch.setattr("rich.console.Console", lambda **_: terminal)
    monkeypatch.setattr(Bar, "compiling", lambda _, kernel: heard.append(kernel))
    with progress_bar():
        one_more(1)
    assert heard == [one_more, None]
    one_more(1.0)
    assert len(heard) == 2


def test_the_remark_follows_the_step():
    columns = Progress(TextColumn("{task.description}{task.fields[remark]}"))
    bar = Bar(columns)
    bar.begin("Fitting good")

    def shown():
        [task] = columns.tasks
        return columns.columns[0].render(task).plain

    assert shown() == "Fitting good"
    bar.compiling(test_the_remark_follows_the_step)
    assert shown() == "Fitting good (compiling, first time only)"
    bar.begin("Fitting poor")
    assert shown() == "Fitting poor (compiling, first time only)"
    bar.compiling(None)
    assert shown() == "Fitting poor"
