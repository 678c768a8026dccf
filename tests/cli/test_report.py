"""`puffin report`, as a person or a script meets it."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from puffin.cli import app
from tests.cli.command_line import FAST as FEW_DRAWS
from tests.cli.command_line import as_json, refused, run, said
from tests.findings import regimes_examples
from tests.strategies.test_pairs_strategy import cointegrated

FAST = [*FEW_DRAWS, "--volatility-samples", "200"]


def test_writes_the_page_and_prints_the_tables(returns, save, tmp_path):
    out = tmp_path / "page.html"
    result = run("report", save(returns), *FAST, "--out", out, "--benchmark", "market", "--skill")
    assert result.exit_code == 0, result.stderr
    assert "Annual Sharpe ratio" in result.stdout
    assert "Annual appraisal ratio: posterior, and beside it the estimate" in result.stdout
    assert "Ranking" in result.stdout
    assert "The benchmark is market." in result.stdout
    assert result.stdout.splitlines()[-1] == f"The report is in {out}"
    html = out.read_text()
    assert "Against market" in html
    assert "Skill or luck?" in html
    assert "returns.csv" in html


@pytest.mark.slow
def test_json(returns, save, tmp_path):
    out = tmp_path / "page.html"
    arguments = ["report", save(returns), *FAST, "--out", out, "--benchmark", "market"]
    found = as_json(*arguments)
    assert found["report"] == str(out)
    assert out.exists()
    good = found["benchmark"]["strategies"]["good"]
    assert found["benchmark"]["name"] == "market"
    assert set(found["benchmark"]["strategies"]) == {"good", "poor"}
    assert good["beta"]["mean"] == pytest.approx(1.0, abs=0.1)
    _, alpha = np.polyfit(returns["market"], returns["good"], 1)
    assert good["alpha"]["mean"] == pytest.approx(252 * alpha, rel=0.02)
    assert good["sharpe_difference"]["prob_positive"] > 0.99
    assert len(found["comparison"]["table"]) == len(found["sharpe"]) == 3


@pytest.mark.slow
def test_draws_too_few_to_diagnose(returns, save, tmp_path):
    out = tmp_path / "page.html"
    samples = ["--samples", "2", "--volatility-samples", "20", "--seed", "1"]
    result = run("report", save(returns), *samples, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert "could not be made" not in out.read_text()


@pytest.mark.slow
def test_same_seed_same_page(returns, save, tmp_path):
    pages = []
    for name in ("a", "b"):
        out = tmp_path / f"{name}.html"
        assert run("report", save(returns), *FAST, "--out", out).exit_code == 0
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.slow
def test_benchmark_is_used_whatever_is_chosen(returns, save, tmp_path):
    arguments = ["report", save(returns), *FAST, "-c", "good", "--benchmark", "market"]
    found = as_json(*arguments, "--out", tmp_path / "page.html")
    assert {one["strategy"] for one in found["sharpe"]} == {"good", "market"}


def test_bad_benchmark_is_fatal(returns, save):
    returns.iloc[9, 2] = np.inf
    path = save(returns)
    assert "column 'market' has 1 infinite" in refused("report", path, "--benchmark", "market")


def test_benchmark_alone(returns, save):
    line = refused("report", save(returns[["good"]]), "--benchmark", "good")
    assert "no column besides the benchmark" in line


def test_unwritable_output_is_found_out_first(returns, save, tmp_path, monkeypatch):
    monkeypatch.setattr("puffin.page.writing.find", pytest.fail)
    path = save(returns)
    for out in (tmp_path / "none" / "page.html", tmp_path, "/proc/none.html"):
        assert str(out).removesuffix("/page.html") in refused("report", path, "--out", out)


@pytest.mark.slow
def test_bad_column_is_left_out_and_said_in_the_page(returns, save, tmp_path):
    returns["still"] = 0.0
    out = tmp_path / "page.html"
    result = run("report", save(returns), *FAST, "--out", out)
    assert result.exit_code == 2
    assert "column 'still'" in result.stderr
    assert "still" in out.read_text()
    assert "The report is in" in result.stdout


def test_missing_report_extra_is_found_out_first(returns, save, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setattr("puffin.page.writing.find", pytest.fail)
    line = refused("report", save(returns), "--out", tmp_path / "report.html")
    assert "pip install '.[report]'" in line


def test_interrupt_while_sampling(returns, save, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("puffin.findings.findings.compare", interrupt)
    result = run("report", save(returns), *FAST, "--out", tmp_path / "report.html")
    assert (result.exit_code, result.stdout, said(result)) == (130, "", [])
    assert [path.name for path in tmp_path.iterdir()] == ["returns.csv"]


@pytest.mark.slow
def test_pairs(save, tmp_path):
    prices = cointegrated()[["y", "x"]].rename_axis("date")
    out = tmp_path / "report.html"
    found = as_json(
        "report", save(prices), "--prices", "--pair", "y,x", "--out", out, *FAST,
    )  # fmt: skip
    [pair] = found["pairs"]
    assert pair["y"] == "y"
    assert pair["x"] == ["x"]
    assert 'id="pairs"' in out.read_text()


@pytest.mark.slow
def test_pairs_from_standard_input(tmp_path):
    prices = cointegrated()[["y", "x"]].rename_axis("date")
    arguments = [
        "report", "-", "--prices", "--pair", "y,x", "--out", str(tmp_path / "report.html"), *FAST,
        "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(app, arguments, input=prices.to_csv())
    assert result.exit_code == 0, result.stderr
    [pair] = json.loads(result.stdout)["pairs"]
    assert pair["last"] == f"{prices.index[-1]:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--pair", "y,x"], "--pair needs prices"),
        (["--prices", "--pair", "y"], "two different columns"),
        (["--prices", "--pair", "y,q"], "no column 'q'"),
    ],
)
def test_bad_pairs(save, tmp_path, options, message):
    frame = pd.DataFrame({"y": [1.0, 1.1, 1.3, 1.2], "x": [2.0, 2.1, 2.3, 2.2]})
    frame = frame if "--prices" in options else frame.pct_change().iloc[1:]
    line = refused("report", save(frame), "--out", tmp_path / "r.html", *options)
    assert message in line


@pytest.mark.slow
def test_a_column_that_ends_early_is_said_to(returns, save, tmp_path):
    returns.iloc[-60:, 0] = np.nan
    out, name = tmp_path / "page.html", returns.columns[0]
    result = run("report", save(returns), *FAST, "--out", out)
    assert result.exit_code == 0, result.stderr
    assert f"{name} has no values in the last 60 rows" in result.stderr
    assert "has no values in the last 60 rows, after" in out.read_text()


@pytest.mark.slow
def test_forecasts_from_the_split_and_marks_jumps(returns, save, tmp_path):
    out = tmp_path / "page.html"
    first = returns.index[90]
    result = run("report", save(returns), *FAST, "-c", "good", "--out", out,
                 "--split", f"{first:%Y-%m-%d}", "--jumps")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    html = out.read_text()
    assert f"From the returns up to {returns.index[89]:%Y-%m-%d} alone" in html
    assert "had a jump" in html


@pytest.mark.parametrize(
    ("split", "why"),
    [("soon", "must be a date such as"), ("2031-01-01", "between the first return and the last")],
)
def test_a_split_must_be_a_date_of_the_data(returns, save, split, why):
    assert why in refused("report", save(returns), "--split", split)


def test_a_split_needs_dates(returns, save):
    path = save(returns.to_csv(index=False))
    assert "needs dates" in refused("report", path, "--split", "2020-02-03")


@pytest.mark.slow
def test_regimes_are_there_where_they_are_asked_for(save, tmp_path):
    path, out = save(regimes_examples.returns().to_frame()), tmp_path / "page.html"
    found = as_json("report", path, *FAST, "--regimes", "--out", out)
    [one] = found["regimes"]
    assert one["strategy"] == "fund"
    assert one["log_bayes_factor_against_one"] > 3
    assert [row["number"] for row in one["table"]] == [1, 2]
    assert one["notes"][0].startswith("Two regimes explain the returns of fund better than one")
    assert '<section id="regimes">' in out.read_text()
    result = run("report", path, *FAST, "--regimes", "--out", out, columns="200")
    assert "fund: 2 regimes, Student-t" in result.stdout
    assert "Volatility is that of simple returns. It is of one day" in result.stdout
