"""Returns and realised measures together.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models.stochastic_vol import (
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
    VolatilityPriors,
    simulate,
)
from puffin.models.volatility import updating
from puffin.validation import LogMeasures
from tests.agreement import assert_agree
from tests.models.volatility.kinds import FALSE_ALARM

N = 120
DATES = pd.date_range("2021-01-01", periods=N + 4, freq="B", name="date")
DATA = simulate(
    N + 4, mu=-9.0, phi=0.95, sigma=0.3, nu=8.0, rho=-0.5, index=DATES, random_seed=5
)  # fmt: skip
RETURNS = DATA["returns"]
H = 2.0 * np.log(DATA["volatility"])


def measured(seed=1):
    stream = np.random.default_rng(seed)
    found = pd.DataFrame(index=DATES)
    found["rv"] = np.exp(-0.3 + H + 0.4 * stream.normal(size=N + 4))
    found["VIX^2"] = np.exp(8.0 + 0.6 * H + 0.2 * stream.normal(size=N + 4))
    found.iloc[7:10, 0] = np.nan
    return found


MEASURES = measured()


def fit(measures=MEASURES, returns=RETURNS[:N], samples=1000, seed=1, free=("VIX^2",), **options):
    model = RealizedVolatilityBayes(
        options.pop("law", "normal"), options.pop("leverage", False),
        priors=options.pop("priors", None), free_psi=free,
    )  # fmt: skip
    return model.fit(returns, samples, measures=measures, random_seed=seed, **options)


@pytest.fixture(scope="module")
def model():
    return fit()


def test_names(model):
    assert pf.RealizedVolatilityBayes is RealizedVolatilityBayes
    parameters = list(model.summary().index)
    assert parameters == [
        "mean", "mu", "phi", "sigma", "xi_rv", "tau_rv", "xi_VIX_2", "psi_VIX_2", "tau_VIX_2",
        "volatility_forecast",
    ]  # fmt: skip
    assert "free_psi=['VIX^2']" in repr(model)
    assert "xi ~ Normal(0, 10)" in str(model.priors)
    assert model.method == "independence Metropolis"


def test_parameters_are_found(model):
    """Within four posterior standard deviations of the truth."""
    table = model.summary()
    truth = {"xi_rv": -0.3, "tau_rv": 0.4, "psi_VIX_2": 0.6, "tau_VIX_2": 0.2, "mu": -9.0}
    for name, value in truth.items():
        assert abs(table.loc[name, "mean"] - value) < 4.0 * table.loc[name, "sd"], name


def test_states_are_sharper(model):
    alone = StochasticVolatilityModel().fit(RETURNS[:N], 1000, random_seed=1)
    ours, theirs = (one.posterior.variables["h"].std(axis=(0, 1)) for one in (model, alone))
    assert (ours < 0.8 * theirs).all()
    error = np.sqrt(np.mean((model.posterior.variables["h"].mean(axis=(0, 1)) - H[:N]) ** 2))
    others = np.sqrt(np.mean((alone.posterior.variables["h"].mean(axis=(0, 1)) - H[:N]) ** 2))
    assert error < 0.7 * others


def test_units_of_measures_do_not_matter(model):
    scaled = MEASURES * [1e4, 3.0]
    other, before = fit(scaled), model.posterior.variables
    for name, draws in other.posterior.variables.items():
        shift = {"xi_rv": np.log(1e4), "xi_VIX_2": np.log(3.0)}.get(name, 0.0)
        np.testing.assert_allclose(draws, before[name] + shift, rtol=1e-6, atol=1e-6)
    ours, theirs = (one.log_marginal_likelihood.value for one in (model, other))
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_units_of_returns_are_in_xi(model):
    with pytest.warns(UserWarning, match="percent"):
        other = fit(returns=100.0 * RETURNS[:N])
    shift, psi = 2.0 * np.log(100.0), model.posterior.variables["psi_VIX_2"]
    for name, factor in (("xi_rv", 1.0), ("xi_VIX_2", psi)):
        ours, theirs = model.posterior.variables[name], other.posterior.variables[name]
        np.testing.assert_allclose(theirs, ours - factor * shift, atol=1e-6)


def test_what_is_given_is_aligned_by_date(model):
    """Other dates are left out; a date without a measure is one where it is missing."""
    further = pd.concat([measured(2).set_axis(DATES - pd.Timedelta(days=365)), MEASURES])
    assert_same(fit(further[~further.index.duplicated(keep="last")].sort_index()), model)
    assert_same(fit(MEASURES.drop(DATES[[7, 8, 9]]).reindex(columns=["rv", "VIX^2"])), fit(
        MEASURES.assign(**{"VIX^2": MEASURES["VIX^2"].where(~MEASURES["rv"].isna())})
    ))  # fmt: skip
    plain = fit(MEASURES.to_numpy()[:N], RETURNS[:N].to_numpy(), free=["measure_2"])
    np.testing.assert_array_equal(plain.fitted.states, model.fitted.states)


def assert_same(one, other):
    for name, draws in one.posterior.variables.items():
        np.testing.assert_array_equal(draws, other.posterior.variables[name], name)


def test_measures_and_returns_may_be_missing():
    """A day with a measure alone is known better than one with neither."""
    returns, measures = RETURNS[:N].copy(), MEASURES[["rv"]].copy()
    returns.iloc[40:44] = np.nan
    measures.iloc[42:44] = np.nan
    model = fit(measures, returns, missing="skip", free=False)
    sd = model.posterior.variables["h"].std(axis=(0, 1))
    assert sd[40:42].max() < sd[42:44].min()
    assert np.isfinite(model.volatility()).all(axis=None)


@pytest.mark.parametrize(("law", "leverage"), [("normal", False), ("student", True)])
@pytest.mark.parametrize("priors", [None, VolatilityPriors(scale=0.01)])
def test_update_is_a_refit(law, leverage, priors, monkeypatch):
    """Also of a day that leaves few effective draws."""
    monkeypatch.setattr(updating, "_LEAST_EFFICIENCY", 0.1)
    options = {"law": law, "leverage": leverage, "priors": priors, "samples": 2000}
    model = fit(seed=2, **options).update(RETURNS[N : N + 1], measures=MEASURES)
    assert model.diagnostics["returns_since_fit"] == 1
    again = fit(returns=RETURNS[: N + 1], seed=3, **options)
    ours, theirs = (dict(one.posterior.variables) for one in (model, again))
    for draws in (ours, theirs):
        h = draws.pop("h").astype(np.float64)
        draws |= {"h_before": h[..., -2], "h_middle": h[..., N // 2]}
    assert_agree(ours, theirs)
    if priors is not None:
        one, other = model.log_marginal_likelihood, again.log_marginal_likelihood
        assert abs(one.value - other.value) < 4.5 * np.hypot(one.error, other.error)


WAVE = 20.0 + 5.0 * np.sin(np.arange(N + 4) / 9.0)
EXPLAINING = {
    "mean_regressors": pd.DataFrame({"Monday": DATES.day_of_week == 0}, DATES),
    "variance_regressors": pd.DataFrame({"wave": WAVE}, DATES),
}
"""Of which the log-variance has a tenth of `WAVE` less its mean in it, in `explained_fit`."""


def explained_fit(n_times=N, *, samples=1000, seed=1, **options):
    added = pd.Series(0.1 * (WAVE - WAVE.mean()), DATES)
    measures = MEASURES.mul(np.exp(added), axis=0)
    measures["VIX^2"] *= np.exp(-0.4 * added)
    returns = RETURNS * np.exp(0.5 * added)
    model = fit(measures, returns[:n_times], samples, seed, **options, **EXPLAINING)
    return model, returns, measures


def draws_of(model):
    h = model.posterior.variables["h"].astype(np.float64)
    return model.fitted.draws.variables | {"h_before": h[..., -2], "h_middle": h[..., N // 2]}


def test_regressors_beside_measures(tmp_path):
    """What both say of volatility is found, forecast, kept in a file and filtered."""
    model, _, _ = explained_fit()
    table = model.summary()
    truth = {"variance_coefficients[wave]": 0.1, "xi_rv": -0.3, "psi_VIX_2": 0.6}
    for name, value in truth.items():
        assert abs(table.loc[name, "mean"] - value) < 4.0 * table.loc[name, "sd"], name
    assert table.loc["variance_coefficients[wave]", "sd"] < 0.05
    assert model.method == "independence Metropolis"
    path = tmp_path / "model.npz"
    model.save(path)
    read = RealizedVolatilityBayes.load(path)
    assert_same(read, model)
    ours, theirs = (one.forecast(3, **EXPLAINING) for one in (model, read))
    np.testing.assert_array_equal(ours.return_draws, theirs.return_draws)
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    sd = np.exp(0.5 * model.posterior.variables["h"][..., -1]).std()
    assert abs(filtered["mean"].iloc[-1] - smoothed["mean"].iloc[-1]) < 4.0 * sd / np.sqrt(64)


@pytest.mark.slow
@pytest.mark.parametrize(("law", "leverage"), [("normal", False), ("asymmetric", True)])
def test_update_with_regressors_is_a_refit(law, leverage, monkeypatch):
    """One with the same centres and spreads, those of the first fit."""
    monkeypatch.setattr(updating, "_LEAST_EFFICIENCY", 0.1)
    options = {"law": law, "leverage": leverage, "priors": VolatilityPriors(scale=0.01)}
    model, returns, measures = explained_fit(samples=3000, seed=2, **options)
    again, _, _ = explained_fit(samples=3000, seed=3, **options)
    more = {"measures": measures, **EXPLAINING}
    model.update(returns[N : N + 1], **more)
    assert model.diagnostics["returns_since_fit"] == 1
    monkeypatch.setattr(updating, "_LEAST_EFFICIENCY", 1.0)
    again.update(returns[N : N + 1], **more)
    assert "returns_since_fit" not in again.diagnostics
    assert_agree(draws_of(model), draws_of(again))
    one, other = model.log_marginal_likelihood, again.log_marginal_likelihood
    assert abs(one.value - other.value) < 4.5 * np.hypot(one.error, other.error)


def test_update_without_measures():
    model = fit(free=False).update(RETURNS[N : N + 1])
    assert np.isnan(model.fitted.measures.values[-1]).all()
    with pytest.raises(ValueError, match="measures must be rv, VIX_2"):
        model.update(RETURNS[N + 1 : N + 2], measures=MEASURES[["rv"]])


def test_files(model, tmp_path):
    path = tmp_path / "model.npz"
    longer = fit(samples=400).update(RETURNS[N : N + 1], measures=MEASURES)
    for one in (model, longer):
        one.save(path)
        read = RealizedVolatilityBayes.load(path)
        assert_same(read, one)
        assert repr(read) == repr(one)
        assert read.fitted.measures.names == one.fitted.measures.names
        np.testing.assert_array_equal(read.fitted.measures.values, one.fitted.measures.values)
        one.update(RETURNS[-2:-1], measures=MEASURES)
        read.update(RETURNS[-2:-1], measures=MEASURES)
        assert_same(read, one)
        with pytest.raises(ValueError, match="RealizedVolatilityBayes"):
            StochasticVolatilityModel.load(path)
    assert repr(model).startswith(repr(model.unfitted()))


def test_filtered_volatility_uses_measures():
    """At the last period the filter knows what the smoother knows; it has 64 draws of parameters.

    A false alarm has a probability of 6e-5.
    """
    model = fit(free=False)
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    sd = np.exp(0.5 * model.posterior.variables["h"][..., -1]).std()
    assert abs(filtered["mean"].iloc[-1] - smoothed["mean"].iloc[-1]) < 4.0 * sd / np.sqrt(64)
    assert FALSE_ALARM >= 6e-5


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"measures": None}, TypeError, "measures are missing"),
        ({"measures": MEASURES * -1.0}, ValueError, "above zero"),
        ({"measures": MEASURES.to_numpy()}, ValueError, "124 rows for 120 returns"),
        ({"measures": MEASURES.shift(7, freq="h")}, ValueError, "0% of the dates"),
        ({"measures": MEASURES.tz_localize("UTC")}, ValueError, "with a time zone"),
        (
            {"measures": MEASURES.set_axis(range(5, 129))},
            ValueError,
            "dates",
        ),
        ({"measures": MEASURES.astype(str)}, TypeError, "numbers"),
        ({"measures": MEASURES.where(MEASURES["rv"] > 1e9)}, ValueError, "known at 0 of"),
        ({"free": ["rv", "kernel"]}, ValueError, "free_psi names 'kernel'"),
        ({"free": "rv"}, TypeError, "free_psi must be"),
        ({"measures": {f"m{n}": MEASURES["rv"] for n in range(9)}}, ValueError, "at most 8"),
    ],
)
def test_what_is_wrong_is_said(change, error, said):
    with pytest.raises(error, match=said):
        fit(**{"free": False, **change})


def test_no_measures_are_none():
    assert LogMeasures.none(3).values.shape == (3, 0)


def test_jumps_are_an_argument_of_it():
    made = RealizedVolatilityBayes(free_psi=True, jumps=True)
    again = RealizedVolatilityBayes._made_with(made.arguments)
    assert (again.jumps, again.free_psi) == (True, True)
    assert "jumps=True" in repr(made)
    with pytest.raises(ValueError, match="jumps take distribution"):
        RealizedVolatilityBayes("asymmetric", jumps=True)
