"""Files of returns, as people have them."""

from __future__ import annotations

import gzip
import json
import sys

import pytest
from typer.testing import CliRunner

from puffin.cli import app
from tests.cli.command_line import FAST, as_json, refused


@pytest.fixture
def expected(returns, save):
    return as_json("sharpe", save(returns, "expected.csv"), *FAST)["sharpe"]


def test_parquet(returns, save, tmp_path, expected):
    returns.to_parquet(tmp_path / "r.parquet")
    returns.reset_index().to_parquet(tmp_path / "s.pq")
    for name in ("r.parquet", "s.pq"):
        found = as_json("sharpe", tmp_path / name, *FAST)["sharpe"]
        assert found == expected


def test_gzip_semicolons_and_byte_order_mark(returns, save, expected):
    text = "\ufeff" + returns.to_csv(sep=";")
    found = as_json("sharpe", save(gzip.compress(text.encode()), "r.csv.gz"), *FAST)["sharpe"]
    assert found == expected


def test_decimal_commas(returns, save, expected):
    path = save(returns.to_csv(sep=";", decimal=","), "commas.csv")
    assert as_json("sharpe", path, *FAST)["sharpe"] == expected


def test_standard_input(returns, save, expected):
    arguments = ["sharpe", "-", *FAST, "--json"]
    result = CliRunner().invoke(app, arguments, input=returns.to_csv())
    assert json.loads(result.stdout)["sharpe"] == expected


def test_missing_file(tmp_path):
    assert "there is no file" in refused("sharpe", tmp_path / "none.csv")
    assert "is a directory" in refused("report", tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("date,a\n", "header but no rows"),
        (b"PK\x03\x04 a spreadsheet", "neither CSV nor Parquet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither CSV nor Parquet"),
        (b"PAR1 cut short", "damaged Parquet"),
        (b"\x1f\x8b cut short", "damaged gzip"),
        ("date,a\n2020-01-01,1,2,3\n2020-01-02,1\n", "is not a CSV file"),
        ("2020-01-01,0.01\n2020-01-02,0.02\n", "has no header"),
        ("date,a,a\n2020-01-01,0.1,0.2\n", "more than one column named 'a'"),
        ("date,a,\n2020-01-01,0.1,0.2\n", "no name for column 3"),
        ("date,a\n2020-01-01,0.1\n2020-01-01,0.2\n", "repeats a date, first 2020-01-01"),
        ("date,a\n2020-01-01,0.1\n,0.2\n2020-01-03,0.2\n", "row 2 has no date"),
        ("date,a\n2020-01-01,0.1\nsoon,0.2\n", "must hold dates; found 'soon' in row 2"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,n/k\n", "found 'n/k' on 2020-01-02"),
        ("a\n0.1\noops\n0.2\n", "column 'a' must hold numbers; found 'oops' in row 2"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,\n2020-01-03,0.2\n", "1 missing value"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,inf\n2020-01-03,0.2\n", "1 infinite value"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,0.1\n2020-01-03,0.1\n", "has no variance"),
        ("date,a\n2020-01-01,0.1\n", "needs at least 2 observations"),
        ('date,a\n2020-01-01,"0,1"\n2020-01-02,"0,2"\n', "write decimals with a point"),
        ("date,a\n2020-01-01,True\n2020-01-02,False\n", "true and false"),
        ("date\n2020-01-01\n2020-01-02\n", "no column of returns"),
    ],
)
def test_bad_file(save, content, message):
    line = refused("sharpe", save(content))
    assert message in line
    assert message in refused("report", save(content))


def test_missing_extra(returns, tmp_path, monkeypatch):
    path = tmp_path / "r.parquet"
    returns.to_parquet(path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert "pip install 'puffin-bayes[parquet]'" in refused("sharpe", path)
