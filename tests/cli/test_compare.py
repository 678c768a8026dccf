"""`puffin compare`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.cli.command_line import DATES, FAST, as_json, refused, run, said


def test_agrees_with_the_library(returns, save):
    from puffin import strategy_comparison

    found = as_json("compare", save(returns), *FAST)
    expected = strategy_comparison(returns, 500, random_seed=1)
    assert found["dependence"] == "coupled"
    columns = list(found["table"][0])
    assert columns == list(expected.table.columns)
    pd.testing.assert_frame_equal(pd.DataFrame(found["table"]), expected.table)
    assert found["prob_better"]["good"]["poor"] == expected.prob_better.loc["good", "poor"]
    assert found["prob_better"]["good"]["good"] is None
    assert len(found["differences"]) == 3


def test_pool_shrinks(save):
    noise = np.random.default_rng(5).normal(0, 0.01, (len(DATES), 6))
    path = save(pd.DataFrame(noise, index=DATES, columns=list("abcdef")))
    alone, pooled = (
        as_json("compare", path, *FAST, *more)["table"][0] for more in ([], ["--pool"])
    )
    assert alone["sharpe_mean"] > 1.0
    assert pooled["sharpe_mean"] < 0.7 * alone["sharpe_mean"]


def test_distribution_is_passed_on(returns, save):
    models = as_json("compare", save(returns), *FAST, "--distribution", "normal")["models"]
    assert set(models.values()) == {"normal"}


def test_matrix_shows_a_readable_part_of_many(save):
    random = np.random.default_rng(3)
    many = pd.DataFrame(random.normal(0, 0.01, (60, 14)), index=DATES[:60])
    many.columns = [f"strategy {i}" for i in range(14)]
    result = run("compare", save(many), "--samples", "100", "--seed", "1")
    assert result.exit_code == 0, result.stderr
    assert "of 14; --json has them all." in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_needs_two_columns(returns, save):
    assert "needs two columns" in refused("compare", save(returns[["good"]]), *FAST)


def test_one_that_hardly_moves_is_left_out(returns, save):
    returns["still"] = 0.0
    returns.iloc[5, 3] = 0.01
    result = run("compare", save(returns), *FAST)
    assert result.exit_code == 2
    assert "Ranking" in result.stdout
    assert "column 'still'" in result.stderr
    assert "returns_dict" not in result.stderr


def test_library_warnings_are_one_line_each(returns, save):
    result = run("compare", save(returns), "--samples", "10", "--seed", "1")
    assert result.exit_code == 0
    assert said(result)[0].startswith("puffin: warning: Only 40 draws in all: too few")
    assert len(said(result)) == 1
