"""`puffin risk`, as a person or a script meets it, day after day."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

from puffin.cli.risk import risk
from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate
from puffin.risk import tail_risk, volatility_target
from puffin.risk.period_forecast import usual_model
from tests.cli.command_line import as_json, refused, run, said

DATES = pd.bdate_range("2021-01-01", periods=202)
FAST = ["--samples", "1000", "--seed", "1", "--distribution", "normal", "--no-leverage"]


@pytest.fixture(scope="module")
def prices():
    returns = simulate(DATES.size, mu=-9.0, random_seed=2)["returns"].to_numpy()
    frame = pd.DataFrame({"A": 100.0 * np.exp(np.cumsum(returns))}, DATES)
    return frame.rename_axis("date")


def test_agrees_with_the_library(prices, save):
    found = as_json("risk", save(prices), "--prices", *FAST)
    returns = np.log(prices["A"]).diff().dropna()
    model = StochasticVolatilityModel().fit(returns, 1000, random_seed=1)
    table = tail_risk(model, loss="wealth").table
    for level in (0.01, 0.05):
        for kind in ("value_at_risk", "expected_shortfall"):
            assert found["risk"][f"{kind}_{level:g}"] == pytest.approx(
                table.loc[level, kind], rel=1e-6
            )
    assert found["risk"]["weight"] == pytest.approx(volatility_target(model, 0.1).weight, rel=1e-6)
    assert found["strategy"] == "A"
    assert found["date"] == f"{DATES[-1]:%Y-%m-%d}"


def test_default_model_is_that_of_the_library():
    usual, defaults = usual_model(), inspect.signature(risk).parameters
    assert defaults["distribution"].default == usual.distribution
    assert defaults["leverage"].default == usual.leverage


def test_a_store_is_brought_up_to_date(prices, save, tmp_path):
    store = tmp_path / "store"
    yesterday, today = save(prices.iloc[:-1], "yesterday.csv"), save(prices, "today.csv")
    first = as_json("risk", yesterday, "--prices", "--store", store, *FAST)
    again = as_json("risk", yesterday, "--prices", "--store", store, *FAST)
    later = as_json("risk", today, "--prices", "--store", store, *FAST)
    assert (first["fitted"], first["added"]) == (True, 1)
    assert (again["fitted"], again["added"]) == (False, 0)
    assert again["risk"] == first["risk"]
    assert (later["fitted"], later["added"]) == (False, 1)
    assert [row["date"] for row in later["history"]] == [f"{day:%Y-%m-%d}" for day in DATES[-2:]]
    assert (store / "history.csv").read_text().count("\n") == 3


@pytest.mark.slow
def test_the_average_of_models(prices, save, tmp_path):
    """It is kept from day to day, and one model is not taken for it."""
    arguments = ["--prices", "--store", tmp_path / "store", "--samples", "400", "--seed", "1"]
    yesterday, today = save(prices.iloc[:-1], "yesterday.csv"), save(prices, "today.csv")
    first, later = (as_json("risk", day, *arguments, "--average") for day in (yesterday, today))
    assert (first["fitted"], later["fitted"], later["added"]) == (True, False, 1)
    assert later["method"] == "average of 6 models"
    assert "found one model" in refused("risk", today, *arguments)


def test_table(prices, save, tmp_path):
    arguments = ["--prices", "--store", tmp_path / "store", *FAST]
    run("risk", save(prices.iloc[:-1], "yesterday.csv"), *arguments)
    result = run("risk", save(prices), *arguments, "--target", "0.2", "--max-leverage", "3")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == f"A: risk of the day after {DATES[-1]:%Y-%m-%d}"
    for words in ("volatility, next day", "value at risk, 1%", "position for 20% a year"):
        assert any(words in line for line in lines)
    assert "Model: stochastic volatility, normal." in lines
    assert any(line.strip().startswith("a year") and " 94%: " in line for line in lines)
    assert "1 new row; the model is updated." in " ".join(result.stdout.split())
    assert "Loss beyond the 5% value at risk in" in result.stdout
    assert max(map(len, lines)) <= 80 + len(str(tmp_path))


def test_what_changed_in_the_past_is_said(prices, save, tmp_path):
    arguments = ["--prices", "--store", tmp_path / "store", *FAST]
    run("risk", save(prices.iloc[:-1], "yesterday.csv"), *arguments)
    changed = prices.copy()
    changed.iloc[50] *= 1.05
    result = run("risk", save(changed), *arguments)
    assert result.exit_code == 0
    assert "2 returns have changed since they were fitted" in result.stderr
    assert "--refit" in result.stderr
    result = run("risk", save(changed), *arguments, "--refit")
    assert said(result) == []
    assert "as it was, it is in history-backup-1.csv." in " ".join(result.stdout.split())


def test_a_history_that_a_spreadsheet_saved(prices, save, tmp_path):
    store = tmp_path / "store"
    arguments = ["--prices", "--store", store, *FAST]
    run("risk", save(prices.iloc[:-1], "yesterday.csv"), *arguments)
    text = (store / "history.csv").read_text()
    header, *rows = text.replace(",", ";").splitlines(keepends=True)
    saved = header + "".join(rows).replace(".", ",")
    (store / "history.csv").write_text(saved, "utf-8-sig")
    result = run("risk", save(prices), *arguments)
    assert result.exit_code == 0, result.stderr
    assert (store / "history.csv").read_text().startswith(text)
    assert "history-backup-1.csv" in result.stdout
    (store / "history.csv").write_text("mine")
    assert "history.csv cannot be used" in refused("risk", save(prices), *arguments)
    assert (store / "history.csv").read_text() == "mine"


def test_the_file_of_another_asset_is_refused(prices, save, tmp_path):
    arguments = ["--prices", "--store", tmp_path / "store", *FAST]
    run("risk", save(prices.iloc[:-1], "yesterday.csv"), *arguments)
    other = prices.iloc[::-1].set_axis(prices.index)
    message = refused("risk", save(other, "other.csv"), *arguments)
    assert "another asset" in message
    assert "--refit" in message


def test_a_position_beyond_a_new_cap(prices, save, tmp_path):
    """Said where nothing is decided; traded down with the next row."""
    arguments = ["--prices", "--store", tmp_path / "store", *FAST, "--target", "9"]
    yesterday = save(prices.iloc[:-1], "yesterday.csv")
    run("risk", yesterday, *arguments, "--max-leverage", "1.034")
    result = run("risk", yesterday, *arguments, "--max-leverage", "1")
    assert "1.034 was decided in an earlier run; --max-leverage counts from" in result.stderr
    assert "caps it" not in result.stdout
    assert as_json("risk", save(prices), *arguments, "--max-leverage", "1")["risk"]["weight"] == 1.0


def test_refit_fits_again(prices, save, tmp_path):
    arguments = ["risk", save(prices), "--prices", "--store", tmp_path / "store", *FAST]
    fitted = [as_json(*arguments, *more)["fitted"] for more in ([], [], ["--refit"])]
    assert fitted == [True, False, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "0"], "must be above zero"),
        (["--column", "Z"], "no column 'Z'"),
        (["--distribution", "cauchy"], "cauchy"),
        (["--average", "--jumps"], "no models with jumps"),
    ],
)
def test_bad_input_is_one_line(prices, save, arguments, message):
    assert message in refused("risk", save(prices), "--prices", *arguments)


def test_each_of_several_columns_has_a_row_and_a_store(prices, save, tmp_path):
    store, table = tmp_path / "stores", tmp_path / "table.csv"
    two = prices.assign(**{"B/.": prices["A"] ** 2 / 100.0, "short": prices["A"][-4:]})
    options = ["--prices", *FAST, "--store", store, "--out", table]
    first = run("risk", save(two[:-1]), *options)
    assert first.exit_code == 2  # of the short one
    assert "left out: column 'short': " in first.stderr
    assert "a directory for each column; 2 new rows; 2 models fitted" in " ".join(
        first.stdout.split()
    )
    assert first.stdout.count("Model: stochastic volatility, normal.") == 1
    assert {one.parent.name for one in store.rglob("history.csv")} == {"A", "B%2F."}
    later = run("risk", save(two), *options)
    assert "2 new rows; 0 models fitted, 2 updated or as they were" in " ".join(
        later.stdout.split()
    )
    rows = pd.read_csv(table).set_index("strategy")
    alone = as_json("risk", save(prices), "--prices", *FAST, "--store", store)
    assert alone["added"] == 0
    assert rows.loc["A", "value_at_risk_0.05"] == alone["risk"]["value_at_risk_0.05"]
    assert rows.loc["B/.", "annual_volatility"] > rows.loc["A", "annual_volatility"]


@pytest.mark.parametrize("more", [[], pytest.param(["--average"], marks=pytest.mark.slow)])
def test_several_columns_agree_with_each_alone(prices, save, more):
    two = prices.assign(B=prices["A"] ** 2 / 100.0)
    rows = as_json("risk", save(two), "--prices", *FAST, *more)["risk"]
    alone = as_json("risk", save(two), "--prices", *FAST, *more, "--column", "B")
    assert [row["strategy"] for row in rows] == ["A", "B"]
    assert rows[1]["weight"] == alone["risk"]["weight"]


def test_the_store_of_one_column_is_not_that_of_several(prices, save, tmp_path):
    store = tmp_path / "store"
    assert run("risk", save(prices), "--prices", *FAST, "--store", store).exit_code == 0
    two = prices.assign(B=prices["A"] ** 2 / 100.0)
    message = refused("risk", save(two), "--prices", *FAST, "--store", store)
    assert "is that of one column, and 2 are asked for" in message


def test_a_store_of_something_else_is_refused(prices, save, tmp_path):
    two = save(prices.assign(B=prices["A"] ** 1.5))
    arguments = ["--prices", "--store", tmp_path / "store", *FAST]
    assert run("risk", two, "--column", "A", *arguments).exit_code == 0
    assert "column='A'" in refused("risk", two, "--column", "B", *arguments)


@pytest.mark.slow
def test_a_strategy_that_is_flat_most_days(save):
    """Its volatility is that of what it does, 0.6% a day; and what the position means is said."""
    random = np.random.default_rng(5)
    days = pd.bdate_range("2021-01-01", periods=600)
    returns = np.where(random.random(600) < 0.4, random.normal(0, 0.006, 600), 0.0)
    path = save(pd.DataFrame({"timing": returns}, days).rename_axis("date"))
    found = as_json("risk", path, *FAST, "--max-leverage", "0.5")
    assert found["risk"]["annual_volatility"] == pytest.approx(0.006 * 252**0.5, rel=0.15)
    assert found["risk"]["weight"] == 0.5
    result = run("risk", path, *FAST, "--max-leverage", "0.5")
    words = " ".join(result.stdout.split())
    assert "returns are exactly zero" in words
    share = f"{np.mean(returns == 0.0):.0%}"
    assert f"for a period with a return; on {share} of all there was none" in words
    assert "--max-leverage 0.5 caps it" in words
    assert "caps" not in run("risk", path, *FAST, "--max-leverage", "5").stdout


@pytest.mark.slow
def test_flat_days_and_filled_weekends_are_counted_once(save):
    """The share that is said is that of the rows, in each sentence and in `vol`."""
    random = np.random.default_rng(6)
    days = pd.date_range("2021-01-01", periods=900)
    active = (days.day_of_week < 5) & (random.random(900) < 0.4)
    returns = np.where(active, random.normal(0, 0.006, 900), 0.0)
    path = save(pd.DataFrame({"timing": returns}, days).rename_axis("date"))
    share, count = f"{np.mean(returns == 0.0):.0%}", np.count_nonzero(returns == 0.0)
    words = " ".join(run("risk", path, *FAST).stdout.split())
    assert f"on {share} of all there was none" in words
    assert f"{count} of 900 returns are exactly zero" in words
    assert f"flat on {share} of periods" in run("vol", path, "--samples", "300").stdout


def test_filled_weekends_are_neither_risk_nor_days_of_a_year(prices, save):
    every_day = prices.resample("D").ffill()
    found, filled = (as_json("risk", save(one), "--prices", *FAST) for one in (prices, every_day))
    assert filled["risk"]["annual_volatility"] == pytest.approx(
        found["risk"]["annual_volatility"], rel=0.15
    )
    assert any("exactly zero" in line for line in filled["notes"])
    assert not any("for a period with a return" in line for line in filled["notes"])


def test_an_empty_path_is_no_store(prices, save):
    found = run("risk", save(prices), "--prices", "--store", "", *FAST)
    assert found.exit_code == 2
    assert "the path is empty; name a directory" in found.stderr
