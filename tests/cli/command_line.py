"""Commands, run as a person or a script runs them."""

from __future__ import annotations

import json
import sys

import pandas as pd
from typer.testing import CliRunner

from puffin.cli import app

DATES = pd.bdate_range("2020-01-01", periods=120)
FAST = ["--samples", "500", "--seed", "1"]
PUFFIN = [sys.executable, "-m", "puffin"]


def run(*arguments, columns="80"):
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": columns})


def as_json(*arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def said(result):
    """Return the lines on standard error, without the first one about what was read."""
    lines = result.stderr.splitlines()
    return lines[1:] if lines and lines[0].startswith("puffin: read ") else lines


def refused(*arguments):
    """Run a command that must fail for bad input, and return its one line."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = said(result)
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("puffin: error: ")
    return lines[0]
