"""Standard streams that are closed, full, left by their reader, or of another encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.command_line import FAST, PUFFIN
from tests.slowly import slowly

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shells of POSIX")

FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
COMMAND = " ".join(PUFFIN)


def shell(script, **environment):
    return subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        timeout=300,
        check=False,
        env=os.environ | {"COLUMNS": "80"} | environment,
    )


@pytest.mark.parametrize("arguments", ["--help", "--version", "sharpe none.csv"])
def test_closed_output_is_said_at_once(arguments):
    result = shell(f"{COMMAND} {arguments} >&-")
    assert result.returncode == 2
    message = "puffin: error: standard output is closed; send it to a file, or to /dev/null.\n"
    assert result.stderr.decode() == message


@FULL
@pytest.mark.parametrize("arguments", ["--help", "--version", "sharpe --help"])
def test_output_to_a_full_disk(arguments):
    result = shell(f"{COMMAND} {arguments} > /dev/full")
    assert result.returncode == 2
    message = "puffin: error: standard output cannot be written: No space left on device.\n"
    assert result.stderr.decode() == message


@FULL
@pytest.mark.parametrize("form", ["", "--json"])
@pytest.mark.slow
def test_result_to_a_full_disk(returns, save, form):
    result = shell(f"{COMMAND} sharpe {save(returns)} {' '.join(FAST)} {form} > /dev/full")
    assert result.returncode == 2
    read, said = result.stderr.decode().splitlines()
    assert read.startswith("puffin: read ")
    assert said == "puffin: error: standard output cannot be written: No space left on device."


@pytest.mark.parametrize("where", ["2>&-", pytest.param("2>/dev/full", marks=FULL)])
@pytest.mark.slow
def test_messages_that_reach_nobody_change_nothing(returns, save, where):
    result = shell(f"{COMMAND} sharpe {save(returns)} {' '.join(FAST)} --json {where}")
    assert result.returncode == 0
    assert json.loads(result.stdout)["seed"] == 1
    assert shell(f"{COMMAND} sharpe none.csv {where}").returncode == 2


def test_closed_input_is_empty():
    result = shell(f"{COMMAND} sharpe - <&-")
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr == b"puffin: error: standard input is empty.\n"


@pytest.mark.parametrize("arguments", ["--help", "sharpe --help"])
def test_reader_that_leaves_early(arguments):
    result = shell(f"({COMMAND} {arguments}; echo $? >&2) | true")
    assert result.stderr == b"0\n"


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-16"])
def test_json_has_the_same_names_whatever_the_encoding(returns, save, encoding):
    names = {"good": "größe", "poor": "gräße", "market": "日経\x1b[31m\u202e"}
    path = save(returns.rename(columns=names))
    result = shell(f"{COMMAND} compare {path} {' '.join(FAST)} --json", PYTHONIOENCODING=encoding)
    found = json.loads(result.stdout.decode(encoding))
    assert set(found["n_observations"]) == set(names.values())


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
@pytest.mark.parametrize("arguments", ["--help", *slowly("sharpe {}")])
def test_tables_in_any_encoding(returns, save, environment, arguments):
    path = save(returns.rename(columns={"good": "größe", "poor": "日経"}))
    command = f"{COMMAND} {arguments.format(path)}"
    if arguments != "--help":
        command += f" {' '.join(FAST)}"
    result = shell(command, **environment)
    assert result.returncode == 0, result.stderr
    assert b"UnicodeEncodeError" not in result.stderr


@pytest.mark.parametrize("columns", ["0", "1", "-3", "x"])
def test_a_width_in_which_nothing_can_be_read(columns):
    result = shell(f"{COMMAND} --help", COLUMNS=columns)
    assert b"sharpe" in result.stdout


def test_a_file_does_not_take_the_number_of_a_closed_stream(tmp_path):
    code = (
        "import os; from puffin.process.streams import open_streams; open_streams()\n"
        f"print(os.open({str(tmp_path / 'f')!r}, os.O_CREAT) > 2)"
    )
    result = shell(f'{sys.executable} -c "{code}" <&- 2>&-')
    assert result.stdout == b"True\n"
