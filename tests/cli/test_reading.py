"""From files as people have them to returns and prices, as the commands say and show it."""

from __future__ import annotations

import gzip
import json
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from puffin.cli import app
from tests.cli.command_line import DATES, FAST, as_json, refused, run, said


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
        ("date,a\n2020-01-01,0.1\n2020-01-02,\n2020-01-03,\n", "needs at least 2 observations"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,inf\n2020-01-03,0.2\n", "1 infinite value"),
        ("date,a\n2020-01-01,0.1\n2020-01-02,0.1\n2020-01-03,0.1\n", "has no variance"),
        ("date,a\n2020-01-01,0.1\n", "needs at least 2 observations"),
        ('date,a\n2020-01-01,"0,1"\n2020-01-02,"1,234.5"\n', "write decimals with a point"),
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
    assert "pip install '.[parquet]'" in refused("sharpe", path)


@pytest.fixture
def expected(returns, save):
    return as_json("sharpe", save(returns, "expected.csv"), *FAST)["sharpe"]


def test_any_order_of_dates(returns, save, expected):
    found = as_json("sharpe", save(returns.iloc[::-1], "back.csv"), *FAST)["sharpe"]
    assert found == expected


@pytest.mark.parametrize("style", ["%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%b %d, %Y"])
def test_dates_in_many_styles(returns, save, style, expected):
    styled = returns.set_axis(DATES.strftime(style)).rename_axis("when")
    found = as_json("sharpe", save(styled, "styled.csv"), *FAST)
    assert found["sharpe"] == expected


def test_months_and_years_as_numbers(returns, save):
    months = pd.date_range("1990-01", periods=len(returns), freq="MS")
    styled = returns.set_axis(months.strftime("%Y%m"))
    assert as_json("sharpe", save(styled), *FAST)["periods_per_year"] == 12
    styled = returns.set_axis(range(1900, 1900 + len(returns)))
    assert as_json("sharpe", save(styled), *FAST)["periods_per_year"] == 1


def test_first_days_of_months_are_known_by_their_steps(save):
    months = [f"01/{month:02d}/{year}" for year in range(2015, 2020) for month in range(1, 13)]
    returns = pd.Series(np.random.default_rng(1).normal(size=60) / 100, months, name="a")
    result = run("sharpe", save(returns), *FAST)
    assert result.exit_code == 0
    assert "2015-01-01 to 2019-12-01, dates day first, 12 a year" in result.stderr
    assert said(result) == []


def test_dates_that_could_be_both_are_asked_back(save):
    path = save("date,a\n01/02/2020,0.1\n02/03/2020,0.2\n03/04/2020,-0.1\n")
    assert "say --date-order day or --date-order month" in refused("sharpe", path)
    for order in ("day", "month"):
        result = run("sharpe", path, *FAST, "--date-order", order)
        assert f"dates {order} first" in result.stderr


def test_named_date_column(returns, save, expected):
    moved = returns.reset_index()[["good", "date", "poor", "market"]].set_index("good")
    found = as_json("sharpe", save(moved), *FAST, "--date-column", "date")["sharpe"]
    assert found == expected


def test_undated_rows(returns, save):
    numbers = returns.reset_index(drop=True)
    numbered = as_json("sharpe", save(numbers, "numbered.csv"), *FAST)["sharpe"]
    plain = as_json("sharpe", save(numbers.to_csv(index=False)), *FAST)["sharpe"]
    assert numbered == plain
    assert [one["strategy"] for one in plain] == list(returns)
    assert plain[0]["periods_per_year"] == 252


def test_undated_strategies_that_start_late_meet_on_their_rows(returns, save):
    returns.loc[DATES[:20], "good"] = np.nan
    undated = save(returns.to_csv(index=False), "undated.csv")
    dated = as_json("compare", save(returns), *FAST)
    found = as_json("compare", undated, *FAST)
    pd.testing.assert_frame_equal(pd.DataFrame(found["table"]), pd.DataFrame(dated["table"]))
    assert found["n_observations"] == dated["n_observations"]


def test_lives_of_different_length(returns, save):
    returns.loc[DATES[:20], "good"] = np.nan
    returns.loc[DATES[-10:], "poor"] = np.nan
    found = as_json("sharpe", save(returns), *FAST)["sharpe"]
    assert [one["n_observations"] for one in found] == [100, 110, 120]


def test_a_few_missing_values_do_not_cost_a_column(returns, save):
    """Of returns they are not known; over missing prices the return goes on."""
    returns.iloc[9, 0] = np.nan
    prices = (1 + returns.fillna(0.0)).cumprod()
    prices.iloc[20:22, 1] = np.nan
    for table, options, words in (
        (returns, (), "good has no value on 1 of 120"),
        (prices, ("--prices",), "poor has no value on 2 of 120, over which returns go on"),
    ):
        result = run("sharpe", save(table), *FAST, *options)
        assert result.exit_code == 0
        assert words in result.stderr
    [good, poor, _] = as_json("sharpe", save(prices), "--prices", *FAST)["sharpe"]
    assert (good["n_observations"], poor["n_observations"]) == (119, 117)
    assert good["periods_per_year"] == poor["periods_per_year"] == 252


def test_prices_taken_for_returns(save):
    path = save("date,a,b\n2020-01-01,100,7\n2020-01-02,101,8\n2020-01-03,99,9\n")
    for command in ("sharpe", "compare", "report"):
        assert "did you mean --prices?" in refused(command, path)


def test_returns_taken_for_prices(returns, save):
    line = refused("sharpe", save(returns), "--prices")
    assert "prices must be above zero" in line


def test_unknown_columns(returns, save):
    path = save(returns)
    assert "there are 'good', 'poor', 'market'" in refused("sharpe", path, "-c", "nope")
    line = refused("sharpe", path, "--date-column", "Dat")
    assert "no column 'Dat' to take dates from; there are 'date', 'good'" in line
    assert "no column 'nope'" in refused("report", path, "--benchmark", "nope")


def test_percentages_are_pointed_out(returns, save):
    result = run("sharpe", save(200.0 * returns), *FAST)
    assert result.exit_code == 0
    assert "1% is 0.01" in result.stderr
    assert all(line.startswith("puffin: warning: ") for line in said(result))
