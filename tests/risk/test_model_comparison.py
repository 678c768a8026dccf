"""Models side by side: what each says alone, in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    StochasticVolatilityModel,
    simulate,
)
from puffin.risk import rolling_forecast
from puffin.risk.model_comparison import _held_out

DATES = pd.bdate_range("2021-01-04", periods=130)
QUICK = {"samples": 150, "random_seed": 1}
HELD_OUT, REFIT_EVERY = 25, 15


def returns():
    found = simulate(130, phi=0.95, sigma=0.3, nu=4.0, random_seed=5, index=DATES)
    return found["returns"].rename("fund")


def models():
    return {name: StochasticVolatilityModel(name) for name in ("normal", "student")}


@pytest.fixture(scope="module")
def comparison():
    return pf.compare_volatility_models(
        returns(), models(), held_out=HELD_OUT, refit_every=REFIT_EVERY, **QUICK
    )


@pytest.mark.slow
def test_evidence_is_that_of_each_fit_to_all_returns(comparison):
    for name, model in models().items():
        alone = model.fit(returns(), 150, random_seed=1).log_marginal_likelihood
        row = comparison.table.loc[name]
        assert (row["log_evidence"], row["evidence_error"]) == alone
    pd.testing.assert_series_equal(
        comparison.table["probability"].drop("average"),
        comparison.averaged.weights.rename("probability"),
        check_like=True,
    )
    assert comparison.averaged.models["student"].fitted.series.values.size == 130


@pytest.mark.slow
def test_forecasts_are_those_of_each_alone(comparison):
    """Models do not know of each other; the average has its weights from each one's past."""
    alone = {**models(), "average": AveragedVolatilityModel(models())}
    assert list(comparison.forecasts) == list(alone)
    for name, model in alone.items():
        expected = rolling_forecast(
            returns(), model, start=130 - HELD_OUT, refit_every=REFIT_EVERY, **QUICK
        )
        found = comparison.forecasts[name]
        columns = ["returned", "volatility", "log_density", "pit", "fitted"]
        pd.testing.assert_frame_equal(found.table[columns], expected.table[columns])
        pd.testing.assert_frame_equal(found.value_at_risk, expected.value_at_risk)
        pd.testing.assert_frame_equal(found.expected_shortfall, expected.expected_shortfall)


def test_the_average_is_never_worse_than_the_worst(comparison):
    scores = {name: one.log_density for name, one in comparison.forecasts.items()}
    table = pd.DataFrame(scores)
    worst = table[["normal", "student"]].min(axis=1)
    best = table[["normal", "student"]].max(axis=1)
    assert (worst - 1e-9 <= table["average"]).all()
    assert (table["average"] <= best + 1e-9).all()


@pytest.mark.slow
def test_order_of_models_changes_nothing(comparison):
    reverse = dict(reversed(models().items()))
    other = pf.compare_volatility_models(
        returns(), reverse, held_out=HELD_OUT, refit_every=REFIT_EVERY, **QUICK
    )
    pd.testing.assert_frame_equal(other.table, comparison.table, rtol=1e-9)
    assert other.best == comparison.best
    assert other.notes == comparison.notes


@pytest.mark.slow
def test_arrays_and_frames_are_compared_like_series(comparison):
    found = pf.compare_volatility_models(
        returns().to_numpy(), models(), held_out=HELD_OUT, refit_every=REFIT_EVERY, **QUICK
    )
    pd.testing.assert_frame_equal(found.table, comparison.table)
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"day": DATES.to_numpy(), "fund": returns().to_numpy()})
    found = pf.compare_volatility_models(frame, models(), held_out=0, date="day", **QUICK)
    assert found.averaged.models["normal"].fitted.series.index.equals(DATES)


def test_without_periods_held_out_there_is_the_evidence(comparison):
    found = pf.compare_volatility_models(returns(), models(), held_out=0, **QUICK)
    assert list(found.table) == ["log_evidence", "evidence_error", "probability"]
    assert sorted(found.table.index) == ["normal", "student"]
    assert (found.held_out, found.levels, found.forecasts) == (0, [], {})
    expected = comparison.table.drop("average")[list(found.table)]
    pd.testing.assert_frame_equal(found.table, expected)


@pytest.mark.parametrize(
    ("asked", "n_times", "count"),
    [
        (None, 5000, 252),
        (None, 100, 25),
        (None, 79, 0),
        (0, 5000, 0),
        (20, 60, 20),
        (700, 900, 700),
    ],
)
def test_how_many_periods_are_held_out(asked, n_times, count):
    assert _held_out(asked, n_times) == count


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"held_out": 19}, ValueError, "held_out must be 0 or at least 20, .* found 19"),
        ({"held_out": -1}, ValueError, "held_out must be a whole number of at least 0"),
        ({"held_out": 126}, ValueError, "start must leave at least 5 returns"),
        ({"models": []}, ValueError, "models is empty"),
        ({"models": [1]}, TypeError, "number 1 is int"),
        ({"models": {"average": StochasticVolatilityModel()}}, ValueError, "name of their average"),
        ({"levels": (0.7,), "held_out": 30}, ValueError, "levels"),
        ({"samples": 0}, ValueError, "samples"),
        ({"random_seed": -1}, ValueError, "random_seed"),
    ],
)
def test_bad_arguments(options, error, message):
    with pytest.raises(error, match=message):
        pf.compare_volatility_models(returns(), **{"models": models(), **options})
    with pytest.raises(ValueError, match="returns has 1 NaN"):
        pf.compare_volatility_models([*returns()[:50], np.nan])
