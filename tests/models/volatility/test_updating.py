"""Returns that come after a fit: draws by weight, new fits, and what is kept in between.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from puffin.laws import LAWS, Normal, StudentT
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    VolatilityPriors,
    estimate_volatility_regime,
    simulate,
)
from puffin.models.volatility import engines
from puffin.models.volatility.drawn import efficiency
from puffin.models.volatility.next_return import log_density
from puffin.models.volatility.states import States, WithStates
from puffin.models.volatility.updating import _log_prior_ratio
from puffin.posterior import ConvergenceWarning
from tests.agreement import assert_agree

FALSE_ALARM = 1e-4
MODELS = [("normal", False), ("student", False), ("normal", True), ("student", True)]
ALL_MODELS = pytest.mark.parametrize(("distribution", "leverage"), MODELS)
FIXED = VolatilityPriors(scale=0.01)
N = 80
Y = simulate(N + 6, mu=-9.0, phi=0.95, sigma=0.25, nu=8.0, rho=-0.4, random_seed=3)[
    "returns"
].to_numpy()


def fit(y, distribution="normal", leverage=False, samples=2000, priors=None, **options):
    model = StochasticVolatilityModel(distribution, leverage, priors=priors)
    return model.fit(y, samples, **{"random_seed": 1, **options})


def draws_of(model):
    variables = dict(model.posterior.variables)
    h = variables.pop("h").astype(np.float64)
    return variables | {f"h[{t}]": h[..., t] for t in (0, N // 2, N - 1, h.shape[2] - 1)}


def since_fit(model):
    return model.diagnostics.get("returns_since_fit", 0)


def assert_same(one, other):
    for name, draws in one.posterior.variables.items():
        np.testing.assert_array_equal(draws, other.posterior.variables[name], name)
    assert one.diagnostics == other.diagnostics
    assert one.posterior.report == other.posterior.report


# Weights


@pytest.mark.parametrize("value", [0.0, -0.03, 2.0])
def test_density_is_that_of_normal_and_t(value):
    stream = np.random.default_rng(1)
    h, mean = stream.normal(-8, 2, (2, 5)), stream.normal(0, 0.01, (2, 5))
    nu = stream.uniform(2.1, 20.0, (2, 5))
    sd = np.exp(0.5 * h)
    normal = log_density(value, {"h_next": h, "mean": mean}, Normal())
    np.testing.assert_allclose(normal, stats.norm.logpdf(value, mean, sd), rtol=1e-12)
    student = log_density(value, {"h_next": h, "mean": mean, "nu": nu}, StudentT())
    exact = stats.t.logpdf(value, nu, mean, sd * np.sqrt((nu - 2) / nu))
    np.testing.assert_allclose(student, exact, rtol=1e-10)
    no_mean = log_density(value, {"h_next": h}, Normal())
    np.testing.assert_allclose(no_mean, stats.norm.logpdf(value, 0.0, sd), rtol=1e-12)


def test_prior_ratio_is_that_of_the_priors_in_the_returns_units():
    priors = VolatilityPriors(mean_sd=0.3, mu_sd=2.0)
    stream = np.random.default_rng(2)
    variables = {"mu": stream.normal(-9, 1, (2, 4)), "mean": stream.normal(0, 0.01, (2, 4))}

    def log_prior(scale):
        mu = stats.norm.logpdf(variables["mu"], 2 * np.log(scale), priors.mu_sd)
        return mu + stats.norm.logpdf(variables["mean"], 0.0, scale * priors.mean_sd)

    ours = _log_prior_ratio(variables, 0.01, 0.013, priors)
    np.testing.assert_allclose(ours, log_prior(0.013) - log_prior(0.01), rtol=1e-9)
    del variables["mean"]
    without = stats.norm.logpdf(variables["mu"], 2 * np.log([[[0.013]], [[0.01]]]), priors.mu_sd)
    ours = _log_prior_ratio(variables, 0.01, 0.013, priors)
    np.testing.assert_allclose(ours, without[0] - without[1], rtol=1e-9)


def test_efficiency():
    assert efficiency(np.zeros((2, 3)) - 700.0) == 1.0
    assert efficiency(np.log([[4.0, 2.0], [1.0, 1.0]])) == pytest.approx(64 / 4 / 22)


@ALL_MODELS
def test_weights_are_of_the_new_returns(distribution, leverage):
    """Of each draw: the densities of the new returns given its own log-variances, and the priors'.

    The draws themselves stay those of the fit; each goes on by itself.
    """
    model = fit(Y[:N], distribution, leverage, 500)
    before = model.fitted.drawn
    model.update(Y[N : N + 3])
    after = model.fitted.drawn
    assert since_fit(model) == 3
    h = np.concatenate([after.states.array[..., N:], after.draws.variables["h_next"][..., None]], 2)
    assert h.shape == (4, 500, 4)
    np.testing.assert_allclose(h[..., 0], before.draws.variables["h_next"], rtol=1e-6)
    np.testing.assert_allclose(h[..., 2], after.draws.variables["h_last"], rtol=1e-6)
    np.testing.assert_array_equal(after.states.array[..., :N], before.states.array)
    scale, new_scale = Y[:N].std(), Y[: N + 3].std()
    weights = _log_prior_ratio(before.draws.variables, scale, new_scale, model.priors)
    for k in range(3):
        draws = before.draws.variables | {"h_next": h[..., k]}
        weights = weights + log_density(Y[N + k], draws, LAWS[distribution])
    np.testing.assert_allclose(after.log_weights, weights, rtol=1e-5, atol=1e-3)
    assert after.scale == new_scale


@ALL_MODELS
def test_draws_are_taken_by_weight_and_in_order(distribution, leverage):
    model = fit(Y[:N], distribution, leverage, 500).update(Y[N : N + 3])
    drawn, variables = model.fitted.drawn, model.posterior.variables
    for chain in range(4):
        weights = np.exp(drawn.log_weights[chain] - drawn.log_weights[chain].max())
        base = {name: draws[chain] for name, draws in drawn.draws.variables.items()}
        # No two draws of the fit have the same next state, though all else may be the same.
        number = {value: place for place, value in enumerate(base["h_next"])}
        places = np.array([number[value] for value in variables["h_next"][chain]])
        assert np.count_nonzero(np.diff(places) < 0) <= 1
        expected, counts = 500 * weights / weights.sum(), np.bincount(places, minlength=500)
        assert (counts >= np.floor(expected)).all()
        assert (counts <= np.ceil(expected)).all()
        for name, draws in base.items():
            np.testing.assert_array_equal(variables[name][chain], draws[places], name)


# The posterior


@ALL_MODELS
@pytest.mark.parametrize("priors", [None, FIXED])
def test_updates_agree_with_a_fit(distribution, leverage, priors):
    """After one, two and so on returns, and the evidence too."""
    model = fit(Y[:N], distribution, leverage, priors=priors)
    by_weight = 0
    for n in range(N + 1, N + 6):
        model.update(Y[n - 1 : n])
        by_weight = max(by_weight, since_fit(model))
    assert by_weight >= 3
    model = fit(Y[:N], distribution, leverage, 4000, priors=priors).update(Y[N : N + by_weight])
    assert since_fit(model) == by_weight
    whole = fit(Y[: N + by_weight], distribution, leverage, 4000, priors=priors, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM / 16)
    a, b = model.log_marginal_likelihood, whole.log_marginal_likelihood
    assert max(a.error, b.error) < 0.1
    assert abs(a.value - b.value) < stats.norm.isf(FALSE_ALARM / 32) * np.hypot(a.error, b.error)


@ALL_MODELS
def test_shock_takes_a_new_fit(distribution, leverage):
    shock = np.append(Y[:N], 12.0 * Y[:N].std())
    model = fit(Y[:N], distribution, leverage).update(shock[-1:])
    assert since_fit(model) == 0
    assert "efficiency_since_fit" not in model.diagnostics
    assert model.fitted.drawn.log_weights is None
    whole = fit(shock, distribution, leverage, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM / 8)
    # Draws by weight go on from there.
    model.update(0.5 * Y[:1])
    assert since_fit(model) == 1


@ALL_MODELS
def test_missing_return_is_the_forecast(distribution, leverage):
    model = fit(Y[:N], distribution, leverage, missing="skip")
    before, evidence = dict(model.posterior.variables), model.log_marginal_likelihood
    ahead = np.log(model.forecast(2).volatility_draws[:, 1]).reshape(4, -1) * 2
    model.update([np.nan])
    assert (since_fit(model), model.diagnostics["efficiency_since_fit"]) == (1, 1.0)
    assert model.log_marginal_likelihood == evidence
    after = model.posterior.variables
    for name in ("mu", "phi", "sigma", "mean"):
        np.testing.assert_array_equal(np.sort(after[name]), np.sort(before[name]))
    np.testing.assert_array_equal(np.sort(after["h_last"]), np.sort(before["h_next"]))
    assert_agree(after, {"h_next": ahead}, false_alarm=FALSE_ALARM / 8)
    model.update(Y[N : N + 1])
    whole = fit(np.r_[Y[:N], np.nan, Y[N]], distribution, leverage, missing="skip", random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM / 8)


def test_one_chain_has_an_error_of_its_evidence():
    model = fit(Y[:N], chains=1).update(Y[N : N + 1])
    assert since_fit(model) == 1
    assert 0.0 < model.log_marginal_likelihood.error < 0.2


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("seed", [2, 9, 21, 27])
def test_draws_that_returns_rule_out_stay_finite(seed):
    """With leverage, such a return would take the next state to any size, and so on."""
    model = fit(Y[:N], "normal", True, random_seed=seed)
    for n in range(N, N + 5):
        model.update(Y[n : n + 1])
        for values in model.fitted.drawn.draws.variables.values():
            assert np.isfinite(values).all()


@ALL_MODELS
def test_evidence_gains_the_predictive_density(distribution, leverage):
    model = fit(Y[:N], distribution, leverage, 500, FIXED)
    for n in range(N, N + 3):
        before = model.log_marginal_likelihood.value
        gain = model.log_predictive_density(Y[n])
        model.update(Y[n : n + 1])
        assert since_fit(model) == n - N + 1
        assert model.log_marginal_likelihood.value - before == pytest.approx(gain, abs=1e-9)

    def density(y):
        return np.exp(model.log_predictive_density(float(y)))

    sd = model.return_sd_forecast
    total, _ = integrate.quad(density, -40 * sd, 40 * sd, points=[0.0], limit=200)
    assert total == pytest.approx(1.0, abs=1e-3)


def test_predictive_density_is_that_of_forecasts():
    """Its distribution function against draws of the next return."""
    model = fit(Y[:N], "student", True).update(Y[N : N + 2])
    draws = model.forecast(1).return_draws[:, 0]
    grid = np.linspace(-0.2, 0.2, 801)
    density = np.exp([model.log_predictive_density(y) for y in grid])
    cdf = integrate.cumulative_trapezoid(density, grid, initial=0.0)
    # One in eight: draws that are taken more than once are not independent.
    p = stats.kstest(draws[::8], lambda x: np.interp(x, grid, cdf)).pvalue
    assert p > FALSE_ALARM


# One after the other, or at once; seeds; in between


def test_returns_at_once_or_one_by_one():
    one = fit(Y[:N], samples=300)
    for n in range(N, N + 3):
        one.update(Y[n : n + 1])
        _ = one.volatility_path, one.volatility_forecast
    assert_same(one, fit(Y[:N], samples=300).update(Y[N : N + 3]))


def test_many_returns_at_once_take_a_fit():
    model = fit(Y[:40], samples=500).update(Y[40:])
    assert since_fit(model) == 0
    assert model.volatility_path.shape == (N + 6,)
    whole = fit(Y, samples=500, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM)


@ALL_MODELS
def test_seed_gives_draws_on_any_number_of_cores(distribution, leverage):
    first, again, other = (
        fit(Y[:N], distribution, leverage, 200, cores=cores, random_seed=seed).update(Y[N : N + 2])
        for cores, seed in ((1, 7), (2, 7), (2, 8))
    )
    assert_same(first, again)
    assert not np.array_equal(first.posterior.variables["mu"], other.posterior.variables["mu"])


def test_each_return_has_a_stream_of_its_own():
    """The shocks of log-variance after one return and after the next are not those of the fit."""
    model = fit(Y[:N])
    shocks = []
    for n in range(N, N + 3):
        v = model.fitted.drawn.draws.variables
        moved = v["h_next"] - v["mu"] - v["phi"] * (v["h_last"] - v["mu"])
        shocks.append((moved / v["sigma"]).ravel())
        model.update(Y[n : n + 1])
    assert since_fit(model) == 3
    correlation = np.corrcoef(shocks)[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < stats.norm.isf(FALSE_ALARM / 6) / np.sqrt(shocks[0].size)


@pytest.mark.parametrize("keep", ["all", 3])
def test_what_is_saved_or_pickled_goes_on(tmp_path, keep):
    index = pd.date_range("2021-01-01", periods=N + 6, tz="Europe/Berlin")
    y = pd.Series(Y, index, name="fund")
    model = fit(y[:N], "student", samples=400, keep_states=keep)
    model.update(y[N : N + 2])
    assert since_fit(model) == 2
    pickled = pickle.loads(pickle.dumps(model))
    model.save(tmp_path / "model.nc")
    saved = StochasticVolatilityModel.load(tmp_path / "model.nc")
    for copy in (pickled, saved):
        assert_same(model, copy)
        np.testing.assert_array_equal(model.fitted.states, copy.fitted.states)
        copy.update(y[N + 2 : N + 3])
        assert since_fit(copy) == 3
    model.update(y[N + 2 : N + 3])
    for copy in (pickled, saved):
        assert_same(model, copy)
        np.testing.assert_array_equal(model.fitted.states, copy.fitted.states)
        pd.testing.assert_frame_equal(model.volatility(), copy.volatility(), check_freq=False)
        pd.testing.assert_frame_equal(
            model.volatility("filtered"), copy.volatility("filtered"), check_freq=False
        )
        assert copy.fitted.series.name == "fund"
    assert model.volatility().index.equals(index[: N + 3])


def test_states_of_some_draws_are_those_of_their_draws():
    model = fit(Y[:N], samples=700, keep_states=7)
    base = model.fitted.drawn
    model.update(Y[N : N + 2])
    assert since_fit(model) == 2
    states, variables = model.fitted.states, model.posterior.variables
    assert states.shape == (4, 100, N + 2)
    np.testing.assert_allclose(states[..., -1], variables["h_last"][:, ::7], rtol=1e-6)
    for chain in range(4):
        kept = list(base.draws.variables["mu"][chain, ::7])
        rows = [kept.index(value) for value in variables["mu"][chain, ::7]]
        np.testing.assert_array_equal(states[chain][:, :N], base.states.array[chain][rows])
    whole = fit(Y[: N + 2], samples=2000, random_seed=2)
    ours = {"h[40]": states[..., 40], "h[81]": states[..., 81], "mu": variables["mu"]}
    ours = {name: draws.astype(np.float64) for name, draws in ours.items()}
    theirs = draws_of(whole) | {"h[81]": whole.fitted.states[..., 81].astype(np.float64)}
    assert_agree(ours, {name: theirs[name] for name in ours}, false_alarm=FALSE_ALARM)


@pytest.mark.parametrize("options", [{"samples": 60}, {"samples": 500, "keep_states": 50}])
def test_few_draws_take_a_fit(options):
    """By weight they would be biased."""
    model = fit(Y[:N], **options).update(Y[N : N + 1])
    assert since_fit(model) == 0
    assert model.volatility_path.shape == (N + 1,)


def test_doubts_of_a_fit_are_those_of_its_updates(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("puffin.posterior.diagnostics._LARGEST_R_HAT", 0.5)
        with pytest.warns(ConvergenceWarning, match="have not converged"):
            model = fit(Y[:N], samples=300)
        model.save(tmp_path / "model.nc")
        saved = StochasticVolatilityModel.load(tmp_path / "model.nc")
        for one in (model, saved):
            with pytest.warns(ConvergenceWarning, match="have not converged"):
                one.update(Y[N : N + 1])
            assert since_fit(one) == 1
    # No warning, which would be an error here, where there is no doubt.
    model.update(Y[N + 1 : N + 2])
    assert since_fit(model) == 2


def test_fallback_is_fitted_again(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("injected")

    with monkeypatch.context() as patch:
        patch.setattr(engines, "sample_stochastic_volatility", fail)
        with pytest.warns(UserWarning, match="injected"):
            model = fit(Y[:N], samples=200)
        with pytest.warns(UserWarning, match="injected"):
            model.update(Y[N : N + 1])
        assert "EWMA" in model.method
        with pytest.raises(ValueError, match="no dynamics"):
            model.log_predictive_density(0.0)
    model.update(Y[N + 1 : N + 2])
    assert model.method == "independence Metropolis"
    assert model.volatility_path.shape == (N + 2,)


# Ties


def test_third_of_a_tie_takes_a_fit_and_the_fourth_does_not():
    y = Y[:N].copy()
    y[[10, 40]] = 0.0
    model = fit(y, samples=500)
    model.update([0.0])
    assert since_fit(model) == 0
    seen = model.fitted.seen
    model.update([0.0])
    assert since_fit(model) == 1
    np.testing.assert_array_equal(model.fitted.seen[:-1], seen)
    assert 0.0 < abs(model.fitted.seen[-1]) <= 0.0101 * y.std()
    assert np.unique(model.fitted.seen).size == N + 2


# What is read


def test_states_are_what_they_stand_for():
    stream = np.random.default_rng(1)
    base = stream.normal(size=(2, 150, 4)).astype(np.float32)
    one, two = stream.normal(size=(2, 2, 150)).astype(np.float32)
    taken = stream.integers(150, size=(2, 2, 150))
    rows = np.arange(2)[:, None]
    exact = np.concatenate([base, one[..., None]], axis=2)
    longer = States(base).extend(one)
    chosen = longer.take(taken[0])
    assert chosen.shape == longer.shape == (2, 150, 5)
    np.testing.assert_array_equal(chosen.array, exact[rows, taken[0]])
    assert chosen.array is chosen.array
    np.testing.assert_array_equal(longer.array, exact)
    further = chosen.extend(two).take(taken[1])
    exact = np.concatenate([exact[rows, taken[0]], two[..., None]], axis=2)[rows, taken[1]]
    np.testing.assert_array_equal(further.array, exact)
    fewer = longer.take(taken[0][:, :9])
    assert fewer.shape == fewer.array.shape == (2, 9, 5)
    assert States(base).array is base
    variables = WithStates({"mu": one}, States(base))
    assert list(variables) == ["mu", "h"]
    assert len(variables) == 2
    assert variables["h"] is base
    with pytest.raises(KeyError):
        variables["nu"]


def test_reading_between_updates_changes_nothing():
    read, unread = (fit(Y[:N], samples=300, keep_states=keep) for keep in ("all", "all"))
    for n in range(N, N + 3):
        read.update(Y[n : n + 1])
        assert read.idata["posterior"]["h"].shape == (4, 300, n + 1)
        _ = read.fitted.states, read.residuals(), read.summary()
        unread.update(Y[n : n + 1])
    assert_same(read, unread)
    old = read.posterior.variables["h"].copy()
    kept = read.posterior
    read.update(Y[N + 3 : N + 4])
    np.testing.assert_array_equal(kept.variables["h"], old)


def test_accepted_are_draws_that_differ():
    model = fit(Y[:N], samples=500).update(Y[N : N + 2])
    accepted = model.posterior.statistics["accepted"]
    differs = np.diff(model.posterior.variables["phi"], axis=1) != 0.0
    np.testing.assert_array_equal(accepted[:, 1:], differs)
    assert accepted[:, 0].all()


# Labels and input


def test_labels_go_on():
    model = fit(pd.Series(Y[:N], np.arange(100, 100 + N)), samples=200)
    with pytest.raises(ValueError, match=r"labels 90 where .* rise to 179"):
        model.update(pd.Series([0.01], [90]))
    with pytest.raises(ValueError, match=r"labels 181, 180 where"):
        model.update(pd.Series([0.01, 0.02], [181, 180]))
    with pytest.raises(ValueError, match="repeats 179"):
        model.update(pd.Series([0.01], [179]))
    model.update(pd.Series([0.01, -0.02], [180, 182]))
    assert list(model.volatility().index[-3:]) == [179, 180, 182]
    text = fit(pd.Series(Y[:N], [f"W{n}" for n in range(N)]), samples=200)
    text.update(pd.Series([0.01], ["W100"]))
    assert text.volatility().index[-1] == "W100"


def test_dates_are_a_column_in_polars():
    pl = pytest.importorskip("polars")
    index = pd.date_range("2021-01-04", periods=N + 2, name="day")
    frame = pl.DataFrame({"day": index.to_numpy(), "fund": Y[: N + 2]})
    model = fit(frame[:N], samples=200, date="day")
    model.update(frame[N:], date="day")
    assert model.volatility().index.equals(index)
    assert model.fitted.series.name == "fund"
    with pytest.raises(ValueError, match="no column 'when'"):
        fit(frame, samples=200, date="when")
    table = estimate_volatility_regime(frame, 200, date="day", random_seed=1)
    assert table.index.equals(index)


def test_fit_by_pymc_is_read_without_pymc(tmp_path, monkeypatch):
    model = fit(Y[:N], samples=200)
    model.engine = "pymc"
    model._fitted = dataclasses.replace(
        model.fitted, engine="pymc", drawn=dataclasses.replace(model.fitted.drawn, start=None)
    )
    model.save(tmp_path / "model.nc")

    def missing(*_):
        raise ImportError("no pymc")

    monkeypatch.setattr("puffin.models.settings._check_pymc", missing)
    read = StochasticVolatilityModel.load(tmp_path / "model.nc")
    assert read.engine == read.diagnostics["engine"] == "pymc"
    assert_same(read, model)
    assert read.forecast(2).returns.shape == (2, 5)
    with pytest.raises(ImportError, match="no pymc"):
        read.update(Y[N : N + 1])
    with pytest.raises(ImportError, match="no pymc"):
        read.fit(Y[:N])
    assert_same(read, model)


@pytest.fixture(scope="module")
def fitted_bytes():
    return pickle.dumps(
        fit(Y[:N], "student", True, samples=120, tune=100, chains=2, missing="skip")
    )


@given(
    new=st.lists(
        st.one_of(st.floats(-0.2, 0.2), st.sampled_from([0.0, np.nan, np.inf, 1e80, 5.0, 1e-300])),
        max_size=4,
    )
)
@settings(max_examples=25)
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_any_returns_give_an_answer_or_an_error(fitted_bytes, new):
    model = pickle.loads(fitted_bytes)
    before = model.posterior
    try:
        model.update(new)
    except ValueError as error:
        assert "new_returns" in str(error)
        assert model.posterior is before
        return
    assert model.volatility_path.shape == (N + len(new),)
    assert np.isfinite(model.volatility_path).all()
    assert np.isfinite(model.summary()).all().all()
    assert 0.0 < model.volatility_forecast < np.inf
    assert np.isfinite(model.log_predictive_density(0.01))
