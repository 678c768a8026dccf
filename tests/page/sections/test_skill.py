"""The page's section on skill and luck."""

from __future__ import annotations

import pytest

from puffin.findings.findings import Findings
from puffin.findings.settings import AnalysisSettings
from puffin.findings.skill_fits import SkillFits
from puffin.models.bayesian import BayesianHierarchical
from puffin.page.sections.skill import sections
from tests.models.hierarchical.funds import simulated

SETTINGS = AnalysisSettings(periods_per_year=12)


def findings(skill):
    return Findings({}, {}, None, None, SETTINGS, skill=skill)


@pytest.fixture(scope="module")
def fits():
    funds = simulated(1, n=24)
    returns = funds.returns.rename(columns={"fund0000": "<b>"})
    return SkillFits({
        name: BayesianHierarchical(unit="volatility", distribution=name).fit(
            returns, funds.factors, samples=100, random_seed=1
        )
        for name in ("normal", "spike")
    })  # fmt: skip


def test_says_what_the_fits_say(fits):
    [section] = sections(findings(fits))
    assert section.title == "Skill or luck?"
    table = fits.ranked(0.0)
    first = table.iloc[0]
    assert section.body.count("<tr>") == 21
    assert f"<strong>{first['mean']:.2f}</strong>" in section.body
    assert f"{100 * first['shrinkage']:.0f}%" in section.body
    assert "4 more are less probable." in section.body
    named = set(fits.skilled(0.1, 0.0).assets) & set(table["asset"].head(20))
    assert section.body.count('data-label="Named">yes') == len(named)
    assert "whether true ones are normal or some exactly zero." in section.body
    assert "looks best of 24" in section.body
    assert section.body.count("<svg") == 2
    assert "<b>" not in section.body


def test_is_there_where_it_is_asked_for_only():
    assert sections(findings(None)) == []
