"""The page's section on pairs."""

from __future__ import annotations

import dataclasses
import re

import pytest

from puffin.findings.findings import find
from puffin.findings.pair import PairsToTrade
from puffin.findings.pair_words import pair_doubts, pair_story
from puffin.findings.settings import AnalysisSettings, PairSettings
from puffin.page import render_page
from tests.page.parsed_page import ParsedPage
from tests.strategies.test_pairs_strategy import cointegrated

SETTINGS = AnalysisSettings(samples=500, seed=1, periods_per_year=252)


@pytest.fixture(scope="module")
def findings():
    prices = cointegrated()[["y", "x"]].rename_axis("date")
    returns = prices.pct_change().iloc[1:]
    pairs = PairsToTrade(prices, (("y", "x"), ("x", "nothing")), PairSettings(window=40))
    with pytest.warns(UserWarning, match="nothing"):
        return find({name: returns[name] for name in returns}, SETTINGS, pairs=pairs)


@pytest.mark.slow
def test_report_has_a_section(findings):
    [pair] = findings.pairs
    html = render_page(findings)
    ParsedPage(html)
    [section] = re.findall(r'<section id="pairs">.*?</section>', html, flags=re.DOTALL)
    assert "y against x" in section
    assert section.count("<svg") == 6
    for sentence in pair_doubts(pair):
        assert sentence in html
    assert pair_story(pair, SETTINGS)[1].split(":")[1].strip() in section
    assert any("The pair of x and nothing could not" in failure for failure in findings.failures)


@pytest.mark.slow
def test_no_pairs_no_section(findings):
    html = render_page(dataclasses.replace(findings, pairs=()))
    assert 'id="pairs"' not in html
