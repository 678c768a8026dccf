"""A strategy's section: its numbers, and its parts one by one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from puffin.findings.cone import Cone
from puffin.findings.drawdowns import worst_drawdowns
from puffin.page.sections import calendar_returns, history, outlook, sharpe, strategy
from puffin.showing.numbers import percent, with_minus
from tests.page.parsed_page import ParsedPage


def words(markup):
    return " ".join(" ".join(ParsedPage(str(markup)).text).split())


@pytest.mark.slow
def test_only_those_looked_at_one_by_one_have_a_section(findings):
    few = dataclasses.replace(findings, detailed=("steady", "market"))
    assert [one.title for one in strategy.sections(few)] == ["steady", "market"]


@pytest.mark.slow
def test_sections_drawn_in_processes_are_the_same(findings):
    few = dataclasses.replace(findings, detailed=("steady", "market"))
    drawn = [
        strategy.sections(
            dataclasses.replace(few, settings=dataclasses.replace(few.settings, many=2, cores=n))
        )
        for n in (1, 2)
    ]
    assert drawn[0] == drawn[1]
    assert [one.anchor for one in drawn[1]] == ["strategy-1", "strategy-2"]


def test_history_has_the_falls_and_the_benchmark(findings):
    said = words(history.part(findings, "steady", "a"))
    worst = worst_drawdowns(findings.returns["steady"])[0]
    assert with_minus(percent(worst.depth)) in said
    assert f"{worst.trough:%Y-%m-%d}" in said
    assert "Growth at the benchmark’s volatility" in said
    assert "market" in said


def test_the_benchmark_is_not_beside_itself(findings):
    assert "Growth at the benchmark’s" not in words(history.part(findings, "market", "a"))


def test_the_benchmark_is_one_and_the_same_in_the_strategy_s_time(findings):
    """In the key numbers, both charts of growth, and the years, whatever dates are missing."""
    gaps = findings.returns["steady"].iloc[100:].drop(findings.returns["steady"].index[150:153])
    late = dataclasses.replace(findings, returns={**findings.returns, "steady": gaps})
    became = np.prod(1 + findings.returns["market"].iloc[100:])
    charts = str(history.part(late, "steady", "a"))
    assert charts.count(f"market became {became:.2f}") == 2
    years = words(calendar_returns.part(late, "steady", "a"))
    assert with_minus(f"{100 * (became - 1):.1f}") in years
    [section] = strategy.sections(dataclasses.replace(late, detailed=("steady",)))
    said = words(section.body)
    assert "What happened to market is of the time of steady" in said
    assert with_minus(percent(became - 1)) in said
    whole = dataclasses.replace(findings, detailed=("steady",))
    assert "is of the time of" not in words(strategy.sections(whole)[0].body)


def test_a_benchmark_that_starts_later_is_not_compared_with_all_of_the_strategy_s_time(findings):
    market = findings.returns["market"].iloc[100:]
    late = dataclasses.replace(findings, returns={**findings.returns, "market": market})
    its_time = f"{market.index[0]:%Y-%m-%d} to {market.index[-1]:%Y-%m-%d}"
    charts = str(history.part(late, "steady", "a"))
    own = findings.returns["steady"]
    assert (
        f"steady became {np.prod(1 + own):.2f}; market became {np.prod(1 + market):.2f}" in charts
    )
    assert f"from {its_time}, beginning where steady then was" in words(charts)
    share = market.std() / own.iloc[100:].std()
    assert f"of it became {np.prod(1 + share * own.iloc[100:]):.2f}" in charts
    assert f"market is from {its_time} only." in words(calendar_returns.part(late, "steady", "a"))
    [section] = strategy.sections(dataclasses.replace(late, detailed=("steady",)))
    assert f"What happened to market is from {its_time} only" in words(section.body)
    assert findings.time_of_benchmark("steady") == ""


def test_no_history_of_a_total_loss(findings):
    lost = findings.returns["steady"].copy()
    lost.iloc[-1] = -1.0
    gone = dataclasses.replace(findings, returns={**findings.returns, "steady": lost})
    assert history.part(gone, "steady", "a") is None


def test_months_are_those_of_the_returns(findings):
    page = ParsedPage(str(calendar_returns.part(findings, "steady", "a")))
    returns = findings.returns["steady"]
    march = 100 * (np.prod(1 + returns["2019-03"]) - 1)
    assert with_minus(f"{march:.1f}") in "".join(page.text)
    [row] = [cells for cells in [page.all("td")] if cells]
    assert sum(one.get("class") in {"over", "under"} for one in row) == 12


def test_no_months_without_dates(findings):
    undated = {name: one.reset_index(drop=True) for name, one in findings.returns.items()}
    assert (
        calendar_returns.part(dataclasses.replace(findings, returns=undated), "steady", "a") is None
    )


def test_bands_need_more_than_a_year(findings):
    assert "a year at a time" not in words(sharpe.part(findings, "steady", "a"))
    dates = pd.bdate_range("2016-01-01", periods=600)
    random = np.random.default_rng(1)
    long = {name: pd.Series(random.normal(0, 0.01, 600), dates) for name in findings.returns}
    page = str(sharpe.part(dataclasses.replace(findings, returns=long), "steady", "a"))
    for figure in ("rolling-sharpe", "rolling-volatility", "rolling-alpha", "rolling-beta"):
        assert f'id="a-{figure}-title"' in page


def test_outlook_says_why_there_is_no_forecast(findings):
    assert "Forecast and what came" in words(outlook.part(findings, "steady", "a"))
    short = dataclasses.replace(findings, cones={}, without_cone={"steady": "too few of them"})
    said = words(outlook.part(short, "steady", "a"))
    assert "No forecast to compare with: too few of them" in said


@pytest.mark.parametrize("rank", [0.01, 0.5])
def test_a_surprise_is_said_beside_the_figure(findings, rank):
    cone: Cone = dataclasses.replace(findings.cones["steady"], rank=rank)
    said = words(outlook.part(dataclasses.replace(findings, cones={"steady": cone}), "steady", "a"))
    assert ("a bad surprise" in said) == (rank < 0.05)
