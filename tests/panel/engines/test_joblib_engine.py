"""Processes of this machine, some of which are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from puffin.panel.engines.joblib_engine import JoblibEngine
from tests.panel.engines.dying import dying, results, square
from tests.panel.panels import assert_same, regressed, wide

SQUARES = {number: number**2 for number in range(20)}


@pytest.mark.parametrize("workers", [1, 2])
def test_results_of_all(workers):
    assert results(JoblibEngine(workers), square, range(20)) == (SQUARES, [])


def test_nothing_to_do():
    assert results(JoblibEngine(2), square, []) == ({}, [])


@pytest.mark.slow
def test_a_killed_process_loses_nothing(tmp_path):
    assert results(JoblibEngine(2), dying(tmp_path, n3=1, n15=1), range(20)) == (SQUARES, [])


@pytest.mark.slow
def test_what_kills_every_process_is_given_up_alone(tmp_path):
    found, lost = results(JoblibEngine(2), dying(tmp_path, n3=99), range(20))
    assert lost == [3]
    assert found == {number: value for number, value in SQUARES.items() if number != 3}


@pytest.mark.slow
def test_a_panel_in_processes_is_the_same():
    assert_same(regressed(wide(40), n_jobs=2), regressed(wide(40)))


ORPHANS = """
import os, sys
from puffin.panel.engines.joblib_engine import JoblibEngine
from tests.panel.engines.dying import pid
print(*{done.result for done in JoblibEngine(2).run(pid, range(8))}, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.slow
def test_processes_end_when_the_one_that_began_them_is_killed():
    finished = subprocess.run(
        [sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True, check=False
    )
    processes = {int(one) for one in finished.stdout.split()}
    assert processes
    until = time.monotonic() + 60.0
    while any(os.path.exists(f"/proc/{one}") for one in processes):
        assert time.monotonic() < until
        time.sleep(0.1)
