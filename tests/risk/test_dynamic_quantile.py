"""The dynamic quantile test, against a regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.risk import (
    dynamic_quantile_test,
)


def test_dynamic_quantile_is_a_regression():
    """b' X'X b / p (1 - p) with the least-squares coefficients b."""
    stream = np.random.default_rng(1)
    returns, at_risk = stream.normal(size=400), 1.0 + 0.5 * stream.random(400)
    result = dynamic_quantile_test(returns, at_risk, 0.1, lags=2)
    hits = (returns < -at_risk) - 0.1
    X = np.column_stack([np.ones(398), hits[1:-1], hits[:-2], at_risk[2:]])
    b = np.linalg.lstsq(X, hits[2:])[0]
    assert result.statistic == pytest.approx(b @ X.T @ X @ b / 0.09)
    assert result.facts["degrees_of_freedom"] == 4
    assert result.asymptotic_p_value == pytest.approx(stats.chi2.sf(result.statistic, 4))
    assert abs(result.p_value - result.asymptotic_p_value) < 0.1
    constant = dynamic_quantile_test(returns, np.ones(400), 0.1, lags=2)
    assert constant.facts["degrees_of_freedom"] == 3
    never = dynamic_quantile_test(returns, np.full(400, 99.0), 0.1)
    assert never.facts["degrees_of_freedom"] == 1
    assert never.statistic == pytest.approx(396 * 0.1 / 0.9)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1e3, 1e3)), min_size=7, max_size=30),
    st.floats(0.01, 0.4),
)
@settings(max_examples=30)
def test_whatever_the_value_at_risk(rows, level):
    returns, at_risk = zip(*rows, strict=True)
    result = dynamic_quantile_test(returns, at_risk, level, lags=2)
    assert 0.0 < result.p_value <= 1.0
    assert np.isfinite(result.statistic)
