"""--out writes the numbers of --json as a table, whole or not at all."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from puffin.cli import output_file
from puffin.cli.failures import BadInputError
from puffin.cli.output_file import drawn_to, reserved_output
from tests.cli.command_line import DATES, FAST, as_json, refused, run

ROWS = [
    {"strategy": 'a, "b"\né', "n": 3, "mean": 0.1 + 0.2, "more": {"low": math.inf, "high": 2.0}},
    {"strategy": "b", "n": None, "mean": math.nan, "later": True},
]
READ = {".csv": pd.read_csv, ".parquet": pd.read_parquet}

either = pytest.mark.parametrize("kind", READ)


def reserve(*arguments):
    with reserved_output(*arguments):
        pass


def written(path, rows):
    with reserved_output(path, lambda found: found) as write:
        write(rows)
    return READ[path.suffix.lower()](path)


@either
def test_a_row_for_each_record_in_full_precision_and_null_is_empty(tmp_path, kind):
    table = written(tmp_path / f"out{kind}", ROWS)
    assert list(table) == ["strategy", "n", "mean", "more_low", "more_high", "later"]
    assert list(table["strategy"]) == ['a, "b"\né', "b"]
    assert table["mean"][0] == 0.1 + 0.2
    assert table["n"][0] == 3
    assert table[["n", "mean", "more_low", "more_high"]].isna().sum().tolist() == [1, 1, 2, 1]
    assert bool(table["later"][1]) is True


@either
def test_nothing_is_there_when_the_work_fails(tmp_path, kind):
    path = tmp_path / f"out{kind}"
    path.write_text("before")
    with pytest.raises(ValueError, match="no"), reserved_output(path, lambda found: found):
        raise ValueError("no")
    assert path.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_another_suffix_is_refused_and_says_which_there_are(tmp_path):
    with pytest.raises(BadInputError, match=r"out.xlsx must end in .csv or .parquet"):
        reserve(tmp_path / "out.xlsx", list)
    with pytest.raises(ValueError, match=r"must end in .*\.csv.*\.parquet.*\.png"):
        reserve(tmp_path / "out.xlsx", list, lambda found: found)


def test_parquet_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    def missing(module, extra, purpose):
        raise ImportError(f"{purpose} needs {module}: {extra}")

    monkeypatch.setattr(output_file, "require", missing)
    with pytest.raises(ImportError, match="Writing Parquet needs pyarrow: parquet"):
        reserve(tmp_path / "out.parquet", list)
    assert not any(tmp_path.iterdir())
    assert len(written(tmp_path / "out.csv", ROWS)) == 2


def test_a_figure_is_no_table(tmp_path):
    assert drawn_to(None) is None
    assert drawn_to(tmp_path / "a.CSV") is None
    assert drawn_to(tmp_path / "a.png") == str(tmp_path / "a.png")


COMMANDS = {
    "sharpe": (["sharpe"], lambda found: found["sharpe"]),
    "compare": (["compare"], lambda found: found["table"]),
    "vol": (["vol"], lambda found: found["volatility"]),
    "watch": (["watch", "--since", "2020-05-01"], lambda found: found["watch"]),
    "risk": (["risk", "--column", "good"], lambda found: found["history"]),
    "regimes": (["regimes", "--column", "good"], lambda found: found["regimes"][0]["table"]),
    "compare-vol": (
        ["compare-vol", "--column", "good", "--held-out", "0"],
        lambda found: found["models"][0]["table"],
    ),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_table_of_a_command_has_the_numbers_of_its_json(save, returns, tmp_path, command):
    (name, *options), rows = COMMANDS[command]
    out = tmp_path / "out.csv"
    found = as_json(name, save(returns), *options, *FAST, "--out", out)
    table = pd.read_csv(out)
    expected = rows(found)
    assert len(table) == len(expected)
    for column in table:
        of_json = [row[column] for row in expected if column in row]
        for value, other in zip(table[column], of_json, strict=False):
            if isinstance(other, float) and not isinstance(value, str):
                assert value == other
            elif other is not None:
                assert str(value) == str(other)
    assert {key for key, one in expected[0].items() if not isinstance(one, dict | list)} <= {*table}


@pytest.mark.slow
def test_a_pair_is_a_row_and_a_screen_a_row_for_each_pair(save, tmp_path):
    steps = np.random.default_rng(1).standard_normal((300, 2)) * 0.01
    days = pd.bdate_range(DATES[0], periods=300)
    prices = pd.DataFrame(50.0 * np.exp(np.cumsum(steps, axis=0)), days, ["KO", "PEP"])
    file, out = save(prices), tmp_path / "pair.parquet"
    found = as_json("pairs", file, "KO", "PEP", *FAST, "--out", out)["pair"]
    table = pd.read_parquet(out)
    assert table["x"].tolist() == ["PEP"]
    assert table["hedge_ratio_PEP_mean"].tolist() == [found["hedge_ratio"]["PEP"]["mean"]]
    result = run("pairs", file, "KO", "PEP", *FAST, "--out", out)
    assert result.stdout.splitlines()[-1] == f"The table is in {out}"
    [screened] = as_json("pairs", file, "--screen", "--seed", "1", "--out", out)["pairs"]
    assert pd.read_parquet(out).to_dict("records") == [screened]


def test_what_is_read_is_not_overwritten(save, returns):
    file = save(returns)
    assert "is the file that is read" in refused("sharpe", file, "--out", file)
    assert "must end in .csv or .parquet" in refused("compare", file, "--out", "x.txt")


def test_the_files_of_a_store_are_its_own(save, returns, tmp_path):
    options = ["--column", "good", "--store", tmp_path / "store", "--out"]
    said = refused("risk", save(returns), *options, tmp_path / "store" / "history.csv")
    assert "is in the store" in said
    assert not (tmp_path / "store").exists()


def test_a_table_of_several_columns_may_be_watched(save, returns, tmp_path):
    out = tmp_path / "watch.csv"
    found = as_json("watch", save(returns), "--since", "2020-05-01", *FAST, "--out", out)
    assert found["figure"] is None
    assert len(pd.read_csv(out)) == 3
    assert json.dumps(found)
