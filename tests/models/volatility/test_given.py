"""Models that have regressors and measures at hand, for whoever has returns alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
)
from puffin.models.volatility.given import NOTHING_GIVEN
from tests.models.volatility.test_realized import DATES, EXPLAINING, MEASURES, RETURNS, N

FUTURE = EXPLAINING
KNOWN = RETURNS[:N]


def given(model, **tables):
    return model.given(**{**FUTURE, **tables})


@pytest.fixture(scope="module")
def model():
    return StochasticVolatilityModel().fit(KNOWN, 400, random_seed=1, **FUTURE)


def test_nothing_is_given_unless_asked():
    assert StochasticVolatilityModel()._given is NOTHING_GIVEN
    assert NOTHING_GIVEN.regressors(1, None) == (1, None)


def test_what_comes_next_is_of_the_tables(model):
    """Risk, positions and forecasts are those of the values that are asked for otherwise."""
    ready, predictive = given(model), model.predictive(2, **FUTURE)
    risk = pf.risk.tail_risk(ready, horizon=2)
    np.testing.assert_allclose(
        risk.value_at_risk, [-predictive.quantile(0.01), -predictive.quantile(0.05)]
    )
    volatility = model.forecast(**FUTURE).volatility_draws.mean()
    assert ready.volatility_forecast == pytest.approx(volatility)
    assert ready.return_sd_forecast == model.predictive(**FUTURE).standard_deviation
    assert pf.risk.volatility_target(ready, 0.1).weight > 0.0
    assert ready.log_predictive_density(0.01) == model.log_predictive_density(0.01, **FUTURE)
    other = {**FUTURE, "variance_regressors": FUTURE["variance_regressors"] + 10.0}
    np.testing.assert_array_equal(
        ready.forecast(variance_regressors=other["variance_regressors"]).return_draws,
        model.forecast(**other).return_draws,
    )
    with pytest.raises(ValueError, match=r"model\.given\(mean_regressors"):
        model.predictive()


def test_fits_and_updates_take_from_the_tables(model):
    ready = given(StochasticVolatilityModel()).fit(KNOWN, 400, random_seed=1)
    np.testing.assert_array_equal(ready.fitted.states, model.fitted.states)
    ready.update(RETURNS[N : N + 1])
    assert ready.fitted.regressors.names == "Monday, wave"
    again = ready.unfitted().fit(KNOWN, 400, random_seed=1)
    np.testing.assert_array_equal(again.fitted.states, model.fitted.states)
    with pytest.raises(ValueError, match=r"given\(variance_regressors=\.\.\.\)"):
        model.given(mean_regressors=FUTURE["mean_regressors"]).unfitted()


def test_forecasts_through_time_know_the_past_alone():
    """Each is that of a fit to what was before; what tables say of later changes nothing."""
    options = {"start": N - 3, "refit_every": 2, "samples": 200, "random_seed": 1}
    template = given(StochasticVolatilityModel("student"))
    forecast = pf.risk.rolling_forecast(KNOWN, template, **options)
    later = FUTURE["variance_regressors"].copy()
    later.iloc[N - 2 :] *= 3.0
    other = given(template, variance_regressors=later)
    changed = pf.risk.rolling_forecast(KNOWN, other, **options)
    scores = forecast.table["log_density"]
    assert scores.iloc[0] == changed.table["log_density"].iloc[0]
    assert scores.iloc[1] != changed.table["log_density"].iloc[1]
    seed = np.random.SeedSequence(1, spawn_key=(N - 3,))
    alone = template.unfitted().fit(RETURNS[: N - 3], 200, random_seed=seed)
    assert alone.log_predictive_density(KNOWN.iloc[-3]) == pytest.approx(scores.iloc[0], abs=1e-9)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_comparison_of_models_with_and_without():
    models = {
        "plain": StochasticVolatilityModel(),
        "explained": given(StochasticVolatilityModel()),
    }
    found = pf.compare_volatility_models(
        KNOWN, models, held_out=20, refit_every=None, samples=200, random_seed=1
    )
    assert list(found.forecasts) == ["plain", "explained", "average"]
    evidence = given(StochasticVolatilityModel()).fit(KNOWN, 200, random_seed=1)
    found_evidence = found.table.loc["explained", "log_evidence"]
    assert found_evidence == evidence.log_marginal_likelihood.value
    assert found.averaged.predictive().quantile(0.01) < 0.0


@pytest.mark.slow
def test_an_average_of_measured_models(tmp_path):
    """Fitted, updated, kept in a file and read again, with the same measures for all."""
    tables = {"measures": MEASURES[["rv"]]}
    models = {"normal": RealizedVolatilityBayes(), "student": RealizedVolatilityBayes("student")}
    average = AveragedVolatilityModel(models).given(**tables)
    average.fit(KNOWN, 400, random_seed=1)
    alone = RealizedVolatilityBayes("student").fit(KNOWN, 400, random_seed=1, **tables)
    assert average.evidence.loc["student", "log_evidence"] == alone.log_marginal_likelihood.value
    average.save(tmp_path / "average.npz")
    read = AveragedVolatilityModel.load(tmp_path / "average.npz").given(**tables)
    for one in (average, read):
        one.update(RETURNS[N : N + 2])
        assert np.isfinite(one.models["student"].fitted.measures.values[-2:]).all()
    assert read.predictive().quantile(0.01) == average.predictive().quantile(0.01)
    known = read.weights
    read.models["student"] = read.models["student"].given()
    with pytest.raises(ValueError, match=r"'student'\] is fitted with other measures"):
        read.update(RETURNS[N + 2 : N + 3])
    pd.testing.assert_series_equal(read.weights, known)
    other = RealizedVolatilityBayes().given(measures=MEASURES[["VIX^2"]])
    with pytest.raises(ValueError, match="with other measures"):
        AveragedVolatilityModel({**average.models, "other": other}).fit(KNOWN, 100, random_seed=1)


def test_an_average_with_regressors_is_read_again(model, tmp_path):
    average = AveragedVolatilityModel.of_fitted({"explained": model})
    average.save(tmp_path / "average.npz")
    read = AveragedVolatilityModel.load(tmp_path / "average.npz")
    with pytest.raises(ValueError, match="regressors are missing"):
        read.predictive()
    value = read.given(**FUTURE).predictive().quantile(0.05)
    assert value == pytest.approx(model.predictive(**FUTURE).quantile(0.05))


def test_dates_say_which_row(model):
    """Tables without dates are of the next periods alone."""
    rows = {name: table.iloc[N : N + 1].to_numpy(float) for name, table in FUTURE.items()}
    next_one = given(model, **rows).predictive().quantile(0.05)
    assert next_one == given(model).predictive().quantile(0.05)
    with pytest.raises(ValueError, match="1 rows; horizon=2 needs 2"):
        given(model, **rows).predictive(2)
    assert isinstance(DATES, pd.DatetimeIndex)
