"""Every public entry point, on whatever it is given: a valid result or a clear error."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from puffin.inference.failure import SamplingError
from puffin.models.bayesian import (
    BayesianLinearRegression,
    bayesian_sharpe,
    strategy_comparison,
)

RETURNS = st.floats(-0.2, 0.2)
TIES = st.integers(-2, 2).map(float)
WILD = st.sampled_from([0.0, 1.0, -1e-12, 1e-300, 1e6, -1e74])
BROKEN = st.sampled_from([0.1, -0.2, 1e200, np.nan, np.inf])


def arrays(shape):
    """Arrays of one kind of number each, so that most are valid and all kinds are met."""
    kinds = [RETURNS, TIES, WILD, RETURNS | TIES | WILD, BROKEN]
    return st.one_of([hnp.arrays(np.float64, shape, elements=kind, fill=kind) for kind in kinds])


QUICK = {"samples": 60, "tune": 200, "chains": 2, "cores": 1, "random_seed": 1}

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "error::RuntimeWarning")


def valid_or_clear(call):
    """Return what `call` returns, or None after an error that names what is wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return call()
    except (ValueError, TypeError, SamplingError) as error:
        assert len(str(error)) > 10
        return None


@given(arrays(st.integers(0, 60)), st.booleans())
@settings(max_examples=150)
def test_sharpe(returns, autoregressive):
    result = valid_or_clear(
        lambda: bayesian_sharpe(
            returns, autocorrelation="ar1" if autoregressive else "ignore", **QUICK
        )
    )
    if result is not None:
        assert np.isfinite(result.draws).all()
        assert all(np.isfinite(v) for v in result.values() if isinstance(v, float))
        assert 0 <= result["prob_positive"] <= 1
        assert result["hdi_low"] <= result["hdi_high"]


@given(
    st.dictionaries(
        st.text(max_size=4),
        arrays(st.sampled_from([5, 40, 41])),
        max_size=4,
    ),
    st.booleans(),
    st.sampled_from(["raise", "drop"]),
)
@settings(max_examples=100)
def test_comparison(returns, pool, invalid):
    result = valid_or_clear(
        lambda: strategy_comparison(returns, pool=pool, invalid=invalid, **QUICK)
    )
    if result is not None:
        assert np.isfinite(result.draws).all()
        assert result.table["prob_best"].sum() == pytest.approx(1.0)


@given(
    arrays(st.tuples(st.integers(0, 30), st.integers(0, 5))),
    st.integers(0, 30),
    st.sampled_from(["normal", "student"]),
    st.data(),
)
@settings(max_examples=150)
def test_regression(X, rows, likelihood, data):
    rows = data.draw(st.sampled_from([X.shape[0], rows]))
    y = data.draw(arrays(rows))
    model = valid_or_clear(
        lambda: BayesianLinearRegression(likelihood=likelihood).fit(X, y, **QUICK)
    )
    if model is not None:
        for values in model.summary().values():
            assert np.isfinite(list(values.values())).all()
        mean, (lower, upper) = model.predict(X, kind="outcome")
        assert np.isfinite([mean, lower, upper]).all()
        assert np.all(lower <= upper)
