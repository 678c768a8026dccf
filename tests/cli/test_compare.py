"""`puffin compare`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.cli.command_line import DATES, FAST, as_json, refused, run, said
from tests.models.sharpe.test_smoothing import smoothed


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


def _files(returns):
    """The same two strategies, as people write them down: a table and the options it needs."""
    stream = np.random.default_rng(8)
    cash = 1.03 ** (1 / 252) - 1
    flat = returns.mask(stream.random(returns.shape) < 0.3, cash)
    gaps = returns.mask(stream.random(returns.shape) < 0.1)
    gaps.iloc[0] = np.nan
    return {
        "returns": (returns, ()),
        "percent": ((100 * returns).round(4), ("--unit", "percent")),
        "prices": (50 * (1 + returns).cumprod(), ("--prices",)),
        "flat": (flat, ()),
        "flat, as equity in cents": ((100 * (1 + flat).cumprod()).round(2), ("--prices",)),
        "1 + r": (1 + returns, ("--unit", "gross")),
        "gaps": (gaps, ()),
        "prices with gaps": ((50 * (1 + returns).cumprod()).where(gaps.notna()), ("--prices",)),
        "late and dead": (
            returns.assign(
                good=returns["good"].where(np.arange(len(returns)) > 30),
                poor=returns["poor"].where(np.arange(len(returns)) < 90),
            ),
            (),
        ),
        "undated": (returns.reset_index(drop=True), ()),
    }


KINDS = [
    "returns", "percent", "prices", "flat", "flat, as equity in cents", "1 + r", "gaps",
    "prices with gaps", "late and dead", "undated",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_sharpe_on_the_same_file(kind, returns, save):
    table, options = _files(returns[["good", "poor"]])[kind]
    path = save(table)
    alone = as_json("sharpe", path, *FAST, *options)["sharpe"]
    together = as_json("compare", path, *FAST, *options)
    rows = {row["strategy"]: row for row in together["table"]}
    for one in alone:
        row = rows[one["strategy"]]
        assert row["sharpe_mean"] == pytest.approx(one["mean"], rel=1e-9)
        assert row["sharpe_std"] == pytest.approx(one["std"], rel=1e-9)
        assert row["prob_positive"] == pytest.approx(one["prob_positive"], rel=1e-9)
        assert together["n_observations"][one["strategy"]] == one["n_observations"]
        assert together["models"][one["strategy"]] == one["model"]
        assert ("hurdle" in one["model"]) == kind.startswith("flat")


def test_a_coin_beside_a_share(save):
    days = pd.date_range("2020-01-01", "2021-12-31", name="date")
    stream = np.random.default_rng(3)
    prices = 100 * np.exp(np.cumsum(stream.normal(0.0005, 0.01, (len(days), 2)), axis=0))
    frame = pd.DataFrame(prices, days, ["coin", "share"])
    frame.loc[days.day_of_week >= 5, "share"] = np.nan
    path = save(frame)
    coin, share = as_json("sharpe", path, "--prices", *FAST)["sharpe"]
    assert (coin["periods_per_year"], share["periods_per_year"]) == (365, 252)
    found = as_json("compare", path, "--prices", *FAST)
    assert found["note"].startswith("coin trades when share rests: its returns are compounded")
    weekdays = frame[days.day_of_week < 5]
    same = as_json("compare", save(weekdays, "weekdays.csv"), "--prices", *FAST)
    for name in frame:
        mean, plain = (
            next(row["sharpe_mean"] for row in one["table"] if row["strategy"] == name)
            for one in (found, same)
        )
        assert mean == pytest.approx(plain, abs=0.1)
    assert "252 periods a year" in run("compare", path, "--prices", *FAST).stdout
    assert "252 or 365 periods a year" in run("sharpe", path, "--prices", *FAST).stdout


def test_smoothed_returns_are_told(save):
    both = pd.DataFrame({"credit": smoothed(3), "stock": smoothed(4, share=1.0)})
    data = save(both.rename_axis("date"))
    shown = " ".join(run("compare", data, *FAST).stdout.split())
    assert "! credit: Each return is like the one before (autocorrelation 0." in shown
    assert "! stock" not in shown
    yearly = run("compare", data, *FAST, "--autocorrelation", "ar1").stdout
    assert "like the one before" not in yearly


def test_shared_dates(returns, save):
    """The note says how, and the option does what it says, as the library's argument."""
    from puffin import strategy_comparison

    returns.iloc[:40, 0] = np.nan
    path = save(returns)
    words = " ".join(run("compare", path, *FAST).stdout.split())
    assert "(puffin compare --dates shared) compares them on the same" in words
    assert "row beats the column, each by its own dates, which differ" in words
    assert "own rows" not in words
    found = as_json("compare", path, *FAST, "--dates", "shared")
    expected = strategy_comparison(returns, 500, dates="shared", random_seed=1)
    assert set(found["n_observations"].values()) == {len(DATES) - 40}
    pd.testing.assert_frame_equal(pd.DataFrame(found["table"]), expected.table)


def test_both_calendars_are_named_and_the_notes_say_one_thing(save):
    days = pd.date_range("2022-01-01", periods=400, name="date")
    random = np.random.default_rng(7)
    table = pd.DataFrame(random.normal(0.0005, 0.01, (400, 2)), days, columns=["coin", "share"])
    table.loc[days.day_of_week > 4, "share"] = np.nan
    result = run("compare", save(table), *FAST)
    assert "252 or 365 a year" in result.stderr
    words = " ".join(result.stdout.split())
    assert "rows; 252 periods a year" in words
    assert "annualised by 252 periods a year" in words
    assert "own rows" not in words
