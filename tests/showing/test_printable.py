"""What a file calls its columns does nothing to a terminal, in whatever part of the output."""

from __future__ import annotations

import json
import unicodedata

import numpy as np
import pandas as pd
import pytest

from puffin.cli.progress import Bar
from puffin.showing.printable import printable
from tests.cli.command_line import DATES, FAST, run
from tests.slowly import slowly

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\u202eslaitini",
    "\u2066in\u2069",
    "tab\tbed",
    "one\ntwo",
    "back\x08space\x7f",
    "zero\u200bwidth",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_one_line_that_does_nothing(name):
    assert printable(name).isprintable()
    assert len(printable(name)) == len(name)
    assert printable("größe 日経 – ok") == "größe 日経 – ok"


def acts(text):
    """Return the characters that a terminal would act on."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}


@pytest.fixture(params=["returns", "prices"])
def hostile(request, save):
    random = np.random.default_rng(3)
    table = pd.DataFrame(random.standard_t(5, (len(DATES), 3)) * 0.006, DATES)
    table.columns = ["".join(HOSTILE[i::3]) for i in range(3)]
    table["".join(HOSTILE)] = 0.01  # constant: left out, and said
    prices = request.param == "prices"
    return save(100.0 * (1.0 + table).cumprod() if prices else table), prices


@pytest.mark.parametrize(
    "arguments",
    [
        ["sharpe"],
        ["compare"],
        ["watch", "--since", str(DATES[80].date()), "--weeks", "2"],
        *slowly(["vol", "--horizon", "2"], ["report"]),
        *slowly(["compare-vol", "--held-out", "0", "--samples", "100"]),
        ["risk"],
        ["pairs"],
    ],
    ids=lambda one: str(one[0]),
)
def test_every_command(hostile, tmp_path, arguments):
    path, prices = hostile
    first, second, _ = ("".join(HOSTILE[i::3]) for i in range(3))
    command, *options = arguments
    if command == "report":
        options += ["--out", str(tmp_path / "page.html")]
        options += ["--pair", f"{first},{second}"] if prices else ["--benchmark", second]
    if command == "risk":
        options += ["-c", first]
    if command == "pairs":
        options = [first, second]
    elif prices:
        options += ["--prices"]
    result = run(command, path, *FAST, *options)
    assert "internal error" not in result.stderr
    assert acts(result.stdout + result.stderr) == set()
    assert result.stdout or "puffin: error" in result.stderr


def test_errors_too(save, tmp_path):
    cell = "x" + "".join(HOSTILE).replace("\n", "")
    path = save(f"date,a\n2020-01-01,0.1\n2020-01-02,{cell}\n{cell},0.1\n")
    for arguments in (
        ["sharpe", path],
        ["sharpe", path, "-c", cell],
        ["sharpe", tmp_path / f"{cell}.csv"],
        ["sharpe", path, "--date-column", cell],
        ["sharpe", path, "--seed", cell],
        ["watch", path, "--since", cell],
        [cell],
        [f"--{cell}"],
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert acts(result.stderr) == set()
        assert len(result.stderr.splitlines()) == 1


def test_json_keeps_the_names_and_says_them_safely(hostile):
    path, prices = hostile
    result = run("compare", path, *FAST, "--json", *(["--prices"] if prices else []))
    assert acts(result.stdout) == set()
    found = json.loads(result.stdout)
    assert set(found["n_observations"]) == {"".join(HOSTILE[i::3]) for i in range(3)}


def test_progress():
    class Recorded:
        def add_task(self, *_, **__):
            return 0

        def update(self, _, description, **__):
            self.description = description

    shown = Recorded()
    Bar(shown).begin("Sharpe ratio of [red]" + "".join(HOSTILE))
    assert shown.description.isprintable()
    assert "\\[red]" in shown.description
