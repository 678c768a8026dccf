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

from puffin.laws import LAWS
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    VolatilityPriors,
    estimate_volatility_regime,
)
from puffin.models.volatility import sampling
from puffin.models.volatility.next_return import log_density
from puffin.models.volatility.unit import Unit
from puffin.posterior import ConvergenceWarning
from tests.agreement import assert_agree
from tests.models.volatility.fitting import fit
from tests.models.volatility.kinds import ALL_AT_LENGTH, FALSE_ALARM, QUICK_MODELS
from tests.models.volatility.updated import FIXED, N, Y, assert_same, draws_of, since_fit

# Weights


def log_prior_ratio(variables, old, new, priors):
    return Unit(new).log_prior(variables, priors) - Unit(old).log_prior(variables, priors)


def test_prior_ratio_is_that_of_the_priors_in_the_returns_units():
    priors = VolatilityPriors(mean_sd=0.3, mu_sd=2.0, jump_mean_sd=2.0, jump_sd_spread=0.3)
    stream = np.random.default_rng(2)
    variables = {"mu": stream.normal(-9, 1, (2, 4)), "mean": stream.normal(0, 0.01, (2, 4))}

    def log_prior(scale):
        mu = stats.norm.logpdf(variables["mu"], 2 * np.log(scale), priors.mu_sd)
        return mu + stats.norm.logpdf(variables["mean"], 0.0, scale * priors.mean_sd)

    ours = log_prior_ratio(variables, 0.01, 0.013, priors)
    np.testing.assert_allclose(ours, log_prior(0.013) - log_prior(0.01), rtol=1e-9)
    jumps = {"jump_mean": stream.normal(0, 0.01, (2, 4)), "jump_sd": np.full((2, 4), 0.05)}

    def log_prior_of_jumps(scale):
        mean = stats.norm.logpdf(jumps["jump_mean"], 0.0, scale * 2.0)
        return mean + stats.lognorm.logpdf(jumps["jump_sd"], 0.3, scale=scale * 3.0)

    with_jumps = log_prior_ratio(variables | jumps, 0.01, 0.013, priors)
    np.testing.assert_allclose(
        with_jumps - ours, log_prior_of_jumps(0.013) - log_prior_of_jumps(0.01), rtol=1e-9
    )
    del variables["mean"]
    without = stats.norm.logpdf(variables["mu"], 2 * np.log([[[0.013]], [[0.01]]]), priors.mu_sd)
    ours = log_prior_ratio(variables, 0.01, 0.013, priors)
    np.testing.assert_allclose(ours, without[0] - without[1], rtol=1e-9)


@ALL_AT_LENGTH
def test_weights_are_of_the_new_returns(distribution, leverage):
    """Of each draw: the densities of the new returns given its own log-variances, and the priors'.

    The draws themselves stay those of the fit; each goes on by itself.
    """
    model = fit(Y[:N], distribution, leverage, 500)
    before = model.fitted.sampled
    model.update(Y[N : N + 3])
    after = model.fitted.sampled
    assert since_fit(model) == 3
    h = np.concatenate([after.states.array[..., N:], after.variables["h_next"][..., None]], 2)
    assert h.shape == (4, 500, 4)
    np.testing.assert_allclose(h[..., 0], before.variables["h_next"], rtol=1e-6)
    np.testing.assert_allclose(h[..., 2], after.variables["h_last"], rtol=1e-6)
    np.testing.assert_array_equal(after.states.array[..., :N], before.states.array)
    scale, new_scale = Y[:N].std(), Y[: N + 3].std()
    weights = log_prior_ratio(before.variables, scale, new_scale, model.priors)
    for k in range(3):
        draws = before.variables | {"h_next": h[..., k]}
        weights = weights + log_density(Y[N + k], draws, LAWS[distribution])
    np.testing.assert_allclose(after.log_weights, weights, rtol=1e-5, atol=1e-3)
    assert after.unit.scale == new_scale


# The posterior


@ALL_AT_LENGTH
def test_updates_agree_with_a_fit(distribution, leverage):
    assert_updates_agree(distribution, leverage, None)


@pytest.mark.slow
def test_updates_agree_with_a_fit_on_a_scale_that_stays():
    assert_updates_agree("student", True, FIXED)


def assert_updates_agree(distribution, leverage, priors):
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


