"""`puffin compare-vol`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import compare_volatility_models
from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import simulate
from puffin.models.volatility import sampling
from tests.cli.command_line import as_json, refused, run, said

DATES = pd.bdate_range("2021-01-01", periods=80)
FAST = ["--seed", "1", "--samples", "100"]
NAMES = [
    f"{law}{leverage}"
    for leverage in ("", " + leverage")
    for law in ("normal", "Student-t", "asymmetric Student-t")
]


@pytest.fixture
def returns():
    columns = {
        name: simulate(len(DATES), nu=8.0, random_seed=seed)["returns"].to_numpy()
        for name, seed in (("one", 1), ("other", 2))
    }
    return pd.DataFrame(columns, index=pd.Index(DATES, name="date"))


@pytest.mark.slow
def test_agrees_with_the_library(returns, save):
    found = as_json("compare-vol", save(returns), *FAST, "-c", "one", "--held-out", "20")
    assert found["seed"] == 1
    [one] = found["models"]
    known = compare_volatility_models(returns["one"], held_out=20, samples=100, random_seed=1)
    assert (one["strategy"], one["best"], one["held_out"]) == ("one", known.best, 20)
    assert one["notes"] == known.notes
    assert one["expected_violations"] == {"0.01": 0.2, "0.05": 1.0}
    table = pd.DataFrame(one["table"]).set_index("model")
    assert sorted(table.index) == sorted([*NAMES, "average"])
    pd.testing.assert_frame_equal(
        table.astype(float), known.table.astype(float), check_like=True, rtol=1e-5
    )
    assert table["probability"].isna()["average"]


@pytest.mark.slow
def test_prices_are_compared_by_log_returns(returns, save):
    file = save((1.0 + returns).cumprod())
    found = as_json("compare-vol", file, "--prices", "-c", "other", *FAST, "--held-out", "0")
    assert found["log_returns"] is True
    known = compare_volatility_models(
        np.log1p(returns["other"][1:]), held_out=0, samples=100, random_seed=1
    )
    table = pd.DataFrame(found["models"][0]["table"]).set_index("model")
    np.testing.assert_allclose(
        table["log_evidence"], known.table["log_evidence"][table.index], rtol=1e-4
    )


@pytest.mark.slow
def test_tables(returns, save):
    result = run("compare-vol", save(returns), *FAST, "-c", "one", "--held-out", "20")
    assert result.exit_code == 0
    assert said(result) == []
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    titles = ["one: which model is the most probable", "one: the last 20 returns, forecast one by"]
    for title in titles:
        [_] = [line for line in lines if line.startswith(title)]
    assert "…" not in result.stdout
    for name in NAMES:
        assert sum(line.strip().startswith(f"{name}  ") for line in lines) == 2
    assert sum(line.strip().startswith("average ") for line in lines) == 1
    heading = next(line for line in lines if "VaR" in line)
    assert heading.split() == ["less", "than", "1%", "VaR", "5%", "VaR"]
    assert "is the most probable" in result.stdout
    assert "Of the last 20 periods" in result.stdout.replace("\n", " ")
    assert lines[-1] == "Volatility is that of simple returns. Seed 1."


def test_columns_that_cannot_be_compared_are_left_out(returns, save):
    returns["flat"] = 0.0
    result = run("compare-vol", save(returns[["one", "flat"]]), *FAST, "--held-out", "0")
    assert result.exit_code == 2
    assert "one: which model is the most probable" in result.stdout
    assert "forecast one by one" not in result.stdout
    assert any("flat" in line for line in said(result))


def test_what_failed_is_said(returns, save, monkeypatch):
    sample = sampling.sample_stochastic_volatility

    def fail(y, model, settings, **options):
        if model.law.name == "student":
            raise SamplingError("no luck")
        return sample(y, model, settings, **options)

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
    result = run("compare-vol", save(returns), *FAST, "-c", "one", "--held-out", "0")
    assert result.exit_code == 0
    output = result.stdout.replace("\n", " ")
    assert "since sampling failed: Student-t and Student-t + leverage." in output
    assert any("no luck" in line for line in said(result))


def test_bad_arguments(returns, save):
    file = save(returns)
    assert "held_out must be 0 or at least 20" in refused(
        "compare-vol", file, *FAST, "-c", "one", "--held-out", "7"
    )
    assert "--held-out" in refused("compare-vol", file, "--held-out", "-1")
