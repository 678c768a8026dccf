"""`puffin pairs`, and pairs in the report, as a person or a script meets them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from puffin import BayesianPairsTrading, backtest
from puffin.strategies.pairs_strategy import PairsStrategy
from tests.cli.command_line import FAST, as_json, refused, run, said
from tests.models.pairs.test_mean_reversion import noisy_pair
from tests.strategies.random_walks import random_walks
from tests.strategies.test_pairs_strategy import cointegrated

WINDOW = ["--window", "40"]


@pytest.fixture(scope="module")
def prices():
    return cointegrated()[["y", "x"]].rename_axis("date")


def test_agrees_with_the_library(prices, save):
    [found] = [as_json("pairs", save(prices), "y", "x", *FAST, *WINDOW)["pair"]]
    model = BayesianPairsTrading(errors="ar1")
    model.fit_dynamic_hedge(prices["y"], prices["x"], 40)
    known = found["hedge_ratio"]["x"]
    assert known["mean"] == pytest.approx(model.next_hedge["hedge_ratio_mean"])
    assert known["high"] - known["low"] == pytest.approx(
        2 * ndtri(0.97) * model.next_hedge["hedge_ratio_std"]
    )
    assert known["prob_stable"] == pytest.approx(model.hedge_stability().loc["x", "prob_stable"])
    assert found["zscore"] == pytest.approx(model.zscore().iloc[-1])
    signals = model.generate_signals()
    assert found["position"] == signals.iloc[-1]
    assert found["prob_mean_reverting"] == pytest.approx(model.prob_mean_reverting)
    assert found["half_life"]["median"] == pytest.approx(model.half_life)
    assert found["last"] == f"{prices.index[-1]:%Y-%m-%d}"
    strategy = PairsStrategy("y", "x", window=40, errors="ar1")
    result = backtest.run(
        strategy.weights(prices), prices, commission_bps=1, slippage_bps=2, borrow_rate=0.005
    )
    sharpe = result.sharpe(500, random_seed=1)
    assert found["sharpe_net"]["mean"] == pytest.approx(sharpe["mean"])
    assert found["performance"]["net"]["sharpe"] == pytest.approx(
        result.summary().loc["sharpe", "net"]
    )
    assert found["trades"] == ((signals != 0) & (signals != signals.shift(1))).sum()


def test_table_says_it_all_in_80_columns(prices, save):
    result = run("pairs", save(prices), "y", "x", *FAST, *WINDOW)
    assert result.exit_code == 0, result.stderr
    assert said(result) == []
    lines = result.stdout.splitlines()
    assert lines[0] == f"y against x, after {prices.index[-1]:%Y-%m-%d}"
    for label in ("hedge ratio of x, next day", "z-score", "trades", "Sharpe ratio after costs"):
        assert any(label in line for line in lines)
    assert max(map(len, lines)) <= 80
    assert "Costs: 1 bp commission" in result.stdout


@pytest.mark.parametrize("options", [["--method", "state-space"], ["--log"], ["--stop", "2.1"]])
def test_options_change_the_answer(prices, save, options):
    path = save(prices)
    usual = as_json("pairs", path, "y", "x", *FAST, *WINDOW)["pair"]
    other = as_json("pairs", path, "y", "x", *FAST, *WINDOW, *options)["pair"]
    assert other["performance"] != usual["performance"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the columns of a pair"),
        (["y"], "two different columns"),
        (["y", "y"], "two different columns"),
        (["y", "zzz"], "no column 'zzz'"),
        (["y", "x", "--window", "1000"], "must be more rows than the window"),
        (["y", "x", "--entry", "0.2"], "exit_threshold must be"),
        (["y", "x", "--stop", "1"], "stop_threshold must be above"),
        (["y", "x", "--screen"], "or give --screen"),
    ],
)
def test_bad_input_is_one_line(prices, save, arguments, message):
    assert message in refused("pairs", save(prices), *arguments)


def test_rows_with_a_missing_price_are_left_out(prices, save):
    holes = prices.copy()
    holes.iloc[[100, 150], 0] = np.nan
    with_holes = as_json("pairs", save(holes, "holes.csv"), "y", "x", *FAST, *WINDOW)["pair"]
    without = as_json("pairs", save(holes.dropna(), "without.csv"), "y", "x", *FAST, *WINDOW)[
        "pair"
    ]
    assert with_holes == without


def test_screen(prices, save):
    stream = np.random.default_rng(2)
    alone = 60.0 * np.exp(np.cumsum(0.01 * stream.standard_normal(len(prices))))
    path = save(prices.assign(alone=alone))
    found = as_json("pairs", path, "--screen", "--cores", "1")
    assert len(found["pairs"]) == 3
    assert {found["pairs"][0]["y"], found["pairs"][0]["x"]} == {"y", "x"}
    assert found["pairs"][0]["q_value"] < 0.05
    result = run("pairs", path, "--screen", "--cores", "1", "--fdr", "0.01")
    assert result.exit_code == 0, result.stderr
    words = " ".join(result.stdout.split())
    assert "1 of 3 pairs pass with a false discovery rate of 1%" in words
    assert "1 has a p-value as small as that; by chance alone 0.03 would." in words


@pytest.mark.slow
def test_the_order_of_the_legs_is_said_to_matter(save):
    y, x = noisy_pair(5, phi=0.9)
    data = save(pd.DataFrame({"Y": y, "X": x}).rename_axis("date"))
    one, other = (as_json("pairs", data, *legs, *FAST)["pair"] for legs in (("Y", "X"), ("X", "Y")))
    assert one["prob_mean_reverting"] == pytest.approx(other["prob_mean_reverting"])
    assert one["prob_mean_reverting"] > 0.9
    assert other["prob_mean_reverting_by_order"]["X against Y"] < 0.5
    shown = " ".join(run("pairs", data, "X", "Y", *FAST).stdout.split())
    assert "X against Y: the order of the legs matters" in shown
    assert "the order of the legs matters" not in run("pairs", data, "Y", "X", *FAST).stdout


def test_what_moves_as_one_is_refused(save):
    _, x = noisy_pair(1, rows=300)
    data = save(pd.DataFrame({"X": x, "TEN": 10.0 * x}).round(2).rename_axis("date"))
    result = run("pairs", data, "X", "TEN", *FAST)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "error: X and TEN move as one" in result.stderr
    assert "there is no spread between them" in result.stderr


def test_the_screen_names_what_it_leaves_out(save):
    prices = random_walks(3, 300, 3).assign(clone=lambda p: 2.0 * p["w0"], young=np.nan)
    prices.loc[prices.index[200:], "young"] = 5.0 + np.arange(100) % 7
    result = run("pairs", save(prices.rename_axis("date")), "--screen")
    assert result.exit_code == 0, result.stderr
    assert "left out: w0 / clone: they move as one" in result.stderr
    assert "left out: w1 / young: they share 100 dates, fewer than 250" in result.stderr
