"""The one call from returns to the page."""

from __future__ import annotations

import html

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from tests.findings.test_trading import backtest
from tests.page.parsed_page import ParsedPage

FAST = {"samples": 200, "random_seed": 1}


@pytest.fixture(scope="module")
def pair(returns):
    return pd.DataFrame({name: returns[name] for name in ("steady", "market")})


@pytest.fixture(scope="module")
def report(pair):
    return pf.report(pair["steady"], pair["market"], title="mine", split="2019-10-01", **FAST)


def test_one_strategy_against_a_series(report):
    assert set(report.findings.sharpes) == {"steady", "market"}
    assert report.findings.benchmark.name == "market"
    assert report.path is None
    text = " ".join(ParsedPage(report.html).text)
    assert "Against market" in text
    assert "mine" in text


def test_forecasts_from_the_split(report):
    assert report.findings.cones["steady"].split == pd.Timestamp("2019-09-30")
    assert "From the returns up to 2019-09-30 alone" in report.html


def test_says_what_it_found(report):
    first, *_, last = repr(report).splitlines()
    assert "Sharpe" in first
    assert last == "The report: not saved; .save(path) does"


def test_a_notebook_shows_the_page_in_a_frame(report):
    page = ParsedPage(report._repr_html_())
    [frame] = page.all("iframe")
    assert frame["srcdoc"] == report.html
    assert html.escape(report.html) in report._repr_html_()


def test_saved_later(report, tmp_path):
    saved = report.save(tmp_path / "page.html")
    assert saved.path.read_text(encoding="utf-8") == report.html
    assert repr(saved).endswith(str(saved.path))


@pytest.mark.slow
def test_written_at_once(pair, tmp_path):
    made = pf.report(pair, "market", output=str(tmp_path / "page.html"), **FAST)
    assert made.path.read_text(encoding="utf-8") == made.html
    assert made.findings.benchmark.name == "market"


@pytest.mark.slow
def test_a_benchmark_without_a_name_and_an_array(pair):
    made = pf.report(pair["steady"].to_numpy(), pair["market"].to_numpy(), **FAST)
    assert set(made.findings.sharpes) == {"returns", "benchmark"}
    with pytest.raises(ValueError, match=r"none has; found none for \['returns'\]"):
        pf.report(pair["steady"].to_numpy(), pair["market"], **FAST)


@pytest.mark.slow
def test_missing_returns_are_left_out(pair):
    made = pf.report(pair["steady"].where(np.arange(len(pair)) % 10 > 0), **FAST)
    assert made.findings.sharpes["steady"]["n_observations"] == 225


@pytest.mark.parametrize(
    ("benchmark", "message"),
    [
        ("nothing", "none of the strategies: steady, market"),
        (pd.Series([0.1, 0.2, 0.1], name="market"), "both named 'market'"),
        (pd.Series([0.1, 0.1, 0.1]), "no variance"),
    ],
)
def test_bad_benchmark(pair, benchmark, message):
    with pytest.raises(ValueError, match=message):
        pf.report(pair, benchmark, **FAST)


def test_nothing_to_report_on(pair):
    with pytest.raises(ValueError, match="returns"):
        pf.report({"a": [0.0, 0.0, 0.0]}, **FAST)


def test_a_backtest_shows_its_trades_and_takes_its_own_terms():
    result = backtest(commission_bps=5, borrow_rate=0.05, risk_free_rate=0.02)
    made = pf.report(result, **FAST)
    sharpe = made.findings.sharpes["mine"]
    assert sharpe["risk_free_rate"] == 0.02
    assert sharpe["mean"] == result.sharpe(200, random_seed=1)["mean"]
    page = ParsedPage(made.html)
    said = " ".join(" ".join(page.text).split())
    for title in ("How it was traded", "Positions", "Turnover", "What costs took", "What was held"):
        assert title in said
    assert "2 positions were closed" in said
    assert "1 is still open" in said


def test_backtests_that_earned_different_rates_need_one_to_be_measured_against():
    both = {"a": backtest(risk_free_rate=0.02), "b": backtest()}
    with pytest.raises(ValueError, match="different rates on cash"):
        pf.report(both, **FAST)


def test_returns_alone_have_no_trades(report):
    assert "How it was traded" not in report.html


def test_prices_in_the_place_of_returns_are_refused():
    """Of them every sentence of the page would be wrong."""
    prices = pf.datasets.load_equities().loc["2019":, ["KO", "PEP"]]
    with pytest.raises(ValueError, match=r"returns\['KO'\] looks like prices: take .pct_change"):
        pf.report(prices)
