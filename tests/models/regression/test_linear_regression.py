"""Properties that a regression must have."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from puffin.inference.failure import SamplingError
from puffin.models.bayesian import BayesianLinearRegression
from puffin.models.regression import linear_regression as regression
from puffin.posterior import FallbackWarning
from tests.models.regression.market import LIKELIHOODS, fitted


@LIKELIHOODS
@pytest.mark.parametrize(
    "design",
    {
        "more features than observations": np.random.default_rng(2).normal(size=(8, 20)),
        "collinear": np.arange(40.0)[:, None] @ [[1.0, 2.0, -1.0]],
        "constant": np.column_stack([np.ones(30), np.random.default_rng(3).normal(size=30)]),
        "huge and tiny": np.random.default_rng(4).normal(size=(30, 2)) * [1e9, 1e-9] + [1e12, 0],
    }.items(),
    ids=lambda item: item[0],
)
def test_awkward_designs_have_a_posterior(likelihood, design):
    _, X = design
    y = np.random.default_rng(5).normal(size=len(X))
    model = fitted(X, y, likelihood)
    values = pd.DataFrame(model.summary()).to_numpy()
    assert np.isfinite(values).all()
    mean, (lower, upper) = model.predict(X, kind="outcome")
    assert np.isfinite([mean, lower, upper]).all()


@LIKELIHOODS
def test_exact_fit_is_found(likelihood):
    X = np.random.default_rng(6).normal(size=(50, 2))
    model = fitted(X, 2 * X[:, 0] + 1, likelihood)
    mean, _ = model.predict([[1.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(mean, [3.0, 1.0], atol=1e-3)


def test_outliers_move_student_errors_less(data):
    X, y = data
    spoiled = y.copy()
    spoiled[:3] += 30
    truth = 1.0
    off = {
        kind: abs(fitted(X, spoiled, kind).summary()["x0"]["mean"] - truth)
        for kind in ("normal", "student")
    }
    assert off["student"] < 0.25 < off["normal"] or off["student"] < off["normal"] / 2


@LIKELIHOODS
def test_outcome_intervals_cover(likelihood):
    stream = np.random.default_rng(7)
    X = stream.normal(size=(2000, 1))
    noise = stream.standard_t(4, 2000) if likelihood == "student" else stream.normal(size=2000)
    model = fitted(X[:1000], X[:1000, 0] + noise[:1000], likelihood)
    _, (lower, upper) = model.predict(X[1000:], hdi_prob=0.9, kind="outcome")
    y = X[1000:, 0] + noise[1000:]
    # Binomial(1000, 0.9) and a little parameter error: 5.5 standard deviations.
    assert abs(np.mean((lower < y) & (y < upper)) - 0.9) < 5.5 * np.sqrt(0.09 / 1000)


def test_predictions_repeat_themselves(data):
    model = fitted(*data)
    first, second = (model.predict(data[0], kind="outcome")[1][0] for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_many_predictions_are_those_of_few(data, monkeypatch):
    model = fitted(*data)
    whole = model.predict(data[0])
    monkeypatch.setattr(regression, "_PREDICTIONS_AT_ONCE", 7 * 2000)
    parts = model.predict(data[0])
    np.testing.assert_allclose(whole[0], parts[0])
    np.testing.assert_allclose(whole[1], parts[1])


@LIKELIHOODS
def test_seed_gives_draws_on_any_number_of_cores(data, likelihood):
    one, many = (fitted(*data, likelihood, cores=cores) for cores in (1, 4))
    for name, draws in one.posterior.variables.items():
        np.testing.assert_array_equal(draws, many.posterior.variables[name])


def test_fallback_is_least_squares_and_says_so(data, monkeypatch):
    import statsmodels.api as sm

    def fail(*_):
        raise SamplingError("injected")

    monkeypatch.setattr(regression.linear_regression, "sample_linear_regression", fail)
    X, y = data
    with pytest.warns(FallbackWarning, match=r"injected.*ordinary least squares"):
        model = BayesianLinearRegression().fit(X, y, samples=20_000, random_seed=1)
    assert model.method == "ordinary least squares"
    theirs = sm.OLS(y, sm.add_constant(X)).fit()
    for i, name in enumerate(["alpha", "x0", "x1", "x2"]):
        summary = model.summary(hdi_prob=0.95)[name]
        low, high = theirs.conf_int(0.05)[i]
        assert summary["mean"] == pytest.approx(theirs.params[i], abs=0.02 * (high - low))
        assert summary["hdi_low"] == pytest.approx(low, abs=0.03 * (high - low))
        assert summary["hdi_high"] == pytest.approx(high, abs=0.03 * (high - low))


def test_no_fallback_without_degrees_of_freedom(monkeypatch):
    def fail(*_):
        raise SamplingError("injected")

    monkeypatch.setattr(regression.linear_regression, "sample_linear_regression", fail)
    with pytest.raises(SamplingError, match="injected"):
        BayesianLinearRegression().fit(np.eye(3), np.arange(3.0))


def test_bad_input_does_not_fall_back(data):
    X, y = data
    with pytest.raises(ValueError, match="y has 119 rows and X has 120"):
        BayesianLinearRegression().fit(X, y[1:])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((3, 2, 1)), np.arange(3.0), "one or two dimensions; found shape"),
        (np.empty((0, 2)), [], "X has no rows"),
        (np.empty((5, 0)), np.arange(5.0), "X has no columns"),
        ([[1.0], [np.nan]], [1.0, 2.0], "X has 1 NaN value, first at row 1"),
        ([[1.0], [2.0]], [1.0, np.inf], "y has 1 infinite value, first at row 1"),
        (pd.DataFrame({"alpha": [1.0, 2.0]}), [1.0, 2.0], "column named 'alpha'"),
        (pd.DataFrame([[1.0, 2.0]] * 2, columns=["a", "a"]), [1.0, 2.0], "more than one column"),
        ([["a"], ["b"]], [1.0, 2.0], "X must hold numbers"),
        ([[True], [False]], [1.0, 2.0], "X must hold numbers; found dtype bool"),
        (
            pd.Series([1.0, 2.0], index=[0, 1], name="x"),
            pd.Series([1.0, 2.0], index=[1, 2]),
            "different indexes",
        ),
    ],
)
def test_bad_input_is_named(X, y, message):
    with pytest.raises((ValueError, TypeError), match=message):
        BayesianLinearRegression().fit(X, y)


def test_predict_wants_the_columns_of_the_fit(data):
    X, y = data
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    model = fitted(frame, y)
    with pytest.raises(ValueError, match=r"lacks the columns \['c'\]"):
        model.predict(frame[["a", "b"]])
    with pytest.raises(ValueError, match="must have the 3 columns"):
        model.predict(X[:, :2])
    with pytest.raises(ValueError, match="kind must be one of"):
        model.predict(X, kind="median")


def test_polars_and_one_dimensional_features(data):
    import polars as pl

    X, y = data
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    model = fitted(frame, pl.Series("y", y))
    assert list(model.summary()) == ["alpha", "a", "b", "sigma"]
    line = fitted(X[:, 0], y)
    assert list(line.summary()) == ["alpha", "x0", "sigma"]
    assert line.predict([0.5])[0].shape == (1,)


def test_plot_posterior(data):
    model = fitted(*data)
    assert [axes.get_title() for axes in model.plot_posterior("x1").axes] == ["x1"]
    shown = [axes.get_title() for axes in model.plot_posterior().axes if axes.get_visible()]
    assert shown == ["alpha", "x0", "x1", "x2", "sigma"]
    with pytest.raises(ValueError, match="param_name must be one of"):
        model.plot_posterior("beta")


def test_idata_and_pickle(data):
    model = fitted(*data)
    assert model.idata["posterior"]["beta"].dims == ("chain", "draw", "feature")
    copy = pickle.loads(pickle.dumps(model))
    assert copy.summary() == model.summary()


def test_r_hat_of_independent_draws_is_one(data):
    for values in fitted(*data, samples=2000).summary().values():
        assert values["r_hat"] < 1.005
        assert values["ess_bulk"] > 7000
