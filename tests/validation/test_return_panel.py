"""Returns of several assets."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from puffin.reading import OddReturnsWarning
from puffin.validation import as_return_panel

DATES = pd.bdate_range("2022-01-03", periods=200)


def returns(count):
    values = 0.01 * np.random.default_rng(1).standard_normal((200, count))
    return pd.DataFrame(values, DATES).add_prefix("a")


def test_prices_among_returns_are_named():
    table = returns(9)
    table.iloc[:, :7] = 50.0 * (1.0 + table.iloc[:, :7]).cumprod()
    table.iloc[:50, 0] = np.nan
    with pytest.warns(OddReturnsWarning) as caught:
        panel = as_return_panel(table)
    [warning] = caught
    assert str(warning.message).startswith(
        "returns['a0', 'a1', 'a2', 'a3', 'a4', ... (7 columns)] looks like prices: take"
    )
    np.testing.assert_array_equal(panel.values, table)


@pytest.mark.parametrize("unit", [1e-6, 1.0, 100.0, 1e4])
def test_returns_in_any_unit_are_returns(unit):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_return_panel(unit * returns(3))


def test_each_kind_has_a_warning():
    table = returns(2)
    table["gross"] = 1.0 + table["a0"]
    table["price"] = 50.0 * table["gross"].cumprod()
    with pytest.warns(OddReturnsWarning) as caught:
        as_return_panel(table.to_numpy())
    assert [str(one.message)[:17] for one in caught] == ["returns['asset2']", "returns['asset3']"]


def test_what_is_no_panel_is_refused():
    with pytest.raises(ValueError, match="returns has no return at all of 'a1'"):
        as_return_panel(returns(2).assign(a1=np.nan))
    with pytest.raises(ValueError, match="at least 201 rows"):
        as_return_panel(returns(2), minimum=201)
