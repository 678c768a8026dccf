"""Dates, as people write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.cli.command_line import DATES, FAST, as_json, run


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


def test_ambiguous_dates_are_pointed_out(save):
    months = [f"01/{month:02d}/{year}" for year in range(2015, 2020) for month in range(1, 13)]
    returns = pd.Series(np.random.default_rng(1).normal(size=60) / 100, months, name="a")
    result = run("sharpe", save(returns), *FAST)
    assert result.exit_code == 0
    assert result.stderr.startswith("puffin: warning: dates such as 01/01/2015")
    assert len(result.stderr.splitlines()) == 1


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
    assert found["table"] == dated["table"]
    assert set(found["n_observations"].values()) == {100}
