from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffin.risk import portfolio_returns

DATES = pd.date_range("2024-01-01", periods=3, name="date")
ASSETS = pd.DataFrame({"a": [0.01, -0.02, 0.03], "b": [0.05, 0.0, -0.10]}, DATES)


def test_by_hand():
    returns = portfolio_returns(ASSETS, {"b": 0.25, "a": 0.75})
    assert returns.tolist() == pytest.approx([0.02, -0.015, -0.0025])
    pd.testing.assert_index_equal(returns.index, DATES)
    assert returns.name == "portfolio"
    pd.testing.assert_series_equal(returns, portfolio_returns(ASSETS, [0.75, 0.25]))
    pd.testing.assert_series_equal(
        returns, portfolio_returns(ASSETS, pd.Series({"a": 0.75, "b": 0.25}))
    )
    assert portfolio_returns(ASSETS, {"a": 1.0}).tolist() == pytest.approx([0.01, -0.02, 0.03])


def test_cash_and_leverage_are_asked_for():
    with pytest.raises(ValueError, match=r"weights must add up to 1; found 0\.5"):
        portfolio_returns(ASSETS, {"a": 0.5})
    half = portfolio_returns(ASSETS, {"a": 0.5}, total=None)
    assert half.tolist() == pytest.approx([0.005, -0.01, 0.015])
    neutral = portfolio_returns(ASSETS, {"a": 1.0, "b": -1.0}, total=0.0)
    assert neutral.tolist() == pytest.approx([-0.04, -0.02, 0.13])


def test_dates_that_all_have():
    series = {"a": ASSETS["a"], "b": ASSETS["b"].iloc[1:]}
    assert portfolio_returns(series, [0.5, 0.5]).index.equals(DATES[1:])
    apart = {"a": ASSETS["a"], "b": ASSETS["b"].set_axis(DATES + pd.Timedelta(days=9))}
    with pytest.raises(ValueError, match="no date in common"):
        portfolio_returns(apart, [0.5, 0.5])


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"day": DATES.to_numpy(), "a": ASSETS["a"].to_numpy()})
    returns = portfolio_returns(frame, {"a": 1.0}, date="day")
    assert list(returns.index) == list(DATES)


@pytest.mark.parametrize(
    ("returns", "weights", "message"),
    [
        (ASSETS, {"c": 1.0}, "weights has c, which the returns have not; they have a, b"),
        (ASSETS, [1.0], r"one for each of the 2 assets \(a, b\); found shape \(1,\)"),
        (ASSETS, {"a": np.nan, "b": 1.0}, "weights has 1 NaN value"),
        (ASSETS * [1.0, 20.0], [0.5, 0.5], r"returns\['b'\] has -2 at row 2"),
        (ASSETS * [1.0, np.inf], [0.5, 0.5], r"returns\['b'\] has"),
        ({"a": [0.1, 0.2], "b": [0.1]}, [0.5, 0.5], "at least 2 observations"),
    ],
)
def test_bad_input(returns, weights, message):
    with pytest.raises(ValueError, match=message):
        portfolio_returns(returns, weights)


@given(
    st.lists(st.floats(allow_nan=True) | st.floats(-1, 1), max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "c"]), st.floats(-2, 2) | st.text(max_size=2)),
    st.sampled_from([None, 1.0, 0.0]),
)
def test_whatever_the_weights(weights, total):
    try:
        returns = portfolio_returns(ASSETS, weights, total=total)
    except (TypeError, ValueError) as error:
        assert "weights" in str(error)
    else:
        assert np.isfinite(returns).all()
