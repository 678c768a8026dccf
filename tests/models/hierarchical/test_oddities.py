"""Columns that look wrong are named, in one warning."""

from __future__ import annotations

import warnings

import pytest

from puffin.models.hierarchical.oddities import warn_of_oddities
from puffin.reading import OddReturnsWarning
from tests.models.hierarchical.funds import simulated


@pytest.fixture
def funds():
    return simulated(1, n=20, late=5)


def said(returns, factors):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_oddities(returns, factors)
    assert all(one.category is OddReturnsWarning for one in caught)
    assert len(caught) <= 1
    return str(caught[0].message) if caught else ""


def test_nothing_is_said_of_ordinary_ones(funds):
    assert said(funds.returns, funds.factors) == ""


def test_one_column_in_percent(funds):
    funds.returns["fund0003"] *= 100.0
    assert "fund0003" in said(funds.returns, funds.factors)


def test_a_split(funds):
    funds.returns.iloc[60, 12] = 25.0
    assert "fund0012" in said(funds.returns, funds.factors)


def test_a_closed_fund_filled_with_zeros(funds):
    funds.returns.iloc[60:, 7] = 0.0
    assert "returns['fund0007'] ends with 36 zeros" in said(funds.returns, funds.factors)


def test_prices_as_a_factor(funds):
    funds.factors["market"] = 100.0 * (1.0 + funds.factors["market"]).cumprod()
    assert "factors['market'] looks like prices" in said(funds.returns, funds.factors)


def test_one_that_hardly_varies_is_no_reason_to_stop(funds):
    funds.returns["fund0009"] = 0.01 + 1e-9 * funds.returns["fund0009"]
    assert "returns['fund0009'] has hardly any variance" in said(funds.returns, funds.factors)


def test_many_are_named_in_one_warning(funds):
    funds.returns.iloc[60:, 5:15] = 0.0
    assert said(funds.returns, funds.factors).endswith("And 7 more like these.")
