"""Columns held together: what a report says of them is what their fit says."""

from __future__ import annotations

import functools
import warnings
from dataclasses import replace

import numpy as np
import pytest

from puffin.findings.findings import Findings, find
from puffin.findings.portfolio_history import portfolio_story
from puffin.findings.settings import AnalysisSettings, VolatilitySettings
from puffin.page.rendering import render_page
from tests.findings import examples
from tests.page.parsed_page import ParsedPage

SETTINGS = AnalysisSettings(
    samples=100, seed=1, details=1, portfolio=True, volatility=VolatilitySettings(samples=60)
)


@functools.cache
def found() -> Findings:
    """Return what is found of three strategies and a benchmark that is not held."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return find(examples.strategies(), SETTINGS, benchmark="market")


def test_the_benchmark_is_not_held():
    held = found().portfolio
    assert set(held.now.table.index) == {"steady", "often flat", examples.NASTY}
    np.testing.assert_allclose(held.now.table["weight"], 1 / 3)
    assert held.now.table["risk_share"].sum() == pytest.approx(1.0)


def test_numbers_are_those_of_the_model():
    held = found().portfolio
    model = held.now.model
    assert len(held.path) == len(examples.DATES)
    assert (
        (held.path["low"] <= held.path["mean"]) & (held.path["mean"] <= held.path["high"])
    ).all()
    every = model.correlation("smoothed").to_numpy().reshape(-1, 3, 3)
    upper = np.triu_indices(3, 1)
    now, usual = held.correlations
    assert usual == pytest.approx(every.mean(axis=0)[upper].mean())
    assert now == pytest.approx(model.correlation().to_numpy()[upper].mean())
    weights = np.full(3, 1 / 3)
    exposure = model.fitted.draws.loadings @ weights
    common = (exposure**2 * model.fitted.paths(1).total[..., 3:]).mean()
    assert held.now.factor_shares.sum() == pytest.approx(
        common / (weights @ model.covariance_moments().mean @ weights)
    )


def test_the_page_has_a_section_of_it():
    page = render_page(found())
    ParsedPage(page)
    assert 'id="portfolio"' in page
    assert "What the risk comes from" in page
    story = portfolio_story(found().portfolio, found().settings)
    assert "All 3 held in equal parts, restored each day" in story[0]
    assert "with probability 1%" in story[1]


def test_without_it_there_is_none():
    one = {"steady": examples.strategies()["steady"]}
    alone = find(one, SETTINGS)
    assert alone.portfolio is None
    assert alone.failures == ("A portfolio is of two or more.",)
    assert 'id="portfolio"' not in render_page(alone)
    assert find(one, replace(SETTINGS, portfolio=False)).failures == ()
