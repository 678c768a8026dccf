"""The commands together: usage, failures, and what only a process of its own can show."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.command_line import FAST, PUFFIN, refused, run, said


def test_usage(returns, save):
    assert "FILE" in (line := refused("sharpe"))
    assert line.endswith("(see puffin sharpe --help).")
    assert "nothing" in (line := refused("nothing"))
    assert line.endswith("(see puffin --help).")
    assert "--nothing" in refused("sharpe", save(returns), "--nothing")


@pytest.mark.parametrize(
    "option",
    [
        ["--hdi-prob", "1.5"],
        ["--hdi-prob", "nan"],
        ["--risk-free", "2"],
        ["--risk-free", "inf"],
        ["--periods-per-year", "0"],
        ["--samples", "0"],
        ["--samples", "many"],
        ["--cores", "0"],
        ["--seed", "-1"],
        ["--engine", "stan"],
        ["--autocorrelation", "ma1"],
    ],
)
def test_bad_option(returns, save, option):
    line = refused("sharpe", save(returns), *option)
    assert option[0] in line


def test_a_defect_is_one_line_too(returns, save, monkeypatch):
    def fail(*_):
        raise KeyError("surprise")

    monkeypatch.setattr("puffin.findings.sharpe.sharpe_ratios", fail)
    result = run("sharpe", save(returns))
    assert result.exit_code == 1
    assert said(result) == ["puffin: internal error: KeyError: 'surprise'. Please report it."]


@pytest.mark.parametrize(
    "command",
    [
        "sharpe",
        "compare",
        "skill",
        "vol",
        "compare-vol",
        "regimes",
        "pairs",
        "risk",
        "portfolio",
        "watch",
        "report",
        "demo",
    ],
)
def test_help_of_a_command(command):
    result = run(command, "--help", columns="400")
    assert result.exit_code == 0
    assert f" puffin {command} " in result.stdout
    assert "{FILES}" not in result.stdout
    if command not in ("demo", "pairs"):
        assert "simple returns as fractions (0.01 is 1%), or prices with --prices" in result.stdout


def opened_by_both(pipe, process):
    """Open a named pipe for writing once the process has opened it, and waits for what is in it."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    pytest.fail(process.stderr.read().decode())


class TestProcess:
    """What only a process of its own can show."""

    def run(self, *arguments, **options):
        environment = os.environ | {"COLUMNS": "80"} | options.pop("environment", {})
        return subprocess.run(
            [*PUFFIN, *map(str, arguments)],
            capture_output=True,
            timeout=120,
            env=environment,
            check=False,
            **options,
        )

    def test_help_imports_nothing_heavy(self):
        code = (
            "import sys\nfrom puffin.cli import app\n"
            "try: app(['--help'])\nexcept SystemExit as end: code = end.code\n"
            "heavy = {'numpy', 'pandas', 'numba', 'scipy', 'matplotlib', 'jinja2', 'arviz_stats'}\n"
            "print(sorted(heavy & set(sys.modules)), code)"
        )
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert shown.splitlines()[-1] == "[] 0"
        for command in ("sharpe", "compare", "vol", "report", "demo"):
            assert command in shown

    @pytest.mark.slow
    def test_table_needs_nothing_that_draws(self, returns, save):
        code = (
            "import sys\nfrom puffin.cli import app\n"
            f"try: app(['sharpe', {save(returns)!r}, '--samples', '100'])\n"
            "except SystemExit: pass\n"
            "heavy = {'matplotlib', 'jinja2', 'scipy.stats', 'scipy.optimize', 'xarray'}\n"
            "print(sorted(heavy & set(sys.modules)))"
        )
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout
        assert shown.splitlines()[-1] == "[]"

    @pytest.mark.slow
    def test_same_seed_same_output(self, returns, save):
        path = save(returns)
        first, second = (self.run("compare", path, *FAST).stdout for _ in range(2))
        assert first == second
        assert b"Ranking" in first
        assert self.run("compare", path, "--samples", "500", "--seed", "2").stdout != first

    @pytest.mark.slow
    def test_ascii_terminal(self, returns, save):
        result = self.run(
            "sharpe",
            save(returns.rename(columns={"good": "größe", "poor": "größö"})),
            *FAST,
            environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        )
        assert result.returncode == 0, result.stderr
        assert rb"gr\xf6\xdfe " in result.stdout
        assert rb"gr\xf6\xdf\xf6" in result.stdout

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
    @pytest.mark.usefixtures("interruptible")
    def test_interrupt_is_quiet(self, tmp_path):
        pipe = tmp_path / "returns.csv"
        os.mkfifo(pipe)
        with subprocess.Popen(
            [*PUFFIN, "sharpe", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            writer = opened_by_both(pipe, process)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
            os.close(writer)
        assert (process.returncode, stdout, stderr) == (130, b"", b"")

    @pytest.mark.parametrize("form", ["", "--json"])
    @pytest.mark.slow
    def test_reader_that_leaves_early(self, returns, save, form):
        options = " ".join([*FAST, form])
        run = f"{' '.join(PUFFIN)} sharpe {save(returns)} {options}"
        command = f"{run} | true"
        result = subprocess.run(
            command, shell=True, capture_output=True, text=True, timeout=60, check=False
        )
        assert said(result) == []
