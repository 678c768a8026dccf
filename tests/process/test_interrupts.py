"""Ctrl-C and its like: an end at once, with nothing said and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.command_line import PUFFIN
from tests.slowly import slowly

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"),
    pytest.mark.usefixtures("interruptible"),
]

_SOON = 5.0
"""Seconds: far more than it takes, far less than the work, on a busy machine."""
_NOT_READY = (b"Could not import runpy", b"Failed to import the site module")
"""What Python itself says of a signal that came before it could run a module."""


def interrupted(arguments, number, after, directory, *, first_line=False):
    """Return exit code, output, and how long the end took.

    `after` is in seconds from the start, or from the first line on standard error.
    """
    with subprocess.Popen(
        [*PUFFIN, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=directory,
        bufsize=0,
    ) as process:  # fmt: skip
        if first_line:
            assert process.stderr.readline().startswith(b"puffin: read ")
        time.sleep(after)
        process.send_signal(number)
        sent = time.monotonic()
        stdout, stderr = process.communicate(timeout=120)
    return process.returncode, stdout, stderr, time.monotonic() - sent


def test_while_it_imports(returns, save, tmp_path):
    path = save(returns)
    for after in (0.15, 0.3, 0.6):
        code, stdout, stderr, took = interrupted(["sharpe", path], signal.SIGINT, after, tmp_path)
        if code == -signal.SIGINT or any(words in stderr for words in _NOT_READY):
            continue
        assert (code, stdout) == (130, b"")
        assert b"Traceback" not in stderr
        assert took < _SOON


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code"), [("SIGINT", 130), *slowly(("SIGTERM", 143), ("SIGHUP", 129))]
)
def test_in_a_long_fit(returns, save, tmp_path, name, code):
    path = save(returns)
    options = ["--samples", "1000000", "--seed", "1", "--out", "page.html"]
    found, stdout, stderr, took = interrupted(
        ["report", path, *options], getattr(signal, name), 3.0, tmp_path, first_line=True
    )
    assert (found, stdout, stderr) == (code, b"", b"")
    assert took < _SOON
    assert [one.name for one in tmp_path.iterdir()] == ["returns.csv"]


def test_one_that_a_library_swallows():
    code = (
        "import os, signal, time\n"
        "from puffin.process.interrupts import Interrupted, end_when_asked\n"
        "end_when_asked()\n"
        "try: os.kill(os.getpid(), signal.SIGTERM)\n"
        "except Interrupted: time.sleep(60)\n"
    )
    began = time.monotonic()
    result = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert result.returncode == 143
    assert time.monotonic() - began < 30.0


def test_one_that_a_library_makes_another_error_of():
    code = (
        "import os, signal\n"
        "from puffin.process.interrupts import Interrupted, end_when_asked\n"
        "from puffin.cli.failures import one_line_failures\n"
        "end_when_asked()\n"
        "try:\n"
        "    with one_line_failures():\n"
        "        try: os.kill(os.getpid(), signal.SIGINT)\n"
        "        except Interrupted: raise AttributeError('half imported')\n"
        "except Interrupted as stop: print(stop.exit_code)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (result.stdout, result.stderr) == (b"130\n", b"")


def test_signals_that_are_ignored_stay_so():
    code = (
        "import os, signal\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from puffin.process.interrupts import end_when_asked\n"
        "end_when_asked()\n"
        "os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('on')"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert result.stdout == b"on\n"
