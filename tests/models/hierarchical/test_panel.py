"""What users have becomes a panel, or they are told why not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.hierarchical.panel import as_asset_panel
from puffin.reading import OddReturnsWarning
from tests.models.hierarchical.funds import simulated

NO_OPTIONS = {"date": None, "annual_rate": 0.0, "periods": None}


@pytest.fixture(scope="module")
def funds():
    return simulated(1, n=6)


def panel(returns, factors=None, groups=None):
    return as_asset_panel(returns, factors, groups, **NO_OPTIONS)


def test_assets_are_in_order_of_group_and_name(funds):
    found = panel(funds.returns[::1].iloc[:, ::-1], funds.factors, funds.groups)
    assert found.assets == ("fund0000", "fund0002", "fund0004", "fund0001", "fund0003", "fund0005")
    assert found.group_names == ("growth", "value")
    assert list(found.groups) == [0, 0, 0, 1, 1, 1]
    assert found.periods_per_year == 12.0


def test_factors_are_taken_at_the_dates_of_returns(funds):
    found = panel(funds.returns.iloc[20:], funds.factors)
    np.testing.assert_array_equal(found.factors, funds.factors.to_numpy()[20:])


def test_months_without_any_return_are_left_out(funds):
    gone = funds.returns.copy()
    gone.iloc[5] = np.nan
    assert panel(gone, funds.factors).returns.shape == (95, 6)


@pytest.mark.parametrize(
    ("column", "why"),
    [
        (np.r_[[0.01, -0.01], np.full(94, np.nan)], "2 returns; with 2 factors at least 11"),
        (np.full(96, np.nan), "0 returns"),
        (np.full(96, 0.01), "it never moves"),
    ],
)
def test_assets_that_cannot_be_fitted_are_left_out(funds, column, why):
    with pytest.warns(UserWarning, match=why):
        found = panel(funds.returns.assign(bad=column), funds.factors)
    assert why in found.rejected["bad"]
    assert len(found.assets) == 6


def test_asset_made_of_factors_is_left_out(funds):
    made = 2.0 * funds.factors["market"] - funds.factors["size"]
    with pytest.warns(UserWarning, match="explain it altogether"):
        assert "made" in panel(funds.returns.assign(made=made), funds.factors).rejected


def test_factors_that_cannot_be_told_apart_in_an_assets_months(funds):
    factors = funds.factors.copy()
    factors.iloc[60:, 1] = 2.0 * factors.iloc[60:, 0]
    late = funds.returns["fund0000"].where(np.arange(96) >= 60)
    with pytest.warns(UserWarning, match="cannot be told apart"):
        assert "late" in panel(funds.returns.assign(late=late), factors).rejected


def test_nothing_left_is_an_error(funds):
    with pytest.raises(ValueError, match="no asset that can be fitted"):
        panel(funds.returns.iloc[:5])


def test_percent_is_warned_of(funds):
    with pytest.warns(OddReturnsWarning, match="percent"):
        panel(100.0 * funds.returns)


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        ("growth", TypeError, "found text"),
        ({"fund0000": "a"}, ValueError, "groups lacks 5 of the 6 assets, first 'fund0001'"),
        (["a", "b"], ValueError, "2 labels for 6 assets"),
        ([None] * 6, ValueError, "has none for 6 assets"),
        (pd.Series("a", ["fund0000"] * 2), ValueError, "more than once"),
    ],
)
def test_groups_that_do_not_fit(funds, groups, error, message):
    with pytest.raises(error, match=message):
        panel(funds.returns, None, groups)


def test_factor_without_a_date_is_an_error(funds):
    with pytest.raises(ValueError, match="factors lacks 1 of the 96 dates"):
        panel(funds.returns, funds.factors.iloc[1:])


def test_constant_factor_is_an_error(funds):
    with pytest.raises(ValueError, match="explains nothing"):
        panel(funds.returns, funds.factors.assign(one=1.0))


def test_infinite_returns_are_an_error(funds):
    with pytest.raises(ValueError, match="infinite"):
        panel(funds.returns.assign(bad=np.inf))
