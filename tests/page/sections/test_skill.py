"""The page's section on skill and luck."""

from __future__ import annotations

import pytest

from puffin.findings.findings import Findings
from puffin.findings.settings import AnalysisSettings
from puffin.models.bayesian import BayesianHierarchical
from puffin.page.sections.skill import sections
from tests.models.hierarchical.funds import simulated

SETTINGS = AnalysisSettings(periods_per_year=12)


def findings(skill):
    return Findings({}, {}, None, None, SETTINGS, skill=skill)


@pytest.fixture(scope="module")
def model():
    funds = simulated(1, n=24)
    returns = funds.returns.rename(columns={"fund0000": "<b>"})
    return BayesianHierarchical(unit="volatility").fit(
        returns, funds.factors, samples=100, random_seed=1
    )


def test_says_what_the_model_says(model):
    [section] = sections(findings(model))
    assert section.title == "Skill or luck?"
    first = model.table.iloc[0]
    assert section.body.count("<tr>") == 21
    assert f"<strong>{first['mean']:.2f}</strong>" in section.body
    assert f"{100 * first['shrinkage']:.0f}%" in section.body
    assert "4 more are less probable." in section.body
    named = set(model.skilled(0.1).assets) & set(model.table["asset"].head(20))
    assert section.body.count('data-label="Named">yes') == len(named)
    assert "looks best of 24" in section.body
    assert section.body.count("<svg") == 2
    assert "<b>" not in section.body


def test_is_there_where_it_is_asked_for_only():
    assert sections(findings(None)) == []
