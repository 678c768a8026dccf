"""`puffin regimes`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import BayesianRegimeSwitching
from tests.cli.command_line import as_json, refused, run
from tests.inference.regimes.problems import simulate

FAST = ["--seed", "1", "--samples", "300"]


@pytest.fixture
def returns():
    values, _ = simulate(np.random.default_rng(1), 150)
    dates = pd.bdate_range("2021-01-01", periods=150, name="date")
    return pd.DataFrame({"fund": 0.01 * values}, dates)


def test_agrees_with_the_library(returns, save):
    found = as_json("regimes", save(returns), *FAST, "--distribution", "normal")
    model = BayesianRegimeSwitching(2, "normal").fit(returns["fund"], 300, random_seed=1)
    [one] = found["regimes"]
    assert one["strategy"] == "fund"
    assert one["model"] == "2 regimes, normal"
    assert [row["number"] for row in one["table"]] == [1, 2]
    for row in one["table"]:
        known = model.summary().loc[f"sd[{row['number']}]"]
        assert row["sd"]["mean"] == pytest.approx(known["mean"], rel=1e-5)
        assert row["coming"] == pytest.approx(model.next_regime[row["number"]], rel=1e-5)
        assert row["duration"]["median"] == pytest.approx(
            model.expected_durations().loc[row["number"], "median"], rel=1e-5
        )
    assert sum(row["share"] for row in one["table"]) == pytest.approx(1.0)


def test_what_is_printed(returns, save):
    result = run("regimes", save(returns), *FAST)
    assert result.exit_code == 0, result.stderr
    assert "fund: 2 regimes, Student-t" in result.stdout
    assert "P(next)" in result.stdout
    assert "Seed 1." in result.stdout
    assert "Volatility is that of simple returns." in result.stdout


def test_means_and_durations_are_printed_with_intervals(returns, save):
    """In the units that the footer says: a mean of a year below it, a duration in days."""
    prices = save(100 * (1 + returns).cumprod())
    options = [*FAST, "--prices", "--periods-per-year", "252", "--distribution", "normal"]
    said = run("regimes", prices, *options, columns="200").stdout
    [one] = as_json("regimes", prices, *options)["regimes"]
    for row in one["table"]:
        mean, lasts = row["mean"], row["duration"]
        low, high = 25200 * mean["low"], 25200 * mean["high"]
        digits = 1 if max(abs(low), abs(high)) < 100 else 0
        assert f"{low:.{digits}f} to {high:.{digits}f}%" in said
        assert f"{lasts['low']:,.0f} to {lasts['high']:,.0f}" in said
    assert "Volatility is that of log returns, ln(1 + simple return). It is of one day, and" in said
    assert "the mean is annual, of the same returns. Below: 94% intervals." in said


def test_one_regime_more_is_advised_where_there_is_one(save):
    stream = np.random.default_rng(1)
    values = np.repeat([0.002, 0.01, 0.05, 0.01, 0.002, 0.05], 50) * stream.standard_normal(300)
    dates = pd.bdate_range("2021-01-01", periods=300, name="date")
    file = save(pd.DataFrame({"fund": values}, dates))
    options = [*FAST, "--distribution", "normal"]
    [one] = as_json("regimes", file, *options)["regimes"]
    models = [BayesianRegimeSwitching(k, "normal").fit(values, 500, random_seed=1) for k in (2, 3)]
    fewer, more = (model.log_marginal_likelihood.value for model in models)
    assert one["log_bayes_factor_of_one_more"] == pytest.approx(more - fewer, abs=0.3)
    [advice] = one["notes"]
    assert advice == (
        f"Three regimes explain these returns better (log Bayes factor {more - fewer:.0f}; 3 is "
        "odds of twenty to one): try --number 3."
    )


def test_one_regime_has_no_duration(returns, save):
    [one] = as_json("regimes", save(returns), *FAST, "--number", "1")["regimes"]
    assert one["table"][0]["duration"] is None
    assert one["table"][0]["coming"] == 1.0


def test_doubts_are_printed(save):
    noise = pd.DataFrame(
        {"noise": 0.01 * np.random.default_rng(1).standard_normal(80)},
        pd.bdate_range("2021-01-01", periods=80, name="date"),
    )
    result = run("regimes", save(noise), *FAST, "--distribution", "normal", columns="200")
    assert "! Whether there are regimes at all is not settled" in result.stdout
    assert "the log of how many times more probable" in result.stdout
    assert "! Fewer regimes may do: try --number 1." in result.stdout
    assert "--number 3" not in result.stdout


def test_a_picture(returns, save, tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "regimes.png"
    assert run("regimes", save(returns), *FAST, "--out", out).exit_code == 0
    assert out.stat().st_size > 5000


def test_numbers_that_there_are_not(returns, save):
    assert "--number" in refused("regimes", save(returns), "--number", "9")
