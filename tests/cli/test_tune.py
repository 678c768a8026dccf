"""`puffin tune`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import BayesianOptimizer
from puffin.backtest import look_ahead
from puffin.strategies import Momentum
from tests.cli.command_line import as_json, refused, run, said

QUICK = ["--train", "60", "--trials", "6", "--samples", "300", "--seed", "1"]
TRIED = ["--try", "lookback=5:50", "--try", "skip=0:4", "--try", "direction=long-only"]


@pytest.fixture(autouse=True)
def quick_check(monkeypatch):
    monkeypatch.setattr(look_ahead, "_SECONDS", 0.0)


@pytest.fixture(scope="module")
def prices(tmp_path_factory):
    moves = 0.01 * np.random.default_rng(1).standard_normal((320, 2))
    index = pd.bdate_range("2020-01-01", periods=320, name="date")
    table = pd.DataFrame(50.0 * np.exp(np.cumsum(moves, axis=0)), index, ["x", "y"])
    path = tmp_path_factory.mktemp("tune") / "prices.csv"
    table.to_csv(path)
    return path


def test_agrees_with_the_library(prices):
    found = as_json("tune", prices, *QUICK, *TRIED)
    space = {
        "lookback": (5, 50), "skip": (0, 4), "every": (5, 63), "direction": ["long-only"],
    }  # fmt: skip
    tuned = BayesianOptimizer(
        Momentum(), space, train=60, n_trials=6, samples=300, random_seed=1,
        commission_bps=1.0, slippage_bps=2.0, borrow_rate=0.005,
    ).fit(pd.read_csv(prices, index_col="date", parse_dates=True))  # fmt: skip
    assert found["params"] == tuned.params
    assert found["sharpe"] == tuned.selection.summary
    assert found["sentence"] == tuned.sentence
    assert len(found["trials"]) + len(found["refused"]) == found["n_trials"] == 6
    assert found["holdout"] is None
    assert found["seed"] == 1


@pytest.mark.slow
def test_table_says_it_all_in_80_columns(prices):
    result = run("tune", prices, *QUICK, *TRIED, "--top", "3")
    assert result.exit_code == 0, result.stderr
    assert said(result) == []
    lines = result.stdout.splitlines()
    assert lines[0] == "Momentum: annual Sharpe ratio after costs"
    assert max(map(len, lines)) <= 80
    words = " ".join(result.stdout.split())
    for part in ("is left (94%: ", "P(best)", "is locked: --open-holdout opens it", "Seed 1."):
        assert part in words


def test_a_narrow_terminal_has_all_of_the_settings(prices):
    space = ["--try", "lookback=10", "--try", "skip=4", "--try", "every=20:22"]
    result = run("tune", prices, *QUICK, *space, columns="60")
    assert result.exit_code == 0, result.stderr
    table = result.stdout.partition("chosen on")[0]
    assert table.count("long-only") > 1
    assert table.count("long-short") > 1
    assert "…" not in table
    assert max(map(len, result.stdout.splitlines())) <= 60


def test_says_how_many_were_ruled_out(prices):
    space = ["--try", "lookback=5,30", "--try", "skip=10", "--try", "direction=long-only"]
    words = " ".join(run("tune", prices, *QUICK, *space).stdout.split())
    found = as_json("tune", prices, *QUICK, *space)
    ruled_out = found["n_ruled_out"]
    assert ruled_out == len(found["refused"]) > 1
    assert (
        f"6 trials, of which {ruled_out} were ruled out (skip must be below lookback). The search "
        "ended: all 6 trials were run."
    ) in words
    assert f"The best of {6 - ruled_out} trials is trial {found['trial']} (lookback=30" in words


def test_help_is_of_prices_of_assets():
    words = " ".join(run("tune", "--help").stdout.split())
    assert "a column of prices for each" in words
    assert "for each strategy" not in words


@pytest.mark.slow
def test_remembers_in_a_store_that_the_holdout_was_opened(prices, tmp_path):
    arguments = [prices, *QUICK, *TRIED, "--store", tmp_path / "store", "--open-holdout"]
    assert as_json("tune", *arguments)["holdout"]["opened_before"] == 0
    assert as_json("tune", *arguments)["holdout"]["opened_before"] == 1
    assert "It was opened 2 times before" in " ".join(run("tune", *arguments).stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["figure.svg", "table.csv"])
def test_out_draws_or_writes(prices, tmp_path, name):
    path = tmp_path / name
    result = run("tune", prices, *QUICK, *TRIED, "--out", path)
    assert result.exit_code == 0, result.stderr
    if name == "table.csv":
        assert {"trial", "lookback", "apparent", "mean"} <= set(pd.read_csv(path).columns)
    else:
        assert "apparent annual Sharpe ratio" in path.read_text()


@pytest.mark.slow
def test_pairs_are_two_columns(prices):
    chosen = ["--column", "x", "--column", "y", "--strategy", "pairs"]
    assert "window" in as_json("tune", prices, *QUICK, *chosen, "--try", "window=20:40")["params"]
    assert "two --column" in refused("tune", prices, "--strategy", "pairs")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--try", "lookback"], "write SETTING=VALUES"),
        (["--try", "colour=red"], "no setting 'colour'; there are lookback, skip"),
        (["--try", "weights=3"], "no setting 'weights'"),
        (["--try", "direction=up"], "--try direction=up: direction must be one of 'long-short'"),
        (["--try", "direction=a:b"], "takes words, no range; write direction=long-short,long-only"),
        (["--try", "lookback=a:b"], "lookback takes whole numbers; write lookback=21:378."),
        (["--try", "lookback=9.5:b"], "write lookback=21:378."),
        (["--try", "lookback=1.5:20"], "lookback takes whole numbers; write lookback=2:20."),
        (["--try", "lookback=30.5"], "lookback takes whole numbers; write lookback=30."),
        (["--try", "lookback=1:1e999"], "write lookback=21:378."),
        (["--try", "gross=nan"], "gross takes numbers; write gross=1.0."),
        (["--try", "lookback=50:5"], "the lower one comes first; write lookback=5:50."),
        (["--try", "lookback=-9:-1"], "None of 6 settings could be backtested"),
        (["--holdout", "2"], "--holdout must be between 0 and 1"),
        (["--train", "300"], "--train 300 and --holdout 0.2: 0 rows are left to search by"),
    ],
)
def test_refuses_what_makes_no_sense(prices, arguments, says):
    assert says in refused("tune", prices, *QUICK, *arguments)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["window=3.5"], "window takes whole numbers; write window=3."),
        (["log_prices=maybe"], "log_prices takes true or false; write log_prices=false."),
        (["method=magic"], "--try method=magic: method must be"),
        (["max_holding=2.5"], "--try max_holding=2.5: max_holding must be a whole number"),
        (["priors=1"], "no setting 'priors'"),
    ],
)
def test_refuses_what_a_pair_cannot_be_traded_by(prices, arguments, says):
    pair = ["--strategy", "pairs", "--column", "x", "--column", "y"]
    assert says in refused("tune", prices, *QUICK, *pair, "--try", *arguments)


def test_refuses_returns(prices, tmp_path):
    path = tmp_path / "percent.csv"
    table = pd.read_csv(prices, index_col="date")
    (100.0 * table.pct_change().iloc[1:]).to_csv(path)
    result = run("tune", path, *QUICK)
    assert result.exit_code == 2
    expected = "puffin: error: percent.csv seems to hold returns; puffin tune needs prices.\n"
    assert result.stderr == expected
