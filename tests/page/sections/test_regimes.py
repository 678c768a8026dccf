"""The page's section on regimes."""

from __future__ import annotations

import dataclasses

import pytest

from puffin.findings.findings import Findings
from puffin.page.sections import method, regimes
from puffin.showing import numbers
from tests.findings.regimes_examples import SETTINGS, found, returns
from tests.page.parsed_page import ParsedPage

NASTY = "<script>alert('id=\"x\"')</script> & #1f5a94"


def findings(**changes):
    return dataclasses.replace(
        Findings(
            {"fund": returns(), NASTY: returns()}, {}, None, None, SETTINGS,
            regimes={"fund": found(), NASTY: found()}, without_regimes={"short": "too <short>"},
        ),
        **changes,
    )  # fmt: skip


def section(**changes):
    [one] = regimes.sections(findings(**changes))
    assert (one.anchor, one.title) == ("regimes", "Regimes")
    return str(one.body)


def words(html):
    return " ".join(" ".join(ParsedPage(html).text).split())


def test_a_row_for_each_regime_and_a_figure_for_each_strategy():
    html = section()
    assert html.count("<tr>") == 1 + 4
    assert html.count("<figure id=") == 2
    for place in (1, 2):
        assert f'<figure id="regimes-{place}">' in html
        assert f'href="#regimes-{place}"' in html
    said = words(html)
    for one in found().regimes:
        assert numbers.with_minus(numbers.interval(one.sharpe.low, one.sharpe.high)) in said
        assert numbers.probability(one.now) in said
        assert f"{one.duration.low:,.0f} to {one.duration.high:,.0f}" in said
    assert "The shading is smoothed" in said


def test_user_text_is_escaped():
    html = section()
    assert "<script" not in html
    assert "too &lt;short&gt;" in html


def test_of_one_strategy_its_story_stands_first_and_once():
    html = section(regimes={"fund": found()}, without_regimes={})
    assert words(html).startswith("Two regimes explain the returns of fund better than one")
    assert html.count("on average") == 1


def test_after_a_total_loss_there_is_no_growth_to_draw():
    lost = returns()
    lost.iloc[-1] = -1.0
    html = section(returns={"fund": lost}, regimes={"fund": found()})
    assert "<figure" not in html
    assert "href" not in html


def test_nothing_where_they_were_not_asked_for():
    assert regimes.sections(findings(regimes={}, without_regimes={})) == []


@pytest.mark.parametrize("shown", [True, False])
def test_the_method_has_their_priors(shown):
    changes = {} if shown else {"regimes": {}}
    [one] = method.sections(findings(**changes))
    assert ("rows of the transition matrix ~ Dirichlet" in str(one.body)) == shown
