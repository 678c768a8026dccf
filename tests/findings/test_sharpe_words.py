"""What is said of Sharpe ratios."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from puffin.findings import sharpe_words as words
from puffin.findings.findings import find
from puffin.showing import checks, numbers
from tests.findings.examples import DATES, SETTINGS


def test_headline_names_the_favourite_and_its_chance(findings):
    table = findings.comparison.table.set_index("strategy")
    first, *_ = words.headline(findings)
    assert table["prob_best"].idxmax() == "steady"
    assert first.startswith("steady has the ")
    assert numbers.probability(table["prob_best"].max()) in first


def test_no_winner_among_equals():
    noise = np.random.default_rng(3).normal(0, 0.01, (250, 2))
    noise -= noise.mean(axis=0)
    equals = {name: pd.Series(noise[:, i], DATES) for i, name in enumerate("ab")}
    first, leader, second = words.headline(find(equals, SETTINGS))
    assert leader[0] == first[0]
    assert "of unknown sign" in leader
    assert "do not single out a winner" in first
    assert "of the two" in first
    assert "None has a Sharpe ratio above zero" in second


@pytest.mark.slow
def test_point_estimate_at_odds_is_pointed_out():
    random = np.random.default_rng(9)
    values = 0.003 + 0.004 * random.normal(size=250)
    values[::10] = -0.03 + 0.001 * random.normal(size=25)
    crashes = {"crashes": pd.Series(values, DATES)}
    findings = find(crashes, replace(SETTINGS, autocorrelation="ignore"))
    sharpe = findings.sharpes["crashes"]
    assert checks.gap_in_deviations(sharpe) < -1.0
    [doubt] = words.caveats(findings)
    assert "below the posterior mean" in doubt
    assert "go by the lower number" in doubt


def test_those_not_shown_one_by_one_are_counted(findings):
    assert words.rest_note(findings) == ""
    few = replace(findings, detailed=("steady", "market"))
    assert words.rest_note(few).startswith("2 of 4 are shown one by one")
    assert "and the benchmark" in words.rest_note(few)


def test_no_verdict_on_the_best_of_many_beside_the_warning(findings, monkeypatch):
    assert any(said.startswith("steady: Sharpe ratio") for said in words.headline(findings))
    monkeypatch.setattr(words, "_MANY_TRIED", 3)
    assert not any(": Sharpe ratio" in said for said in words.headline(findings))
    assert any("looks better than it is" in said for said in words.caveats(findings))


def test_whoever_reads_the_summary_alone_knows_that_dates_differ(late, findings):
    said = " ".join(words.headline(late))
    assert "150 returns of late, 250 of" in said
    leader = late.on_shared_dates.table.sort_values("prob_best").iloc[-1]
    chance = numbers.probability(leader["prob_best"])
    assert f"On the 150 that all have, {leader['strategy']} has the best chance: {chance}" in said
    assert "over the dates that each shares with it" in said
    few = replace(late, on_shared_dates=None)
    assert "part of a difference" in " ".join(words.headline(few)).lower()
    assert findings.on_shared_dates is None
    assert "dates" not in " ".join(words.headline(findings))


@pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning")
def test_no_ranking_of_what_is_no_return(findings):
    percent = {name: 100.0 * one for name, one in list(findings.returns.items())[:2]}
    said = words.headline(find(percent, replace(SETTINGS, details=1)))
    assert all("no Sharpe ratio to rely on; what was given looks like returns in percent" in one
               for one in said)  # fmt: skip
