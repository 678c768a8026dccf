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
    BayesianPairsTrading,
    BayesianRegimeSwitching,
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


@pytest.mark.slow
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


@pytest.mark.slow
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
@pytest.mark.slow
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


WALKS = st.floats(-3.0, 3.0)


@st.composite
def price_matrices(draw):
    """Walks at any level, with ties, jumps, gaps, and columns that are nearly the same."""
    rows, columns = draw(st.integers(0, 45)), draw(st.integers(1, 3))
    kinds = [WALKS, WALKS, TIES, WALKS | TIES | st.sampled_from([0.0, 1e-7, 500.0]), BROKEN]
    kind = draw(st.sampled_from(kinds))
    steps = draw(hnp.arrays(np.float64, (rows, columns), elements=kind))
    prices = (100.0 + np.cumsum(steps, axis=0)) * draw(st.sampled_from([1e-8, 1.0, 1e8]))
    if draw(st.booleans()):
        prices[:, 1:] = prices[:, :1] * (1.0 + draw(st.sampled_from([0.0, 1e-13, 1e-9, 1e-4])))
        with np.errstate(invalid="ignore"):  # Infinity times zero.
            prices[:, 1:] += draw(st.sampled_from([0.0, 1e-9, 1e-3])) * steps[:, 1:]
    if draw(st.booleans()):
        prices[draw(st.lists(st.integers(0, 44), max_size=4)) if rows > 44 else [], 0] = np.nan
    return prices


@given(
    price_matrices(),
    st.integers(-1, 44),
    st.sampled_from([("rolling", "iid"), ("rolling", "ar1"), ("state-space", "iid")]),
    st.booleans(),
    st.data(),
)
@settings(max_examples=250)
@pytest.mark.slow
def test_pairs(X, window, kind, log_prices, data):
    method, errors = kind
    y = data.draw(
        st.sampled_from([X[:, 0], 3.0 + 2.0 * X.sum(axis=1)])
        | hnp.arrays(np.float64, len(X), elements=st.floats(1.0, 200.0))
    )
    model = BayesianPairsTrading(method, errors=errors, log_prices=log_prices)
    table = valid_or_clear(lambda: model.fit_dynamic_hedge(y, X, window, samples=20, chains=1))
    if table is None:
        return
    assert model.fitted_by != "rolling least squares"
    complete = np.flatnonzero(np.isfinite(y) & np.isfinite(X).all(axis=1))
    known = table.iloc[complete[window:]]
    assert np.isfinite(known).all().all()
    assert (known.filter(like="_std") > 0).all().all()
    assert (known["forecast_sd"] > 0).all()
    assert np.isfinite(model.next_hedge).all()
    signals = valid_or_clear(lambda: model.generate_signals(zscore_window=5))
    assert set(signals) <= {-1, 0, 1}
    reversion = valid_or_clear(lambda: model.mean_reversion)
    if reversion is not None:
        assert 0.0 <= reversion.prob_mean_reverting <= 1.0
        assert 0.0 < reversion.hdi_low <= reversion.half_life <= reversion.hdi_high < np.inf
    if model.has_stability:
        assert np.isfinite(model.hedge_stability()).all().all()
    if method == "state-space":
        assert np.isfinite(model.posterior.flat("hedge_ratio")).all()
        assert np.isfinite(model.hedge_path().iloc[complete]).all().all()


@given(arrays(st.integers(0, 60)), st.integers(0, 20), st.floats(-1, 4), st.floats(-1, 4))
@settings(max_examples=150)
def test_signals(spread, window, entry, leave):
    signals = valid_or_clear(
        lambda: BayesianPairsTrading().generate_signals(spread, entry, leave, zscore_window=window)
    )
    if signals is not None:
        assert len(signals) == len(spread)
        assert set(signals) <= {-1, 0, 1}
        assert not signals[np.isnan(spread)].any()


@given(arrays(st.integers(20, 60)), st.sampled_from(["normal", "student", "asymmetric"]))
@settings(max_examples=25, deadline=None)
def test_regime_switching(returns, law):
    model = valid_or_clear(
        lambda: BayesianRegimeSwitching(2, law).fit(
            returns, 60, chains=2, cores=1, random_seed=1, missing="skip"
        )
    )
    if model is not None:
        assert np.isfinite(
            model.summary()["mean"].drop(
                [name for name in model.summary().index if name.startswith("expected")]
            )
        ).all()
        probabilities = model.regime_probabilities("smoothed").to_numpy()
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
        assert np.isfinite(model.predictive().quantile(0.05))
