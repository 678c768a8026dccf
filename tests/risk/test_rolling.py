"""Forecasts through time: what they knew, that nothing is lost, and that they are right."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import StochasticVolatilityModel, VolatilityPriors, simulate
from puffin.models.volatility import sampling
from puffin.posterior import ConvergenceWarning
from puffin.risk import forecasts, predictive_return, rolling_forecast, tail_risk

DATES = pd.date_range("2022-01-03", periods=140, freq="B", name="date")
RETURNS = simulate(140, nu=6.0, rho=-0.5, phi=0.95, sigma=0.3, random_seed=1, index=DATES)[
    "returns"
]
NORMAL = StochasticVolatilityModel()
QUICK = {"samples": 100, "chains": 4, "cores": 1, "random_seed": 1}


def roll(returns=RETURNS, model=NORMAL, start=100, refit_every=15, **options):
    return rolling_forecast(returns, model, start=start, refit_every=refit_every, **QUICK | options)


@pytest.fixture(scope="module")
def forecast():
    return roll()


def assert_same(one, other):
    for name in ("table", "value_at_risk", "expected_shortfall"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_tables(forecast):
    for frame in (forecast.table, forecast.value_at_risk, forecast.expected_shortfall):
        pd.testing.assert_index_equal(frame.index, DATES[100:], check_exact=True)
        assert frame.index.name == "date"
    assert forecast.levels == [0.01, 0.05]
    np.testing.assert_array_equal(forecast.table["returned"], RETURNS[100:])
    assert list(np.flatnonzero(forecast.fitted)) == [0, 15, 30]
    assert (forecast.value_at_risk[0.01] > forecast.value_at_risk[0.05]).all()
    assert (forecast.expected_shortfall > forecast.value_at_risk).all().all()
    assert (forecast.table["return_sd"] >= forecast.volatility).all()
    assert ((forecast.pit > 0) & (forecast.pit < 1)).all()
    assert (forecast.table["doubt"] == "").all()
    assert NORMAL._fitted is None


def test_first_forecast_is_that_of_a_fit(forecast):
    """To the returns before it, with a seed of its own."""
    model = StochasticVolatilityModel().fit(
        RETURNS[:100].to_numpy(), 100, random_seed=np.random.SeedSequence(1, spawn_key=(100,))
    )
    row = forecast.table.iloc[0]
    predictive, risk = predictive_return(model), tail_risk(model)
    assert row["volatility"] == model.volatility_forecast
    assert row["return_sd"] == model.return_sd_forecast
    assert row["log_density"] == predictive.log_density(RETURNS.iloc[100])
    assert row["pit"] == predictive.cdf(RETURNS.iloc[100])
    np.testing.assert_array_equal(forecast.value_at_risk.iloc[0], risk.value_at_risk)
    np.testing.assert_allclose(
        forecast.expected_shortfall.iloc[0], risk.expected_shortfall, rtol=1e-12
    )
    # The next one is that of the model with one more return.
    model.update(RETURNS[100:101].to_numpy())
    assert forecast.volatility.iloc[1] == model.volatility_forecast


# What they knew


@functools.cache
def whole(distribution, leverage):
    return roll(RETURNS[:120], StochasticVolatilityModel(distribution, leverage), refit_every=8)


@pytest.mark.slow
@given(
    st.integers(101, 116),
    st.sampled_from([("normal", False), ("student", True)]),
    st.sampled_from(["cut", "wild", "sign"]),
)
@settings(max_examples=5)
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_the_future_changes_nothing(end, kind, future):
    """Bit for bit: cut off, several times as large, or with its sign turned."""
    returns = RETURNS[: end + 1 if future == "cut" else end + 4].copy()
    # The return of the last period itself is scored, and not known before.
    returns.iloc[end + 1 :] *= {"cut": 1.0, "wild": 5.0, "sign": -1.0}[future]
    other = roll(returns, StochasticVolatilityModel(*kind), refit_every=8)
    known = whole(*kind)
    count = end + 1 - 100
    for name in ("table", "value_at_risk", "expected_shortfall"):
        pd.testing.assert_frame_equal(
            getattr(other, name)[:count], getattr(known, name)[:count], check_exact=True
        )


def test_a_return_is_not_known_to_its_own_forecast(forecast):
    returns = RETURNS[:122].copy()
    returns.iloc[120] = 0.5
    other = roll(returns)
    before = ["volatility", "return_sd"]
    pd.testing.assert_frame_equal(
        other.table[before][:21], forecast.table[before][:21], check_exact=True
    )
    pd.testing.assert_frame_equal(
        other.value_at_risk[:21], forecast.value_at_risk[:21], check_exact=True
    )
    assert other.volatility.iloc[21] > 2 * forecast.volatility.iloc[21]


@pytest.mark.slow
def test_seeds(forecast):
    assert_same(roll(), forecast)
    assert_same(roll(cores=2), forecast)
    assert not roll(random_seed=2).table.equals(forecast.table)


def test_units(forecast):
    percent = roll(100.0 * RETURNS)
    np.testing.assert_allclose(percent.volatility, 100.0 * forecast.volatility, rtol=1e-4)
    np.testing.assert_allclose(percent.value_at_risk, 100.0 * forecast.value_at_risk, rtol=1e-4)
    shift = percent.log_density - forecast.log_density
    np.testing.assert_allclose(shift, -np.log(100.0), atol=1e-4)


# Nothing is lost


@pytest.mark.slow
def test_starting_where_another_run_fitted_goes_on_like_it(forecast):
    later = roll(start="2022-06-13")
    assert later.table.index[0] == DATES[115]
    assert_same(forecast.continued(later), forecast)
    earlier = roll(RETURNS[:120])
    assert_same(earlier.continued(later), forecast)
    with pytest.raises(ValueError, match="later must start at one of the periods forecast here"):
        later.continued(forecast)
    with pytest.raises(ValueError, match=r"levels \[0.01, 0.05\]; found \[0.01\]"):
        forecast.continued(roll(RETURNS[:102], levels=0.01))


@pytest.mark.slow
def test_interruption_keeps_what_is_finished(forecast, monkeypatch):
    update, calls = StochasticVolatilityModel.update, []

    def interrupted(self, new_returns):
        calls.append(new_returns)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return update(self, new_returns)

    monkeypatch.setattr(StochasticVolatilityModel, "update", interrupted)
    with pytest.warns(RuntimeWarning, match="Interrupted: 21 of 40") as caught:
        finished = roll()
    assert "take start='2022-06-13 00:00:00' and the same seed" in str(caught[0].message)
    monkeypatch.undo()
    assert len(finished.table) == 21
    assert_same(finished.continued(roll(start="2022-06-13 00:00:00")), forecast)

    def at_once(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(StochasticVolatilityModel, "fit", at_once)
    with pytest.raises(KeyboardInterrupt):
        roll()


def test_one_by_one(forecast):
    rows = forecasts(RETURNS, NORMAL, start=100, refit_every=15, **QUICK)
    first, second = next(rows), next(rows)
    assert (first.label, second.label) == tuple(DATES[100:102])
    assert (first.fitted, second.fitted) == (True, False)
    assert second.log_density == forecast.log_density.iloc[1]
    assert second.value_at_risk == tuple(forecast.value_at_risk.iloc[1])


def test_progress_is_on_the_error_stream(capsys):
    roll(RETURNS[:103], progressbar=True)
    assert capsys.readouterr().out == ""


# Doubts


def test_doubts_are_said_once(monkeypatch):
    def fail(*_, **__):
        raise SamplingError("no luck")

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)
    with pytest.warns(
        ConvergenceWarning, match="In 3 of 3 periods .* 2022-05-23: .*no luck"
    ) as caught:
        result = roll(RETURNS[:103], refit_every=1)
    assert len(caught) == 1
    assert result.table["doubt"].str.contains("no luck").all()
    assert np.isfinite(result.value_at_risk).all().all()


def test_expected_shortfall_that_does_not_exist():
    wide = StochasticVolatilityModel(priors=VolatilityPriors(sigma_sd=3.0))
    result = roll(RETURNS[:103], wide)
    assert result.expected_shortfall.isna().all().all()
    assert (result.value_at_risk > 0).all().all()


# Right ones


@pytest.mark.slow
def test_forecasts_of_a_known_truth():
    """Of 300 simulated returns: the volatility that there was, uniform PITs, and no violation more.

    The alarms of all tests together: 1e-4.
    """
    truth = simulate(800, nu=8.0, rho=-0.5, phi=0.97, sigma=0.2, random_seed=2)
    result = rolling_forecast(
        truth["returns"], start=500, refit_every=None, samples=250, random_seed=1
    )
    assert stats.kstest(result.pit, "uniform").pvalue > 1e-5
    assert result.tests()["p_value"].min() > 1e-5 / 2
    ratio = np.log(result.volatility / truth["volatility"][500:])
    assert abs(ratio.mean()) < 0.15
    assert ratio.std() < 0.5
    # Better than the past as a whole.
    static = stats.norm(truth["returns"][:500].mean(), truth["returns"][:500].std())
    assert result.log_density.mean() > static.logpdf(truth["returns"][500:]).mean()


def test_results_of_tests(forecast):
    table = forecast.tests()
    assert table.index.names == ["level", "test"]
    assert list(table.index.get_level_values(0).unique()) == [0.01, 0.05]
    assert len(table) == 10
    assert ((table["p_value"] >= 0) & (table["p_value"] <= 1)).all()
    hits = forecast.violations(0.05)
    assert hits.equals(RETURNS[100:] < -forecast.value_at_risk[0.05])
    with pytest.raises(ValueError, match=r"level must be one of \[0.01, 0.05\]; found 0.1"):
        forecast.violations(0.1)


# Input


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"start": 3}, ValueError, "start must leave at least 5 returns to fit before it; found 3"),
        ({"start": 140}, ValueError, "a position in the 140 returns, from 0 to 139; found 140"),
        ({"start": "2021-01-01"}, ValueError, "within the dates of the returns, 2022-01-03 to"),
        ({"start": "2099-01-01"}, ValueError, "found 2099-01-01"),
        ({"start": "soon"}, ValueError, "start must be a position or a date .* found 'soon'"),
        ({"start": None}, ValueError, "start must be"),
        ({"refit_every": 0}, ValueError, "refit_every must be a whole number of at least 1"),
        ({"levels": 0.95}, ValueError, "A confidence of 0.95 is a level of 0.05"),
        ({"model": 3}, TypeError, "by methods .* as a StochasticVolatilityModel does; found int"),
        ({"samples": 0}, ValueError, "samples must be a whole number of at least 1"),
        ({"random_seed": "x"}, ValueError, "random_seed must be None"),
        ({"returns": RETURNS.to_numpy(), "start": "2022-01-05"}, TypeError, "have no dates"),
        ({"returns": RETURNS.where(RETURNS > 0)}, ValueError, "NaN values, first at row"),
    ],
)
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        roll(**options)


def test_undated_and_zoned():
    values = RETURNS.to_numpy()
    plain = roll(values[:103])
    assert list(plain.table.index) == [100, 101, 102]
    zoned = roll(RETURNS[:103].tz_localize("Europe/Oslo"), start="2022-05-23")
    assert str(zoned.table.index.tz) == "Europe/Oslo"
    np.testing.assert_array_equal(zoned.volatility, plain.volatility)


def test_polars():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"day": DATES[:103].to_numpy(), "r": RETURNS[:103].to_numpy()})
    result = roll(frame, date="day", start="2022-05-23")
    assert list(result.table.index) == list(DATES[100:103])


@pytest.mark.slow
@given(
    st.lists(st.floats(-0.2, 0.2) | st.sampled_from([0.0, 1e-300, 1e6, np.nan]), max_size=12),
    st.integers(0, 12),
    st.sampled_from([None, 1, 2]),
)
@settings(max_examples=25)
def test_whatever_the_returns(returns, start, refit_every):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            result = rolling_forecast(
                returns, NORMAL, start=start, refit_every=refit_every, samples=30, chains=2,
                cores=1, random_seed=1,
            )  # fmt: skip
    except (TypeError, ValueError) as error:
        assert len(str(error)) > 10
    else:
        assert np.isfinite(result.value_at_risk).all().all()
        assert result.pit.between(0, 1).all()
        assert (result.volatility > 0).all()
