"""`puffin watch`, as a person or a script meets it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from puffin import sharpe_change
from puffin.cli.watch import _count
from tests.cli.command_line import as_json, refused, run, said
from tests.slowly import slowly

DATES = pd.bdate_range("2019-01-01", periods=400)
LIVE = 340
SINCE = f"{DATES[LIVE]:%Y-%m-%d}"
FAST = ["--since", SINCE, "--seed", "1", "--samples", "400"]


@pytest.fixture
def returns():
    errors = 0.01 * np.random.default_rng(1).standard_t(5, (len(DATES), 2))
    errors[:, 0] += 0.0008
    errors[LIVE:, 1] -= 0.004
    return pd.DataFrame(errors, pd.Index(DATES, name="date"), ["steady", "broken"])


def library(series, **options):
    """What the library says of a column, read back from the file as the command reads it."""
    return sharpe_change(series, SINCE, 400, random_seed=1, **options)


def test_agrees_with_the_library(returns, save):
    found = as_json("watch", save(returns), *FAST)
    assert (found["seed"], found["change_sd"], found["certainty"]) == (1, 1.0, 0.95)
    assert [one["strategy"] for one in found["watch"]] == ["steady", "broken"]
    for one in found["watch"]:
        expected = library(returns[one["strategy"]])
        assert one["since"] == SINCE
        assert one["prob_lower"] == pytest.approx(expected.prob_lower, rel=1e-6)
        assert one["prob_negative"] == pytest.approx(expected.prob_negative, rel=1e-6)
        assert one["backtest"]["mean"] == pytest.approx(expected.backtest["mean"])
        assert one["live"]["n_observations"] == len(DATES) - LIVE
        assert len(one["path"]) == len(expected.path)
        assert one["path"][-1]["week"] == f"{DATES[-1]:%Y-%m-%d}"
        for row, (_, week) in zip(one["path"], expected.path.iterrows(), strict=True):
            assert row["prob_lower"] == pytest.approx(week["prob_lower"], rel=1e-6)
        for key in ("months_to_settle_change", "months_to_settle_sign"):
            known = getattr(expected, key)
            for bound in ("expected", "low", "high"):
                value = getattr(known, bound)
                assert one[key][bound] == (
                    None if np.isinf(value) else pytest.approx(value, rel=1e-4)
                )
    steady, broken = found["watch"]
    assert broken["prob_lower"] > steady["prob_lower"]


def test_table_has_the_same_numbers(returns, save):
    path = save(returns)
    result = run("watch", path, *FAST)
    assert result.exit_code == 0, result.stderr
    assert said(result) == []
    for one in as_json("watch", path, *FAST)["watch"]:
        line = next(r for r in result.stdout.splitlines() if r.startswith(f" {one['strategy']} "))
        last = one["path"][-1]
        for number in (
            f"{one['backtest']['mean']:.2f}",
            f"{last['sharpe']:.2f}",
            f"{100 * one['prob_lower']:.1f}%",
            f"{100 * one['prob_negative']:.1f}%",
        ):
            assert f" {number} " in line
        interval = f"{last['low']:.2f} to {last['high']:.2f}".replace("-0.00", "0.00")
        assert interval in result.stdout
    printed = " ".join(result.stdout.split())
    assert f"340 returns before {SINCE} and 60 since" in printed
    assert "chosen because it is good is better than the strategy" in printed
    assert "each as it was known then" not in printed
    assert "Seed 1." in printed


@pytest.mark.slow
def test_weeks_of_one_column_or_as_asked(returns, save):
    path = save(returns)
    one = run("watch", path, *FAST, "--column", "broken").stdout
    rows = [line for line in one.splitlines() if line.startswith(" 20")]
    assert len(rows) == 8
    assert f"broken: the last 8 of {len(library(returns['broken']).path)} weeks" in one
    last = as_json("watch", path, *FAST)["watch"][1]["path"][-1]
    assert rows[-1].split()[:3] == [last["week"], "60", f"{last['sharpe']:.2f}"]
    both = run("watch", path, *FAST, "--weeks", "2").stdout
    assert len([line for line in both.splitlines() if line.startswith(" 20")]) == 4
    none = run("watch", path, *FAST, "--column", "broken", "--weeks", "0").stdout
    assert "weeks, each" not in none


def test_options_are_passed_on(returns, save):
    path = save(returns[["broken"]])
    found = as_json(
        "watch", path, *FAST, "--change-sd", "3", "--certainty", "0.8", "--risk-free", "0.03"
    )
    expected = library(returns["broken"], change_sd=3.0, certainty=0.8, risk_free_rate=0.03)
    [one] = found["watch"]
    assert one["prob_lower"] == pytest.approx(expected.prob_lower, rel=1e-6)
    assert (found["change_sd"], found["certainty"], found["risk_free_rate"]) == (3.0, 0.8, 0.03)


@pytest.mark.slow
def test_prices_and_undated_rows(returns, save):
    prices = 50.0 * (1.0 + returns).cumprod()
    by_price = as_json("watch", save(prices, "prices.csv"), *FAST, "--prices")["watch"][1]
    plain = as_json("watch", save(returns.iloc[1:]), *FAST)["watch"][1]
    assert by_price["prob_lower"] == pytest.approx(plain["prob_lower"], abs=1e-3)
    undated = save(returns.reset_index(drop=True).to_csv(index=False), "undated.csv")
    [_, rows] = as_json("watch", undated, "--since", str(LIVE + 1), *FAST[2:])["watch"]
    assert rows["since"] == f"row {LIVE + 1}"
    assert rows["live"]["n_observations"] == len(DATES) - LIVE
    assert rows["path"][-1]["week"] == f"row {len(DATES)}"


@pytest.mark.parametrize("columns", ["80", *slowly("120")])
def test_fits_the_terminal_and_cuts_only_the_long_name(returns, save, columns):
    odd = returns.rename(columns={"steady": "a strategy with quite a long name indeed"})
    odd["late"] = odd["broken"].iloc[200:] * 3
    odd["often flat"] = odd["broken"].where(np.arange(len(odd)) % 3 == 0, 0.0)
    result = run("watch", save(odd), *FAST, "--weeks", "3", columns=columns)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert "\x1b" not in result.stdout
    assert all(line.count("…") <= line.count("a strategy") for line in lines)


def test_figure_is_drawn(returns, save, tmp_path):
    out = tmp_path / "weeks.png"
    path = save(returns)
    result = run("watch", path, *FAST, "--column", "broken", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"The figure is in {out}"
    assert out.read_bytes().startswith(b"\x89PNG")
    assert "--out draws one column" in refused("watch", path, *FAST, "--out", out)


def test_same_seed_same_output(returns, save):
    path = save(returns[["steady"]])
    first, second = (run("watch", path, *FAST, "--cores", cores).stdout for cores in ("1", "2"))
    assert first == second


def test_a_column_that_cannot_be_watched_is_named_and_the_others_are_shown(returns, save):
    returns["new"] = returns["steady"].iloc[-30:]
    returns["still"] = returns["steady"].where(np.arange(len(returns)) < LIVE, 0.0)
    result = run("watch", save(returns), *FAST)
    assert result.exit_code == 2
    assert " broken " in result.stdout
    lines = said(result)
    assert [line.split(": ")[:3] for line in lines] == [
        ["puffin", "left out", f"column {name!r}"] for name in ("new", "still")
    ]
    found = json.loads(run("watch", save(returns), *FAST, "--json").stdout)
    assert set(found["rejected"]) == {"new", "still"}


def test_too_few_draws_are_pointed_out(returns, save):
    result = run("watch", save(returns), "--since", SINCE, "--seed", "1", "--samples", "30")
    assert "! steady: too few effective draws" in result.stdout
    assert "can be relied on" not in result.stdout


class TestBadInput:
    def test_since_is_needed(self, returns, save):
        assert "--since" in refused("watch", save(returns))

    @pytest.mark.parametrize(
        ("since", "message"),
        [
            ("soon", "--since must be a date such as 2024-01-31; found 'soon'"),
            ("2031-01-01", "column 'steady': since"),
            ("2001-01-01", "column 'steady': since"),
            (f"{DATES[-1]:%Y-%m-%d}", "from it on there are 1 returns; at least 3 are needed"),
            (f"{DATES[9]:%Y-%m-%d}", "before it there are 9 returns; a backtest needs at least 20"),
        ],
    )
    def test_since(self, returns, save, since, message):
        assert message in refused("watch", save(returns[["steady"]]), "--since", since)

    def test_undated_since(self, returns, save):
        path = save(returns.reset_index(drop=True).to_csv(index=False))
        line = refused("watch", path, "--since", SINCE)
        assert "--since must be the number of a row, as there are no dates" in line

    def test_missing_file(self, tmp_path):
        assert "there is no file" in refused("watch", tmp_path / "none.csv", *FAST)

    @pytest.mark.parametrize(
        "option",
        [
            ["--samples", "9"],
            ["--change-sd", "0"],
            ["--certainty", "0.4"],
            ["--certainty", "2"],
            ["--weeks", "-1"],
            ["--hdi-prob", "1"],
            ["--autocorrelation", "ma"],
        ],
    )
    def test_bad_option(self, returns, save, option):
        assert option[0] in refused("watch", save(returns), *FAST, *option)


@pytest.mark.parametrize(
    ("months", "said"), [(7.2, "8"), (57.6, "60"), (55.1, "60"), (227.0, "240"), (214.0, "220")]
)
def test_months_have_the_digits_that_hold(months, said):
    assert _count(months) == said
