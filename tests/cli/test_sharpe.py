"""`puffin sharpe`, as a person or a script meets it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.cli.command_line import FAST, as_json, refused, run, said
from tests.models.sharpe.test_smoothing import smoothed
from tests.slowly import slowly


def test_agrees_with_the_library(returns, save):
    from puffin import bayesian_sharpe

    found = as_json("sharpe", save(returns), *FAST, "--risk-free", "0.02")
    assert [one["strategy"] for one in found["sharpe"]] == list(returns)
    expected = bayesian_sharpe(returns["good"], 500, 0.02, random_seed=1)
    for key, value in expected.items():
        assert found["sharpe"][0][key] == pytest.approx(value), key
    assert found["seed"] == 1
    assert found["risk_free_rate"] == 0.02


def test_table_shows_every_column_and_its_numbers(returns, save):
    path = save(returns)
    found = as_json("sharpe", path, *FAST)["sharpe"][0]
    result = run("sharpe", path, *FAST)
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if line.startswith(" good "))
    for key in ("sample_sharpe", "mean", "std", "hdi_low", "hdi_high"):
        assert f"{found[key]:.2f}" in row
    assert "252 periods a year" in result.stdout
    assert said(result) == []


@pytest.mark.parametrize("columns", ["80", *slowly("120")])
def test_fits_the_terminal_without_control_codes(returns, save, columns):
    long = returns.rename(columns={"good": "a strategy with quite a long name indeed"})
    long["flat"] = long["market"].where(np.arange(len(long)) % 4 == 0, 0.0)
    long["late"] = long["market"].iloc[30:] * 2 + 0.0001
    for command in ("sharpe", "compare"):
        result = run(command, save(long), *FAST, columns=columns)
        assert result.exit_code == 0, result.stderr
        assert max(map(len, result.stdout.splitlines())) <= int(columns)
        assert "\x1b" not in result.stdout
        # Nothing but the long name is cut.
        assert all(
            line.count("…") <= line.count("a strategy") for line in result.stdout.splitlines()
        )


def test_flat_strategy_gets_the_hurdle_and_says_so(returns, save):
    returns["flat"] = returns["market"].where(np.arange(len(returns)) % 4 == 0, 0.0)
    result = run("sharpe", save(returns), *FAST)
    assert "flat: hurdle asymmetric Student-t (flat on 75% of periods)." in result.stdout


def test_bad_column_is_named_and_the_others_are_shown(returns, save):
    returns["broken"] = returns["market"]
    returns.iloc[9, 3] = np.inf
    result = run("sharpe", save(returns), *FAST)
    assert result.exit_code == 2
    assert " good" in result.stdout
    assert "broken" not in result.stdout
    assert said(result) == [
        "puffin: left out: column 'broken' has 1 infinite value in the middle, first on "
        "2020-01-14; fill or remove such rows."
    ]


def test_bad_column_is_in_the_json(returns, save):
    returns["broken"] = 0.01
    result = run("sharpe", save(returns), *FAST, "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert len(found["sharpe"]) == 3
    assert "no variance" in found["rejected"]["broken"]


def test_chosen_columns_only(returns, save):
    found = as_json("sharpe", save(returns), *FAST, "-c", "market", "--column", "poor")
    assert [one["strategy"] for one in found["sharpe"]] == ["poor", "market"]


def test_prices_become_returns(returns, save):
    prices = 50.0 * (1.0 + returns).cumprod()
    from_prices = as_json("sharpe", save(prices, "p.csv"), *FAST, "--prices")["sharpe"]
    from_returns = as_json("sharpe", save(returns.iloc[1:], "r.csv"), *FAST)["sharpe"]
    for one, other in zip(from_prices, from_returns, strict=True):
        assert one["sample_sharpe"] == pytest.approx(other["sample_sharpe"], rel=1e-9)
        assert one["n_observations"] == other["n_observations"] == len(returns) - 1


def test_autocorrelation_and_interval_are_passed_on(returns, save):
    arguments = ["--autocorrelation", "ar1", "--hdi-prob", "0.5", "--periods-per-year", "12"]
    found = as_json("sharpe", save(returns), *FAST, *arguments)["sharpe"][0]
    assert found["model"] == "asymmetric Student-t AR(1)"
    assert found["hdi_prob"] == 0.5
    assert found["periods_per_year"] == 12


def test_distribution_is_passed_on(returns, save):
    path = save(returns[["good"]])
    for distribution, model in [("normal", "normal"), ("student", "Student-t")]:
        found = as_json("sharpe", path, *FAST, "--distribution", distribution)["sharpe"][0]
        assert found["model"] == model
    assert "'asymmetric'" in refused("sharpe", path, *FAST, "--distribution", "cauchy")


def test_too_few_draws_are_pointed_out(returns, save):
    result = run("sharpe", save(returns), "--samples", "20", "--seed", "1")
    assert result.exit_code == 0
    assert "! good:" in result.stdout
    assert "raise --samples" in result.stdout


def test_draws_too_few_to_diagnose(returns, save):
    result = run("sharpe", save(returns), "--samples", "2", "--seed", "1")
    assert result.exit_code == 0, result.stderr
    assert "! good: – effective draws, R-hat –" in result.stdout
    assert "can be relied on" not in result.stdout


def test_numbers_that_are_none_are_null(returns, save):
    found = as_json("sharpe", save(returns), "--samples", "2", "--seed", "1")
    assert found["sharpe"][0]["r_hat"] is None


def test_column_names_are_not_markup(returns, save):
    result = run("sharpe", save(returns.rename(columns={"good": "[red]good[/x]"})), *FAST)
    assert result.exit_code == 0
    assert "[red]good[/x]" in result.stdout


def test_autocorrelation_of_a_flat_strategy(returns, save):
    flat = returns[["market"]].where(np.arange(len(returns))[:, None] % 4 == 0, 0.0)
    line = refused("sharpe", save(flat), *FAST, "--autocorrelation", "ar1")
    assert "use autocorrelation='counted'" in line


def test_smoothed_returns_are_told_and_why_the_point_estimate_is_off(save):
    data = save(smoothed(3, rows=60).to_frame().rename_axis("date"))
    shown = " ".join(run("sharpe", data, *FAST).stdout.split())
    assert "Each return is like the one before (autocorrelation 0." in shown
    yearly = " ".join(run("sharpe", data, *FAST, "--autocorrelation", "ar1").stdout.split())
    assert "large returns" not in yearly
    assert "the point estimate takes returns for independent" in yearly
