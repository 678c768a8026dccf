"""Whatever is in a file, every command gives a result or one clear line, and never a traceback."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.command_line import run

QUICK = ["--samples", "20", "--seed", "1", "--cores", "1"]

ODD = (
    *("", "0.01", "-0.02", "1", "-1", "0", "1e300", "-1e-300", "inf", "nan", "1,5", "3%", "$5"),
    *("n/a", "\x1b[31m", "2020-01-02", "'", "é", "\u202e", "9" * 40),
)
CELLS = st.sampled_from(ODD) | st.text(max_size=4)
OPTIONS = (
    *("--samples", "--seed", "--cores", "--hdi-prob", "--risk-free", "--periods-per-year"),
    *("--capital", "--column", "--date-column", "--unit", "--date-order", "--decimal"),
)
VALUES = ("0", "-1", "1e300", "-1e300", "1e-300", "nan", "inf", "", "1" * 30, "10**12")
RETURNS = st.integers(-300, 300).map(lambda one: repr(one / 10_000))
HEADERS = st.text(min_size=1, max_size=6)


@st.composite
def files(draw):
    """Return a table of dates and returns, with something wrong in places."""
    rows, columns = draw(st.integers(0, 14)), draw(st.integers(1, 3))
    separator = draw(st.sampled_from([",", ";", "\t"]))
    header = ["date", *draw(st.lists(HEADERS, min_size=columns, max_size=columns))]
    table = [
        [f"2020-01-{row + 1:02d}", *draw(st.lists(RETURNS, min_size=columns, max_size=columns))]
        for row in range(rows)
    ]
    for _ in range(draw(st.integers(0, 3)) if rows else 0):
        row, column = draw(st.integers(0, rows - 1)), draw(st.integers(0, columns))
        table[row][column] = draw(CELLS)
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    return end.join(separator.join(line) for line in [header, *table])


@st.composite
def contents(draw):
    """Return the bytes of such a file, at times packed, cut, or changed."""
    content = draw(files()).encode(draw(st.sampled_from(["utf-8", "utf-16"])), "replace")
    if draw(st.booleans()):
        content = gzip.compress(content, mtime=0)
    if content and draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(content) - 1))
        content = content[:place] + draw(st.binary(max_size=3)) + content[place + 2 :]
    return content


def result_or_one_line(path, command, *options):
    result = run(command, path, *options, *QUICK, "--json")
    lines = result.stderr.splitlines()
    assert result.exit_code in (0, 2), result.stderr
    assert "Traceback" not in result.stderr
    assert all(line.startswith("puffin: ") and line.isprintable() for line in lines)
    if result.stdout:
        json.loads(result.stdout)
        assert result.exit_code == 0 or any("left out" in line for line in lines)
    else:
        assert result.exit_code == 2
        assert sum("puffin: error: " in line for line in lines) == 1


@pytest.mark.slow
@given(contents())
@settings(max_examples=60)
def test_sharpe(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    result_or_one_line(path, "sharpe")


@pytest.mark.slow
@given(
    contents(),
    st.sampled_from(["compare", "vol", "regimes", "risk", "watch", "pairs"]),
    st.booleans(),
)
@settings(max_examples=60)
def test_any_command(tmp_path, content, command, prices):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    options = {"watch": ["--since", "2020-01-08"], "pairs": ["a", "b"]}.get(command, [])
    if prices and command != "pairs":
        options = [*options, "--prices"]
    result_or_one_line(path, command, *options)


@given(st.sampled_from(OPTIONS), st.sampled_from(VALUES) | st.text(max_size=5))
@settings(max_examples=60)
@pytest.mark.slow
def test_any_option(tmp_path, option, value):
    path = tmp_path / "file.csv"
    if not path.exists():
        path.write_text(
            "date,a\n" + "".join(f"2020-01-0{i},0.0{i * 7 % 10}\n" for i in range(1, 9))
        )
    result_or_one_line(path, "sharpe", f"{option}={value}")
