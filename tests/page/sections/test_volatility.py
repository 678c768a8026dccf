"""The page's section on volatility."""

from __future__ import annotations

import dataclasses
import re

import pytest

from puffin import FallbackWarning
from puffin.findings.findings import find
from puffin.findings.quantity import Quantity
from puffin.inference.failure import SamplingError
from puffin.page import render_page
from puffin.showing import numbers
from tests.findings import volatility_examples as examples
from tests.findings.volatility_examples import SETTINGS
from tests.page.parsed_page import ParsedPage


@pytest.fixture(scope="module")
def returns():
    return examples.strategies()


@pytest.fixture(scope="module")
def findings():
    return examples.found()


@pytest.fixture(scope="module")
def html(findings):
    return render_page(findings)


@pytest.fixture(scope="module")
def section(html):
    """The section's HTML."""
    ParsedPage(html)
    [section] = re.findall(r'<section id="volatility">.*?</section>', html, flags=re.DOTALL)
    return section


def test_a_figure_and_a_row_for_each(section, findings):
    assert list(findings.volatilities) != []
    assert section.count("<figure id=") == len(findings.volatilities) == 3
    for place in range(1, 4):
        assert f'<figure id="volatility-{place}">' in section
        assert f'href="#volatility-{place}"' in section


def test_says_why_there_is_none(section):
    assert "No volatility: column &#39;short&#39;" in section
    assert "at least 5 observations; found 4" in section


def test_numbers_are_those_found(section, findings):
    one = findings.volatilities["usual"]
    assert f"<strong>{numbers.small_percent(one.now.mean)}</strong>" in section
    assert (
        f'<td data-label="Now, a year">{numbers.percent(252**0.5 * one.now.mean)}</td>' in section
    )
    interval = numbers.percent_interval(one.next_period.low, one.next_period.high)
    assert f'<td data-label="94% interval">{interval}</td>' in section
    assert f"{one.parameters['phi'].mean:.3f}<small>" in section


def test_headline_and_doubts(section):
    assert "probably in a time of high volatility" in section
    assert "often flat is flat on 67% of periods" in section


def test_user_text_is_escaped(section):
    assert "<script" not in section
    assert "&lt;script&gt;" in section


def test_method_names_the_priors(html):
    assert "(phi + 1) / 2 ~ Beta(20, 1.5)" in html


def test_total_loss_has_no_volatility(returns):
    lost = returns["usual"].copy()
    lost.iloc[-1] = -1.0
    findings = find({"lost": lost}, SETTINGS)
    assert "column 'lost'" in findings.without_volatility["lost"]
    html = render_page(findings)
    assert "No volatility: column &#39;lost&#39;: a return of -100% or less" in html
    assert 'id="volatility-1"' not in html


def test_a_fallback_says_whose_it_is(returns, monkeypatch):
    def fail(*_, **__):
        raise SamplingError("no luck")

    place = "puffin.models.volatility.sampling.sample_stochastic_volatility"
    monkeypatch.setattr(place, fail)
    with pytest.warns(FallbackWarning, match="Volatility of usual: Sampling failed"):
        findings = find({"usual": returns["usual"]}, SETTINGS)
    one = findings.volatilities["usual"]
    assert one.is_fallback
    assert not one.is_fine
    html = render_page(findings)
    assert "usual: sampling failed, so that its volatility is a plain EWMA" in html
    assert "nan" not in " ".join(ParsedPage(html).text).lower().split()


@pytest.mark.slow
def test_a_law_s_own_parameters_are_shown(findings):
    one = findings.volatilities["usual"]
    named = dataclasses.replace(
        one, parameters={**one.parameters, "lopsided": Quantity(0.123, 0.1, 0.2)}
    )
    html = render_page(dataclasses.replace(findings, volatilities={"usual": named}))
    assert '<th scope="col">lopsided</th>' in html
    assert '<td data-label="lopsided">0.12<small>0.10 to 0.20</small></td>' in html
