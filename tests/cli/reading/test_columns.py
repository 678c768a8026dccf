"""Columns of a file, as returns or prices."""

from __future__ import annotations

import numpy as np

from tests.cli.command_line import DATES, FAST, as_json, refused, run


def test_lives_of_different_length(returns, save):
    returns.loc[DATES[:20], "good"] = np.nan
    returns.loc[DATES[-10:], "poor"] = np.nan
    found = as_json("sharpe", save(returns), *FAST)["sharpe"]
    assert [one["n_observations"] for one in found] == [100, 110, 120]


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
    assert all(line.startswith("puffin: warning: ") for line in result.stderr.splitlines())
