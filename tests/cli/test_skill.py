"""`puffin skill`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import BayesianHierarchical
from tests.cli.command_line import as_json, refused, run, said
from tests.models.hierarchical.funds import simulated

FAST = ["--samples", "100", "--seed", "1"]


@pytest.fixture(scope="module")
def funds():
    return simulated(1, n=24)


@pytest.fixture
def files(funds, save):
    styles = pd.Series(funds.groups, name="style").rename_axis("fund").to_frame()
    return {
        "funds": save(funds.returns, "funds.csv"),
        "factors": save(funds.factors, "factors.csv"),
        "styles": save(styles, "styles.csv"),
        "both": save(pd.concat([funds.returns, funds.factors], axis=1), "both.csv"),
    }


def test_agrees_with_the_library(funds, files):
    found = as_json(
        "skill", files["funds"], "--factors", files["factors"], "--groups", files["styles"],
        "--fdr", "0.3", *FAST,
    )  # fmt: skip
    model = BayesianHierarchical().fit(
        funds.returns, funds.factors, funds.groups, samples=100, random_seed=1
    )
    normal, spike = found["distributions"]["normal"], found["distributions"]["spike"]
    pd.testing.assert_frame_equal(pd.DataFrame(normal["table"]), model.table)
    assert normal["skilled"]["assets"] == model.skilled(0.3).assets
    assert normal["best"]["luck"] == model.best().luck
    assert [row["group"] for row in normal["groups"]] == ["growth", "value", "(all)"]
    assert {row["asset"] for row in spike["table"]} == set(model.table["asset"])
    assert set(found["skilled"]["assets"]) < set(normal["skilled"]["assets"])
    assert found["periods_per_year"] == 12.0
    assert found["unit"] == "annual alpha"


def test_factors_may_be_columns_of_the_file(files):
    options = ["--factor", "market", "-f", "size", *FAST]
    found = as_json("skill", files["both"], *options)
    table = found["distributions"]["normal"]["table"]
    assert len(table) == 24
    assert {"beta_market", "beta_size"} <= set(table[0])
    apart = as_json("skill", files["funds"], "--factors", files["factors"], *FAST)
    for one, other in zip(table, apart["distributions"]["normal"]["table"], strict=True):
        assert one["asset"] == other["asset"]
        assert one["mean"] == pytest.approx(other["mean"])


def test_says_who_can_be_named_and_what_was_luck(files):
    result = run("skill", files["funds"], "--factors", files["factors"], *FAST)
    assert result.exit_code == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert "4 more are less probable; --out or --json has them all." in text
    assert "of 24 assets can be named as having an annual alpha above zero, whether" in text
    assert "looks best of 24" in text
    assert "If some are exactly zero, " in text
    assert "Seed 1." in text
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_marks_who_is_named(files):
    chosen = ["--fdr", "0.08", "--threshold", "0.01", "--distribution", "normal"]
    arguments = ["skill", files["funds"], *chosen, *FAST]
    named = as_json(*arguments)["skilled"]["assets"]
    assert 1 < len(named) < 20
    lines = run(*arguments).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.split()[-1:] == ["yes"]] == named
    text = " ".join(" ".join(lines).split())
    assert "column itself mean 94% interval P(>1.0%) so far named" in text
    assert "False so far: share of false ones expected among this row and all above it." in text
    assert (
        "If most assets have an excess return of exactly zero, more than 8% of those named" in text
    )


def test_written_table_marks_those_beyond_the_rows_that_are_printed(files, tmp_path):
    out = tmp_path / "skill.csv"
    result = run("skill", files["funds"], "--fdr", "0.99", *FAST, "--out", out)
    assert pd.read_csv(out)["named"].sum() == 24
    assert "4 more are less probable, 4 of them named;" in " ".join(result.stdout.split())


def test_spike_is_that_of_the_library(funds, files):
    options = ["--factors", files["factors"], "--distribution", "spike", *FAST]
    model = BayesianHierarchical(distribution="spike").fit(
        funds.returns, funds.factors, samples=100, random_seed=1
    )
    found = as_json("skill", files["funds"], *options)
    spike = found["distributions"]["spike"]
    pd.testing.assert_frame_equal(pd.DataFrame(spike["table"]), model.table)
    assert "alpha_share" in spike["diagnostics"]
    assert list(found["distributions"]) == ["spike"]
    text = " ".join(run("skill", files["funds"], *options).stdout.split())
    assert "have one that is not zero, with a spread of" in text
    assert "This takes some to have an alpha of exactly zero, which counts as false." in text
    assert "bell curve" not in text


def test_odd_columns_are_named_once(funds, save):
    """Those that are odd beside the others too, which the reader knows nothing of."""
    closed = funds.returns["fund0001"].where(np.arange(96) < 80, 0.0)
    table = funds.returns.assign(wild=60.0 * funds.returns["fund0002"], closed=closed)
    result = run("skill", save(table), "--unit", "returns", *FAST)
    assert result.exit_code == 0, result.stderr
    lines = said(result)
    for odd in ("column 'closed' ends with 16 zeros: of a", "column 'wild' has a return of +"):
        assert sum(odd in line for line in lines) == 1
    assert not any("returns[" in line for line in lines)


def test_groups_add_up(files):
    arguments = ["skill", files["funds"], "--groups", files["styles"], *FAST]
    rows = [line.split() for line in run(*arguments).stdout.splitlines()[:8]]
    counts = {
        row[0]: float(row[-1]) for row in rows if row and row[0] in {"growth", "value", "(all)"}
    }
    assert counts["growth"] + counts["value"] == pytest.approx(counts["(all)"], abs=0.11)
    assert "Means of groups differ by " in run(*arguments).stdout


def test_one_column_has_nothing_to_be_weighed_by(files):
    result = run("skill", files["funds"], "--column", "fund0001", *FAST)
    text = " ".join(result.stdout.split())
    assert "1 asset: nothing to weigh its annual excess return by but the prior" in text
    assert "bell curve" not in text


def test_prices_as_factors_are_not_taken_for_the_first_file(files, funds, save):
    prices = (100.0 * (1.0 + funds.factors).cumprod()).rename(columns={"market": "KO"})
    file = save(prices, "prices.csv")
    line = refused("skill", files["funds"], "--factors", file, *FAST)
    assert f"{file} (--factors): column 'KO' looks like prices" in line
    assert "; --prices is of the first file, so turn factors into returns first." in line
    assert "did you mean" not in line


def test_per_volatility_is_a_sharpe_ratio_without_factors(files):
    result = run("skill", files["funds"], "--per-volatility", *FAST)
    assert "Annual Sharpe ratio: posterior" in result.stdout
    assert "%" not in result.stdout.split("P(>0)")[0].split("posterior")[0]


def test_table_is_written(files, tmp_path):
    out = tmp_path / "skill.csv"
    assert run("skill", files["funds"], *FAST, "--out", out).exit_code == 0
    assert len(pd.read_csv(out)) == 24


def test_what_cannot_be_fitted_is_left_out(funds, save):
    table = funds.returns.assign(
        still=0.0, short=np.where(np.arange(96) < 4, funds.returns["fund0000"], np.nan)
    )
    result = run("skill", save(table), "--distribution", "normal", *FAST)
    assert result.exit_code == 2
    assert [line.split(":")[1] for line in said(result)] == [" left out", " left out"]
    assert "column 'short': 4 returns; with 0 factors at least 9 are needed" in result.stderr
    assert "Annual excess return" in result.stdout


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_groups_are_read_however_they_are_separated(funds, files, tmp_path, separator):
    styles = pd.Series(funds.groups, name="style").rename_axis("fund")
    styles.to_csv(tmp_path / "styles.txt", sep=separator)
    found = as_json("skill", files["funds"], "--groups", tmp_path / "styles.txt", *FAST)
    assert {row["group"] for row in found["distributions"]["normal"]["table"]} == {
        "growth",
        "value",
    }


@pytest.mark.parametrize("content", ["", "a\nb\n", "a,b,c\n1,2,3\n", "\x00,\n"])
def test_groups_that_are_none_are_one_line(files, tmp_path, content):
    (tmp_path / "none.csv").write_text(content)
    result = run("skill", files["funds"], "--groups", tmp_path / "none.csv", *FAST)
    assert result.exit_code == 2
    assert said(result)[-1].startswith("puffin: error: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--factors", "{factors}", "-f", "fund0001"], "say two things"),
        (["-f", "nothing"], "nothing"),
        (["--fdr", "1"], "--fdr"),
        (["--groups", "{funds}"], "must have two columns"),
        (["--groups", "{few}"], "has no group for 23 of 24 columns, first 'fund0001'"),
        (["--factors", "{late}"], "factors lacks 5 of the 96 dates"),
    ],
)
def test_what_is_wrong_is_one_line(funds, files, save, options, message):
    named = files | {
        "few": save(pd.DataFrame({"g": ["a"]}, pd.Index(["fund0000"], name="f")), "few.csv"),
        "late": save(funds.factors.iloc[5:], "late.csv"),
    }
    given = [one.format(**named) for one in options]
    result = run("skill", files["funds"], *given, *FAST)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in said(result)[-1]


def test_factor_that_is_no_number_is_an_error(funds, files, save):
    factors = funds.factors.assign(constant=0.01)
    line = refused("skill", files["funds"], "--factors", save(factors, "odd.csv"), *FAST)
    assert "constant" in line
