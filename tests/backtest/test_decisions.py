"""Target weights on the rows and columns of prices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.backtest.decisions import align_decisions, check_decided
from puffin.strategies import BuyAndHold
from puffin.validation import as_prices

DATES = pd.date_range("2020-01-01", periods=4)
NAN = np.nan
PANEL = as_prices(pd.DataFrame({"a": [1.0, 2, NAN, 4], "b": [1.0, 2, 3, 4]}, DATES))


def test_some_dates_and_some_assets():
    decisions = align_decisions(pd.DataFrame({"b": [0.5, NAN]}, DATES[[1, 2]]), PANEL)
    np.testing.assert_array_equal(decisions.made, [False, True, False, False])
    np.testing.assert_array_equal(decisions.targets[1], [0.0, 0.5])
    frame = decisions.frame(PANEL)
    np.testing.assert_array_equal(frame.to_numpy()[[0, 1]], [[NAN, NAN], [0.0, 0.5]])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones((3, 2)), "weights has 3 rows and prices 4"),
        (np.ones((4, 1)), "weights has 1 columns and prices 2"),
        (pd.DataFrame({"b": [1.0]}, [DATES[0] - pd.Timedelta(days=1)]), "prices has no row"),
        (pd.DataFrame({"c": np.ones(4)}, DATES), "assets that prices lacks: 'c'"),
        (np.full((4, 2), np.inf), "8 infinite values, first 'a' at 2020-01-01"),
        ([[1.0, NAN]] * 4, "weights is NaN for 'b' at 2020-01-01 but not for every asset"),
        (np.ones((4, 2, 1)), "one or two dimensions"),
    ],
)
def test_what_does_not_fit_is_said(weights, message):
    with pytest.raises(ValueError, match=message):
        align_decisions(weights, PANEL)


def test_a_decision_must_lead_to_a_trade():
    for last, message in ((1.0, "decides only in the last row"), (NAN, "decides nothing")):
        weights = np.full((4, 2), NAN)
        weights[-1] = last
        with pytest.raises(ValueError, match=message):
            check_decided(align_decisions(weights, PANEL))


def test_a_strategy_is_no_table():
    with pytest.raises(TypeError, match=r"found a strategy, BuyAndHold\. walk_forward\(strategy"):
        align_decisions(BuyAndHold(), PANEL)
    named = pd.DataFrame({"weights": np.ones(4)}, DATES)
    panel = as_prices(named)
    np.testing.assert_array_equal(align_decisions(named, panel).targets, named)
