"""`puffin warm-up`: in processes of their own, as compiling happens once in each."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from puffin.cli import warm_up
from tests.cli.command_line import run

# Runs commands, and prints, for each kernel compiled, its name and those of the functions compiled
# for it.
LISTENING = """
import json, sys
from numba.core import event
from typer.testing import CliRunner
from puffin.cli import app

found, stack = [], []

class Listener(event.Listener):
    def on_start(self, compilation):
        function = compilation.data["dispatcher"].py_func
        name = f"{function.__module__}.{function.__qualname__}"
        if not stack:
            found.append([name, []])
        else:
            found[-1][1].append(name)
        stack.append(name)

    def on_end(self, _):
        stack.pop()

event.register("numba:compile", Listener())
said = []
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, (arguments, result.stderr)
    said.append(result.stdout)
print(json.dumps([said, found]))
"""


def listen(compiled, *commands):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(compiled)}
    done = subprocess.run(
        [sys.executable, "-c", LISTENING, json.dumps([[str(a) for a in one] for one in commands])],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_nothing_is_left_to_compile(returns, save, tmp_path):
    """After it no command compiles anything, and it compiled each kernel once, and lean."""
    compiled = tmp_path / "compiled"
    [line], kernels = listen(compiled, ["warm-up"])
    assert line == f"Compiled {len(kernels)} kernels, and kept them under {compiled}.\n"
    names = [name for name, _ in kernels]
    assert len(set(names)) == len(names) >= 15
    for name, functions in kernels:
        library = {one for one in functions if not one.startswith("puffin.")}
        # Numba's own library: seconds, where an array is allocated or assigned to a slice.
        assert all(one.startswith("numba.np.random.") for one in library), (name, library)

    file, few = save(returns), ["--samples", "100", "--seed", "1"]
    prices = save((1.0 + returns).cumprod(), "prices.csv")
    close = (1.0 + returns.iloc[:, 0]).cumprod()
    bars = pd.DataFrame(
        {"Open": close, "High": 1.01 * close, "Low": 0.99 * close, "Close": close}, close.index
    )
    _, kernels = listen(
        compiled,
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
    assert kernels == []


def test_says_so_where_nothing_is_left(monkeypatch):
    monkeypatch.setattr(warm_up, "_steps", lambda: iter(()))
    assert run("warm-up").stdout == "Everything had been compiled before.\n"
