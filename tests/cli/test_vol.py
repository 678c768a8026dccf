"""`puffin vol`, as a person or a script meets it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from puffin import RealizedVolatilityBayes, StochasticVolatilityModel, SVWithJumps
from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import simulate
from puffin.realized import garman_klass
from tests.cli.command_line import as_json, refused, run, said
from tests.slowly import slowly

DATES = pd.bdate_range("2021-01-01", periods=150)
FAST = ["--seed", "1"]


@pytest.fixture
def returns():
    columns = {
        name: simulate(len(DATES), mu=mu, nu=8.0, random_seed=seed)["returns"].to_numpy()
        for name, mu, seed in (("calm", -10.0, 1), ("wild", -7.5, 2))
    }
    return pd.DataFrame(columns, index=pd.Index(DATES, name="date"))


@pytest.fixture
def failing(monkeypatch):
    """Let no sampler succeed."""

    def fail(*_, **__):
        raise SamplingError("no luck")

    monkeypatch.setattr("puffin.models.volatility.sampling.sample_stochastic_volatility", fail)


def test_agrees_with_the_library(returns, save):
    found = as_json("vol", save(returns), *FAST, "--horizon", "3")
    assert [one["strategy"] for one in found["volatility"]] == ["calm", "wild"]
    assert found["seed"] == 1
    one = found["volatility"][1]
    model = StochasticVolatilityModel("student").fit(returns["wild"], 1500, random_seed=1)
    last = model.volatility().iloc[-1]
    for key in ("mean", "hdi_low", "hdi_high"):
        assert one["volatility"][key.removeprefix("hdi_")] == pytest.approx(last[key], rel=1e-5)
    assert one["last_period"] == f"{DATES[-1]:%Y-%m-%d}"
    assert one["annual_volatility"]["mean"] == pytest.approx(252**0.5 * last["mean"], rel=1e-5)
    assert one["next_volatility"]["mean"] == pytest.approx(model.volatility_forecast)
    summary = model.summary()
    assert list(one["parameters"]) == ["mean", "mu", "phi", "sigma", "nu"]
    for name, known in one["parameters"].items():
        row = summary.loc[name, ["mean", "hdi_low", "hdi_high"]].tolist()
        assert list(known.values()) == pytest.approx(row)
    mu, phi = model.posterior.flat("mu"), model.posterior.flat("phi")
    assert one["typical_volatility"]["median"] == pytest.approx(np.median(np.exp(mu / 2)))
    assert 0.5 ** (1 / one["half_life"]["median"]) == pytest.approx(np.median(phi))
    relative = np.exp(0.5 * (model.fitted.flat_states[:, -1] - mu))
    shares = [np.mean(relative < 0.75), 0.0, np.mean(relative > 1.5)]
    shares[1] = 1.0 - sum(shares)
    assert one["regime"] == ("low", "normal", "high")[int(np.argmax(shares))]
    assert one["regime_probability"] == pytest.approx(max(shares), abs=0.002)
    assert one["ess"] == pytest.approx(summary[["ess_bulk", "ess_tail"]].min().min())
    ahead = model.forecast(3)
    assert [row["step"] for row in one["forecast"]] == [1, 2, 3]
    for row, levels in zip(one["forecast"], ahead.returns.to_dict("records"), strict=True):
        assert {float(level): value for level, value in row["return"].items()} == levels


def test_table_shows_every_column_and_its_numbers(returns, save):
    path = save(returns)
    calm = as_json("vol", path, *FAST)["volatility"][0]
    result = run("vol", path, *FAST)
    assert result.exit_code == 0, result.stderr
    assert said(result) == []
    lines = result.stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith(" calm "))
    for quantity in ("volatility", "next_volatility"):
        assert f" {100 * calm[quantity]['mean']:.2f}%" in lines[place]
        bounds = [f"{100 * calm[quantity][bound]:.2f}" for bound in ("low", "high")]
        assert f" {' to '.join(bounds)}%" in lines[place + 1]
    assert f" {100 * calm['annual_volatility']['mean']:.1f}%" in lines[place]
    assert f" {100 * calm['typical_volatility']['median']:.2f}%" in lines[place]
    assert f" {calm['half_life']['median']:.0f} {calm['regime']}" in lines[place]
    assert "in the last day, 2021-07-29." in result.stdout
    assert "Volatility is that of simple returns. Seed 1." in result.stdout
    assert "quantiles of the days to come" not in result.stdout


@pytest.fixture
def bars(returns):
    """Bars whose last close is that of the returns, and whose range is three times the move."""
    close = 100.0 * np.exp(returns["calm"].cumsum())
    opened = close.shift(1, fill_value=100.0)
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    columns = {"Open": opened, "High": high**2 / low, "Low": low**2 / high, "Close": close}
    return pd.DataFrame(columns, index=returns.index)


@pytest.mark.slow
def test_ranges_are_a_measure_of_the_model(bars, save):
    path, ranges = save(bars), garman_klass(bars)
    [found] = as_json("vol", path, *FAST, "--ranges")["volatility"]
    assert found["model"] == "Student-t errors, and Garman-Klass ranges"
    moves = np.log(bars["Close"]).diff().iloc[1:]
    model = RealizedVolatilityBayes("student").fit(moves, 1500, measures=ranges, random_seed=1)
    last = model.volatility().iloc[-1]
    assert found["volatility"]["mean"] == pytest.approx(last["mean"], rel=1e-4)
    assert found["parameters"]["tau_garman_klass"]["mean"] == pytest.approx(
        model.summary().loc["tau_garman_klass", "mean"], rel=1e-4
    )
    [found] = as_json("vol", path, *FAST, "--ranges", "--jumps")["volatility"]
    assert found["model"] == "jumps and Student-t errors, and Garman-Klass ranges"
    assert {"kappa", "tau_garman_klass"} < set(found["parameters"])
    without = save(bars.drop(columns="Open"))
    [found] = as_json("vol", without, *FAST, "--ranges")["volatility"]
    assert found["model"] == "Student-t errors, and Parkinson ranges"


def test_ranges_need_bars(returns, save):
    path = save(returns)
    assert "--ranges needs columns for high, low and close of 'calm'" in refused(
        "vol", path, "--ranges"
    )


@pytest.mark.slow
def test_jumps_are_in_the_model_and_its_note(returns, save):
    path = save(returns[["wild"]])
    [found] = as_json("vol", path, *FAST, "--jumps", "--distribution", "normal")["volatility"]
    model = SVWithJumps().fit(returns["wild"], 1500, random_seed=1)
    assert found["model"] == "jumps and normal errors"
    assert found["volatility"]["mean"] == pytest.approx(model.volatility().iloc[-1]["mean"])
    summary = model.summary()
    for name in ("kappa", "jump_mean", "jump_sd"):
        row = summary.loc[name, ["mean", "hdi_low", "hdi_high"]].tolist()
        assert list(found["parameters"][name].values()) == pytest.approx(row)
    result = run("vol", path, *FAST, "--jumps", "--distribution", "normal", columns="120")
    assert result.exit_code == 0, result.stderr
    assert f" {100 * found['volatility']['mean']:.2f}%" in result.stdout
    assert "with jumps and normal errors." in result.stdout
    assert "without their jumps; forecasts have them." in result.stdout


def test_prices_become_log_returns(returns, save):
    prices = 50.0 * np.exp(returns.cumsum())
    path = save(prices, "prices.csv")
    from_prices = as_json("vol", path, *FAST, "--prices")
    from_logs = as_json("vol", save(returns.iloc[1:]), *FAST)
    assert (from_prices["log_returns"], from_logs["log_returns"]) == (True, False)
    for one, other in zip(from_prices["volatility"], from_logs["volatility"], strict=True):
        assert one["n_observations"] == len(returns) - 1
        assert one["volatility"]["mean"] == pytest.approx(other["volatility"]["mean"], rel=1e-4)
        assert one["parameters"]["mean"] == pytest.approx(other["parameters"]["mean"], rel=1e-3)
    shown = run("vol", path, *FAST, "--prices").stdout
    assert "Volatility is that of log returns, ln(1 + simple return). Seed 1." in shown


@pytest.mark.slow
def test_report_has_the_same_numbers(returns, save, tmp_path):
    prices = save(50.0 * np.exp(returns.cumsum()), "prices.csv")
    alone = as_json("vol", prices, "--prices", *FAST)["volatility"]
    out = tmp_path / "page.html"
    arguments = ["report", prices, "--prices", "--samples", "500", *FAST, "--out", out]
    within = as_json(*arguments)
    found = sorted(within["volatility"], key=lambda one: one["strategy"])
    for one in found:
        one["forecast"] = one["forecast"][:1]  # The page has a fan of many days.
    assert found == alone
    assert within["without_volatility"] == {}
    result = run(*arguments)
    assert "Volatility of one day: posterior mean and interval" in result.stdout
    assert "Volatility is that of log returns." in result.stdout


def test_horizon_is_a_table_for_each_column(returns, save):
    path = save(returns)
    result = run("vol", path, *FAST, "--horizon", "4", "--hdi-prob", "0.9")
    assert result.exit_code == 0, result.stderr
    *_, calm, wild = result.stdout.split(": quantiles of the days to come, in percent")
    first = as_json("vol", path, *FAST, "--horizon", "4", "--hdi-prob", "0.9")["volatility"][1]
    for table in (calm, wild):
        assert "5%" in table.splitlines()[3]
        assert "95%" in table.splitlines()[3]
        steps = [line.split()[0] for line in table.splitlines() if line.startswith("  +")]
        assert steps == ["+1", "+2", "+3", "+4"]
    row = next(line for line in wild.splitlines() if line.startswith("  +1")).split()
    levels = [
        *first["forecast"][0]["volatility"].values(),
        *first["forecast"][0]["return"].values(),
    ]
    assert [float(cell) for cell in row[1:]] == pytest.approx([100 * v for v in levels], abs=0.051)


@pytest.mark.parametrize("columns", ["80", *slowly("120")])
def test_fits_the_terminal_and_cuts_only_the_long_name(returns, save, columns):
    odd = returns.rename(columns={"calm": "a strategy with quite a long name indeed"})
    odd["flat"] = odd["wild"].where(np.arange(len(odd)) % 4 == 0, 0.0)
    odd["late"] = odd["wild"].iloc[60:] * 2
    odd["tiny"], odd["large"] = odd["wild"] * 1e-7, odd["wild"] * 5
    result = run("vol", save(odd), *FAST, "--horizon", "2", columns=columns)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= int(columns)
    assert "\x1b" not in result.stdout
    assert all(line.count("…") <= line.count("a strategy") for line in lines)


def test_distribution_and_leverage_are_passed_on(returns, save):
    arguments = ["vol", save(returns), *FAST, "--column", "wild"]
    plain = as_json(*arguments, "--distribution", "normal")["volatility"][0]
    assert list(plain["parameters"]) == ["mean", "mu", "phi", "sigma"]
    assert plain["model"] == "normal errors"
    leverage = as_json(*arguments, "--leverage")["volatility"][0]
    assert list(leverage["parameters"]) == ["mean", "mu", "phi", "sigma", "nu", "rho"]
    assert leverage["model"] == "Student-t errors with leverage"


def test_flat_periods_are_not_seen(returns, save):
    active = np.arange(len(DATES)) % 4 == 1
    returns["flat"] = returns["wild"].where(active, 0.0)
    path = save(returns[["flat"]])
    [one] = as_json("vol", path, *FAST)["volatility"]
    model = StochasticVolatilityModel("student")
    model.fit(returns["wild"].where(active), 1500, random_seed=1, missing="skip")
    assert one["volatility"]["mean"] == pytest.approx(model.volatility_path[-1], rel=1e-5)
    assert one["n_observations"] == active.sum()
    assert one["share_flat"] == pytest.approx(1 - active.mean())
    assert "flat is flat on 75% of periods" in run("vol", path, *FAST).stdout


def test_short_column_is_named_and_the_others_are_shown(returns, save):
    returns["short"] = returns["calm"].iloc[-4:]
    result = run("vol", save(returns), *FAST)
    assert result.exit_code == 2
    assert " wild " in result.stdout
    assert "short" not in result.stdout
    [line] = said(result)
    assert line.startswith("puffin: left out: column 'short'")
    assert "at least 5 observations; found 4" in line


def test_a_fallback_is_marked_and_has_nothing_that_it_cannot_know(returns, save, failing):
    path = save(returns)
    result = run("vol", path, *FAST, "--horizon", "2")
    assert result.exit_code == 0
    assert [line.split(" failed")[0] for line in said(result)] == [
        f"puffin: warning: Volatility of {name}: Sampling" for name in ("calm", "wild")
    ]
    printed = " ".join(result.stdout.split())
    assert "! calm: sampling failed, so that its volatility is a plain EWMA" in printed
    assert "wild: EWMA (decay 0.94) has no forecast." in printed
    assert "can be relied on" not in printed
    result = run("vol", path, *FAST, "--json")
    one = json.loads(result.stdout)["volatility"][0]
    unknown = ("typical_volatility", "half_life", "forecast", "ess", "r_hat")
    assert [one[key] for key in unknown] == [None] * len(unknown)
    assert one["parameters"] == {}
    assert one["method"] == "EWMA (decay 0.94)"
    assert one["volatility"]["low"] < one["volatility"]["mean"] < one["volatility"]["high"]


def test_too_few_draws_are_pointed_out(returns, save):
    result = run("vol", save(returns[["calm"]]), "--samples", "60", "--seed", "1")
    assert result.exit_code == 0
    assert "! calm:" in result.stdout
    assert "can be relied on" not in result.stdout


def test_same_seed_same_output(returns, save):
    path = save(returns[["calm"]])
    first, second = (run("vol", path, *FAST, "--cores", cores).stdout for cores in ("1", "2"))
    assert first == second
    assert run("vol", path, "--seed", "2").stdout != first


def test_undated_rows(returns, save):
    path = save(returns[["calm"]].reset_index(drop=True).to_csv(index=False))
    result = run("vol", path, *FAST)
    assert result.exit_code == 0, result.stderr
    assert "in the last day, row 150." in result.stdout


class TestBadInput:
    def test_missing_file(self, tmp_path):
        assert "there is no file" in refused("vol", tmp_path / "none.csv")

    def test_prices_taken_for_returns_and_the_other_way(self, returns, save):
        prices = save(50.0 * np.exp(returns.cumsum()), "prices.csv")
        assert "did you mean --prices?" in refused("vol", prices)
        assert "prices must be above zero" in refused("vol", save(returns), "--prices")

    def test_nothing_but_a_short_column(self, returns, save):
        line = refused("vol", save(returns[["calm"]].iloc[:4]))
        assert "column 'calm'" in line
        assert "at least 5 observations; found 4" in line

    def test_no_variance(self, save):
        flat = "date,a\n" + "".join(f"2020-01-{day:02d},0.01\n" for day in range(1, 20))
        assert "has no variance" in refused("vol", save(flat))

    def test_unknown_column(self, returns, save):
        line = refused("vol", save(returns), "--column", "nope")
        assert "there are 'calm', 'wild'" in line

    @pytest.mark.parametrize(
        "option",
        [
            ["--horizon", "0"],
            ["--horizon", "soon"],
            ["--distribution", "cauchy"],
            ["--hdi-prob", "1"],
            ["--periods-per-year", "-1"],
            ["--samples", "0"],
        ],
    )
    def test_bad_option(self, returns, save, option):
        assert option[0] in refused("vol", save(returns), *option)


def test_figure_is_drawn(returns, save, tmp_path):
    from matplotlib.image import imread

    out = tmp_path / "volatility.png"
    result = run("vol", save(returns), *FAST, "--out", str(out))
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[-1] == f"The figure is in {out}"
    both = imread(out)
    one = tmp_path / "one.png"
    found = as_json("vol", save(returns), *FAST, "--column", "calm", "--out", str(one))
    assert found["figure"] == str(one)
    assert both.shape[0] == 2 * imread(one).shape[0]
    assert both.shape[1] == imread(one).shape[1]
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.parametrize(
    ("name", "message"),
    [("figure.xyz", "must end in the name of a format: "), ("no/figure.png", "no directory")],
)
def test_figure_that_cannot_be_is_refused_first(returns, save, tmp_path, failing, name, message):
    assert message in refused("vol", save(returns), *FAST, "--out", str(tmp_path / name))


def test_a_column_that_ends_early_is_said_to(returns, save):
    """Of the command, and of the one that takes a position by it."""
    gap = returns.copy()
    gap.iloc[-60:, 0] = np.nan
    data, name = save(gap), gap.columns[0]
    last = f"{gap.index[-61]:%Y-%m-%d}"
    for command in ("vol", "risk"):
        found = run(command, data, "--column", name, *FAST)
        assert found.exit_code == 0, found.stderr
        line = f"{name} has no values in the last 60 rows, after {last}: what is said"
        assert line in found.stderr
    assert "no values in the last" not in run("vol", save(returns), *FAST).stderr
