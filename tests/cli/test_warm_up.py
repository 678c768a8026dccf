"""`puffin warm-up`: in processes of their own, as compiling happens once in each."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from puffin.cli import warm_up
from tests.cli.command_line import run

# Runs commands, and prints what they said, how many kernels were compiled for them, and the name
# and signature of each kernel that they called, found compiled or not.
USING = """
import gc, json, sys
from numba.core.dispatcher import Dispatcher
from typer.testing import CliRunner
from puffin.cli import app

said = []
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, (arguments, result.stderr)
    said.append(result.stdout)
compiled, used = 0, []
for one in gc.get_objects():
    if isinstance(one, Dispatcher) and one.py_func.__module__.startswith("puffin."):
        stats = one.stats
        if stats.cache_path is not None:  # a part of other kernels is not kept by itself
            name = f"{one.py_func.__module__}.{one.py_func.__qualname__}"
            used += [(name, str(types)) for types in {**stats.cache_hits, **stats.cache_misses}]
            compiled += sum(stats.cache_misses.values())
print(json.dumps([said, compiled, used]))
"""


def use(*commands):
    done = subprocess.run(
        [sys.executable, "-c", USING, json.dumps([[str(a) for a in one] for one in commands])],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said, compiled, used = json.loads(done.stdout)
    return said, compiled, [tuple(one) for one in used]


@pytest.mark.slow
def test_nothing_is_left_to_compile(returns, save, tmp_path):
    """It calls every kernel that commands call, as they do, and each in one way only."""
    [line], compiled, warmed = use(["warm-up"])
    assert line.startswith(f"Compiled {compiled} kernels" if compiled else "Everything had been")
    names = [name for name, _ in warmed]
    assert len(set(names)) == len(names) >= 15

    file, few = save(returns), ["--samples", "100", "--seed", "1"]
    prices = save((1.0 + returns).cumprod(), "prices.csv")
    close = (1.0 + returns.iloc[:, 0]).cumprod()
    bars = pd.DataFrame(
        {"Open": close, "High": 1.01 * close, "Low": 0.99 * close, "Close": close}, close.index
    )
    _, compiled, used = use(
        ["sharpe", file, *few],
        ["sharpe", file, *few, "--autocorrelation", "ar1"],
        ["compare", file, *few],
        ["compare", file, *few, "--pool"],
        ["skill", file, "--factor", "market", *few],
        ["vol", prices, "--prices", *few],
        ["vol", file, *few, "--leverage"],
        ["vol", save(bars, "bars.csv"), "--ranges", *few],
        ["vol", file, *few, "--distribution", "normal"],
        ["risk", file, "--column", "good", *few],
        ["watch", file, "--since", "2020-05-01", "--column", "good", *few],
        ["pairs", prices, "good", "market"],
        ["pairs", prices, "good", "market", "--method", "state-space"],
        ["report", prices, "--prices", *few, "--out", tmp_path / "report.html"],
    )  # fmt: skip
    assert len(used) >= 10
    assert set(used) <= set(warmed)
    assert compiled == 0


def test_says_so_where_nothing_is_left(monkeypatch):
    monkeypatch.setattr(warm_up, "_steps", lambda: iter(()))
    assert run("warm-up").stdout == "Everything had been compiled before.\n"


def test_says_what_it_compiled_and_where_that_is_kept(tmp_path):
    kernels = [
        SimpleNamespace(stats=SimpleNamespace(cache_path=place))
        for place in (str(tmp_path / "one"), str(tmp_path / "other"), None)
    ]
    assert warm_up._summary(kernels[:2]) == f"Compiled 2 kernels, and kept them under {tmp_path}."
    assert warm_up._summary(kernels) == "Compiled 3 kernels, which could not be kept."