@ALL_AT_LENGTH
def test_shock_takes_a_new_fit(distribution, leverage):
    shock = np.append(Y[:N], 12.0 * Y[:N].std())
    model = fit(Y[:N], distribution, leverage).update(shock[-1:])
    assert since_fit(model) == 0
    assert "efficiency_since_fit" not in model.diagnostics
    assert model.fitted.sampled.log_weights is None
    whole = fit(shock, distribution, leverage, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM / 8)
    # Draws by weight go on from there.
    model.update(0.5 * Y[:1])
    assert since_fit(model) == 1


@ALL_AT_LENGTH
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


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("seed", [2, 9, 21, 27])
def test_draws_that_returns_rule_out_stay_finite(seed):
    """With leverage, such a return would take the next state to any size, and so on."""
    model = fit(Y[:N], "normal", True, random_seed=seed)
    for n in range(N, N + 5):
        model.update(Y[n : n + 1])
        for values in model.fitted.sampled.variables.values():
            assert np.isfinite(values).all()


@ALL_AT_LENGTH
def test_evidence_gains_the_predictive_density(distribution, leverage):
    model = fit(Y[:N], distribution, leverage, 500, priors=FIXED)
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


# One after the other, or at once; seeds; in between


def test_returns_at_once_or_one_by_one():
    one = fit(Y[:N], samples=300)
    for n in range(N, N + 3):
        one.update(Y[n : n + 1])
        _ = one.volatility_path, one.volatility_forecast
    assert_same(one, fit(Y[:N], samples=300).update(Y[N : N + 3]))


def test_a_fit_from_where_nothing_can_be_found_begins_anew():
    model = fit(Y[:40], samples=500)
    fitted = model.fitted
    nowhere = dataclasses.replace(fitted.sampled.start, covariance=np.full((3, 3), np.nan))
    lost = dataclasses.replace(fitted.sampled, start=nowhere)
    model._fitted = dataclasses.replace(fitted, sampled=lost)
    model.update(Y[40:])
    assert since_fit(model) == 0
    assert not model.fitted.sampled.is_fallback
    whole = fit(Y, samples=500, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM)


def test_many_returns_at_once_take_a_fit():
    model = fit(Y[:40], samples=500).update(Y[40:])
    assert since_fit(model) == 0
    assert model.volatility_path.shape == (N + 6,)
    whole = fit(Y, samples=500, random_seed=2)
    assert_agree(draws_of(model), draws_of(whole), false_alarm=FALSE_ALARM)


@pytest.mark.parametrize(("distribution", "leverage"), QUICK_MODELS)
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
        v = model.fitted.sampled.variables
        moved = v["h_next"] - v["mu"] - v["phi"] * (v["h_last"] - v["mu"])
        shocks.append((moved / v["sigma"]).ravel())
        model.update(Y[n : n + 1])
    assert since_fit(model) == 3
    correlation = np.corrcoef(shocks)[np.triu_indices(3, 1)]
    assert np.abs(correlation).max() < stats.norm.isf(FALSE_ALARM / 6) / np.sqrt(shocks[0].size)


def test_states_of_some_draws_are_those_of_their_draws():
    model = fit(Y[:N], samples=700, keep_states=7)
    base = model.fitted.sampled
    model.update(Y[N : N + 2])
    assert since_fit(model) == 2
    states, variables = model.fitted.states, model.posterior.variables
    assert states.shape == (4, 100, N + 2)
    np.testing.assert_allclose(states[..., -1], variables["h_last"][:, ::7], rtol=1e-6)
    for chain in range(4):
        kept = list(base.variables["mu"][chain, ::7])
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
        patch.setattr(sampling, "sample_stochastic_volatility", fail)
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
    present = model.fitted.observed
    model.update([0.0])
    assert since_fit(model) == 1
    np.testing.assert_array_equal(model.fitted.observed[:-1], present)
    assert 0.0 < abs(model.fitted.observed[-1]) <= 0.0101 * y.std()
    assert np.unique(model.fitted.observed).size == N + 2


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


@pytest.fixture(scope="module")
def fitted_bytes():
    return pickle.dumps(
        fit(Y[:N], "student", True, samples=120, tune=100, chains=2, missing="skip")
    )


@pytest.mark.slow
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
