"""Tables fit the terminal, in pieces if need be, and no number is cut short."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from puffin.cli.layout import fact_table, number_table, print_titled, stdout_console
from tests.cli.command_line import FAST, run


def printed(table, width):
    console = Console(file=io.StringIO(), width=width)
    print_titled(console, "Title", table)
    return console.file.getvalue().splitlines()


def numbers(count, name="strategy a"):
    table = number_table("rank", "strategy", *(f"number {k}" for k in range(count)))
    for row in range(2):
        table.add_row(str(row + 1), name, *(f"{row}.{k:04d}" for k in range(count)))
    return table


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("count", [1, 4, 9])
def test_every_number_is_there_whatever_the_width(width, count):
    lines = printed(numbers(count), width)
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    for row in range(2):
        for k in range(count):
            assert words.count(f"{row}.{k:04d}") == 1
            assert f"number {k}" in " ".join(lines)


def test_each_piece_has_rank_and_name():
    lines = printed(numbers(9), 60)
    assert sum("rank" in line and "strategy" in line for line in lines) > 1
    assert all(line.split()[1] == "strategy" for line in lines if "0.0" in line)


def test_a_name_is_broken_before_the_table_is():
    lines = printed(numbers(3, "a strategy of many words"), 56)
    assert sum("number 0" in line and "number 2" in line for line in lines) == 1
    assert not any("…" in line for line in lines)


def test_facts_are_never_in_pieces():
    lines = printed(fact_table([("what it is", "1.234", "a remark that takes some space")]), 40)
    assert "1.234" in " ".join(lines)
    assert max(map(len, lines)) <= 40


def test_a_terminal_that_is_too_narrow_breaks_lines(monkeypatch):
    monkeypatch.setenv("COLUMNS", "10")
    assert stdout_console().width == 40


@pytest.mark.parametrize(
    "command",
    [["sharpe"], ["compare"], ["vol", "--horizon", "2"], ["watch", "--since", "2020-05-01"]],
)
def test_commands_at_60_columns_say_the_same(save, returns, command):
    name, *options = command
    file = save(returns.rename(columns={"good": "a strategy with a name of some length"}))
    narrow = run(name, file, *options, *FAST, columns="60")
    wide = run(name, file, *options, *FAST, columns="200")
    assert narrow.exit_code == wide.exit_code == 0
    assert max(map(len, narrow.stdout.splitlines())) <= 60
    assert figures(narrow.stdout) >= figures(wide.stdout)


def figures(text):
    """Return the words with a digit in them."""
    return {word.strip(".,;()") for word in text.split() if any(map(str.isdigit, word))}
