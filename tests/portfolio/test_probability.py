"""Weights by the probability of being the best."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import strategy_comparison
from puffin.portfolio import Constraints, probability_weights
from tests.portfolio.crafted import sharpes


def test_by_hand():
    four = sharpes([2, 1, 0], [2, 1, 0], [0, 3, 1], [-2, -1, -3])
    for constraints, expected in (
        (None, [0.5, 0.5, 0.0]),
        (Constraints(max_weights=0.45), [0.45, 0.45, 0.1]),
        (Constraints(max_weights={"a": 0.3}), [0.3, 0.7, 0.0]),
        (Constraints(min_weights={"c": 0.2}), [0.4, 0.4, 0.2]),
        (Constraints(total=0.5), [0.25, 0.25, 0.0]),
        (Constraints(total=None), [0.5, 0.25, 0.0]),
        (Constraints(total=None, gross_exposure=0.6), [0.4, 0.2, 0.0]),
    ):
        weights = probability_weights(four, constraints)
        np.testing.assert_allclose(weights, expected, atol=1e-10)
        assert list(weights.index) == ["a", "b", "c"]


def test_what_no_draw_found_best_shares_the_rest():
    weights = probability_weights(sharpes([1, 0, 0]), Constraints(max_weights=0.4))
    np.testing.assert_allclose(weights, [0.4, 0.3, 0.3])


def test_is_the_column_of_the_table(equity_returns):
    comparison = strategy_comparison(
        equity_returns[["KO", "XOM", "AAPL"]].iloc[-500:], 500, random_seed=1
    )
    best = comparison.table.set_index("strategy")["prob_best"]
    pd.testing.assert_series_equal(
        probability_weights(comparison).sort_index(),
        best.sort_index(),
        check_names=False,
        rtol=1e-9,
    )


def test_a_negative_total_is_refused():
    with pytest.raises(ValueError, match=r"total is -0\.5, but weights in proportion"):
        probability_weights(sharpes([1, 0, 0]), Constraints(min_weights=-1, total=-0.5))
