from __future__ import annotations

import copy

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models import bayesian
from puffin.models.regimes import (
    BayesianRegimeSwitching,
    RegimePriors,
    UnsupportedRegimesWarning,
)
from puffin.models.volatility.observed import NotObservedWarning
from tests.inference.regimes.problems import simulate
from tests.models.regimes.fitting import fitted, returns

FAST = {"samples": 1000, "chains": 2, "cores": 1, "random_seed": 3}


def test_public_names():
    assert pf.BayesianRegimeSwitching is bayesian.BayesianRegimeSwitching


def test_nothing_is_there_before_a_fit():
    model = BayesianRegimeSwitching(3, "student")
    assert repr(model).startswith("BayesianRegimeSwitching(n_regimes=3, distribution='student'")
    with pytest.raises(pf.NotFittedError, match="call fit first"):
        model.summary()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_regimes": 0}, "n_regimes"),
        ({"n_regimes": 7}, "at most 6; found 7"),
        ({"distribution": "cauchy"}, "distribution must be one of"),
        ({"shape": "both"}, "shape"),
        ({"engine": "stan"}, "engine"),
    ],
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        BayesianRegimeSwitching(**arguments)


def test_too_few_returns_are_refused():
    with pytest.raises(ValueError, match="at least 20"):
        BayesianRegimeSwitching(2, "normal").fit(returns()[:19])


@pytest.mark.parametrize(
    ("argument", "value"), [("stay", 0.0), ("sd_spread", 9.0), ("scale", "returns")]
)
def test_priors_are_checked(argument, value):
    with pytest.raises((ValueError, TypeError), match=argument):
        RegimePriors(**{argument: value})


def test_the_unit_does_not_matter():
    """Returns a hundred times as large: the same probabilities, parameters a hundred times."""
    ours = fitted()
    larger = BayesianRegimeSwitching(2, "normal").fit(100 * returns()[:400], **FAST)
    np.testing.assert_allclose(
        larger.regime_probabilities(), ours.regime_probabilities(), atol=1e-6
    )
    scale = {"mean": 100, "sd": 100, "transition": 1}
    for name, factor in scale.items():
        np.testing.assert_allclose(
            larger.posterior.variables[name], factor * ours.posterior.variables[name], rtol=1e-6
        )
    difference = ours.log_marginal_likelihood.value - larger.log_marginal_likelihood.value
    assert difference == pytest.approx(400 * np.log(100), abs=1e-3)


def test_the_seed_gives_the_draws():
    again = BayesianRegimeSwitching(2, "normal").fit(returns()[:400], **FAST)
    for name, values in fitted().posterior.variables.items():
        np.testing.assert_array_equal(again.posterior.variables[name], values)


def test_missing_returns_say_nothing():
    """Two models that differ in a return that is missing are the same one."""
    some = returns()[:100].copy()
    some.iloc[[0, 50, 99]] = np.nan
    with pytest.raises(ValueError, match="missing"):
        BayesianRegimeSwitching(2, "normal").fit(some, **FAST)
    model = BayesianRegimeSwitching(2, "normal").fit(some, missing="skip", **FAST)
    predicted, filtered = (model.regime_probabilities(kind) for kind in ("predicted", "filtered"))
    np.testing.assert_allclose(predicted.iloc[50], filtered.iloc[50], rtol=1e-9)


def test_arrays_and_frames_are_taken():
    series = returns()[:400]
    by_array = BayesianRegimeSwitching(2, "normal").fit(series.to_numpy(), **FAST)
    np.testing.assert_array_equal(
        by_array.regime_probabilities().to_numpy(), fitted().regime_probabilities().to_numpy()
    )
    assert by_array.regime_probabilities().index.equals(pd.RangeIndex(400))


@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_more_regimes_than_there_are_is_said():
    values = 0.01 * np.random.default_rng(1).standard_normal(60)
    with pytest.warns(UnsupportedRegimesWarning, match="regimes at all"):
        model = BayesianRegimeSwitching(2, "normal").fit(values, **FAST)
    assert model.doubts
    assert model.doubts[0] in repr(model)
    assert "Fewer regimes may do: try n_regimes=1." in model.doubts


def test_two_regimes_are_not_doubted():
    assert fitted().doubts == ()
    assert "regime 1 of 2" in repr(fitted()) or "regime 2 of 2" in repr(fitted())


def test_one_regime_is_the_law_alone():
    model = BayesianRegimeSwitching(1, "normal").fit(returns()[:100], **FAST)
    assert (model.regime_probabilities() == 1.0).all(axis=None)
    assert "transition[1,1]" not in model.summary().index
    y = returns()[:100].to_numpy()
    assert model.summary().loc["sd[1]", "mean"] == pytest.approx(y.std(), rel=0.03)


@pytest.mark.parametrize("shape", ["shared", "own"])
@pytest.mark.filterwarnings("ignore::puffin.models.regimes.UnsupportedRegimesWarning")
def test_a_shape_for_each_regime_or_for_all(shape):
    model = BayesianRegimeSwitching(2, "student", shape).fit(returns()[:200], **FAST)
    assert ("nu[1]" in model.summary().index) == (shape == "own")
    assert (model.posterior.variables["nu"] > 2.0).all()


def test_zeros_of_days_without_a_trade_do_not_count():
    stream = np.random.default_rng(5)
    values = 0.01 * simulate(stream, 300)[0]
    idle = stream.random(300) < 0.3
    with pytest.warns(NotObservedWarning, match="exactly zero"):
        model = BayesianRegimeSwitching(2, "normal").fit(np.where(idle, 0.0, values), **FAST)
    assert model.posterior.variables["sd"][..., 0].mean() > 0.004


def test_copies_do_not_share_their_fit():
    model = copy.copy(fitted())
    model.update(returns()[400:405])
    assert len(fitted().regime_probabilities()) == 400
    assert fitted().unfitted()._fitted is None
