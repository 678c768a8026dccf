"""Regressors of mean and log-variance: what must hold exactly, updates, forecasts, files, errors.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import puffin as pf
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    SVWithJumps,
    VolatilityPriors,
    simulate,
)
from puffin.models.volatility import updating
from puffin.models.volatility.card import volatility_card
from tests.agreement import assert_agree
from tests.models.volatility.kinds import ALL_AT_LENGTH, FALSE_ALARM
from tests.slowly import slowly

N, MORE = 200, 6
DATES = pd.date_range("2021-01-01", periods=N + MORE, freq="B", name="date")
FIXED = VolatilityPriors(scale=0.01)
B, G = np.array([0.004, -0.002]), np.array([0.8, 0.05])


def regressors(seed=1):
    stream = np.random.default_rng(seed)
    x = pd.DataFrame(
        {"Monday": DATES.day_of_week == 0, "mood": stream.normal(size=N + MORE)}, DATES
    )
    wave = 20.0 + 5.0 * np.sin(np.arange(N + MORE) / 9.0) + stream.normal(size=N + MORE)
    return x, pd.DataFrame({"Friday": DATES.day_of_week == 4, "index, %": wave}, DATES)


X, Z = regressors()
QUIET = simulate(
    N + MORE, mu=-9.5, phi=0.95, sigma=0.2, nu=8.0, rho=-0.5, random_seed=5, index=DATES
)["returns"]  # fmt: skip
RETURNS = QUIET * np.exp(0.5 * (Z - Z.mean()).astype(float) @ G) + X.astype(float) @ B


def fit(returns=RETURNS[:N], x=X, z=Z, samples=1000, seed=1, **options):
    names = ("distribution", "leverage", "mean", "priors")
    model = StochasticVolatilityModel(**{n: options.pop(n) for n in names if n in options})
    return model.fit(
        returns, samples, mean_regressors=x, variance_regressors=z, random_seed=seed, **options
    )


def draws_of(model):
    """What a fit says of everything, by number."""
    h = model.posterior.variables["h"].astype(np.float64)
    return model.fitted.draws.variables | {f"h[{t}]": h[..., t] for t in (0, N // 2, N - 1)}


def assert_same(one, other, rtol=1e-6, atol=1e-9):
    for name, draws in draws_of(one).items():
        np.testing.assert_allclose(draws, draws_of(other)[name], rtol, atol, err_msg=name)


@pytest.fixture(scope="module")
def model():
    return fit()


def test_parameters_are_found(model):
    """Within four posterior standard deviations of the truth, and of it."""
    table = model.summary()
    assert list(table.index) == [
        "mean", "mu", "phi", "sigma", "mean_coefficients[Monday]", "mean_coefficients[mood]",
        "variance_coefficients[Friday]", "variance_coefficients[index, %]",
    ]  # fmt: skip
    truth = dict(zip(table.index[4:], [*B, *G], strict=True))
    for name, value in truth.items():
        assert abs(table.loc[name, "mean"] - value) < 4.0 * table.loc[name, "sd"], name
        assert table.loc[name, "sd"] < max(abs(value), 0.3)
    assert model.method == "independence Metropolis"


def test_container_has_labels(model):
    posterior = model.idata.posterior
    found = posterior["variance_coefficients"].sel(variance_regressor="index, %")
    np.testing.assert_array_equal(
        found, model.fitted.draws.variables["variance_coefficients[index, %]"]
    )
    assert posterior["mean_coefficients"].dims == ("chain", "draw", "mean_regressor")
    assert "h_next" not in posterior
    np.testing.assert_allclose(posterior["h"][..., -1], posterior["h_last"], rtol=1e-6)
    assert "mean_coefficients" not in fit(x=None).idata.posterior


def test_card(model):
    ours, theirs = (
        volatility_card("", one.fitted).sentences[0] for one in (model, fit(z=None, samples=100))
    )
    assert "depends on Friday, index, % then: see forecast" in ours
    assert "Volatility of the next period 0.0" in theirs


def test_states_are_with_what_is_explained(model):
    """The chain alone is what is left of them: its last state is the sampler's."""
    variables = model.fitted.draws.variables
    z = (Z[:N] - Z[:N].mean()).astype(float).to_numpy()
    g = np.stack([variables[name] for name in model.fitted.draws.coefficients.in_variance], -1)
    h = model.posterior.variables["h"]
    np.testing.assert_allclose(h[..., -1] - g @ z[-1], variables["h_last"], atol=1e-5)
    assert np.corrcoef(np.diff(h.mean(axis=(0, 1))), np.diff(z @ g.mean(axis=(0, 1))))[0, 1] > 0.9


@pytest.mark.parametrize("distribution", ["normal", "student"])
def test_coefficients_of_no_size_are_none(distribution):
    """With a prior that holds them at zero the model is the plain one, evidence included."""
    priors = VolatilityPriors(mean_coefficient_sd=1e-5, variance_coefficient_sd=1e-5)
    ours = fit(distribution=distribution, priors=priors, samples=4000)
    plain = StochasticVolatilityModel(distribution).fit(RETURNS[:N], 4000, random_seed=2)
    names = [*plain.fitted.draws.parameter_names(), "h_last", "h_next"]
    mine, theirs = (one.fitted.draws.variables for one in (ours, plain))
    assert_agree({n: mine[n] for n in names}, {n: theirs[n] for n in names})
    one, other = ours.log_marginal_likelihood, plain.log_marginal_likelihood
    bound = stats.norm.isf(FALSE_ALARM / 2) * np.hypot(one.error, other.error)
    assert abs(one.value - other.value) < bound + 1e-3


def test_units_are_in_coefficients(model):
    """A regressor times c has a coefficient over c; adding to it changes nothing."""
    other = fit(x=X.assign(mood=3.0 + 10.0 * X["mood"]), z=Z * [1.0, 0.01] - [2.0, 5.0])
    ours, theirs = draws_of(model), draws_of(other)
    factors = {"mean_coefficients[mood]": 0.1, "variance_coefficients[index, %]": 100.0}
    for name, draws in ours.items():
        np.testing.assert_allclose(theirs[name], factors.get(name, 1.0) * draws, 1e-5, 1e-8)
    evidences = (one.log_marginal_likelihood.value for one in (model, other))
    assert next(evidences) == pytest.approx(next(evidences), abs=1e-5)


def test_returns_in_percent(model):
    with pytest.warns(UserWarning, match="percent"):
        other = fit(100.0 * RETURNS[:N])
    ours, theirs = draws_of(model), draws_of(other)
    for name in ours:
        if name == "mean" or name.startswith("mean_coefficients"):
            np.testing.assert_allclose(theirs[name], 100.0 * ours[name], 1e-5, 1e-8)
        elif name.startswith("variance_coefficients"):
            np.testing.assert_allclose(theirs[name], ours[name], 1e-5)


def test_what_is_added_by_a_regressor_is_in_its_coefficient(model):
    """Returns plus x'b0 have b + b0, where the prior hardly matters and the unit is fixed."""
    priors = VolatilityPriors(scale=0.01, mean_coefficient_sd=1e4)
    b0 = np.array([0.02, -0.01])
    x = X[:N] - X[:N].mean()
    ours = fit(priors=priors, samples=4000)
    theirs = fit(RETURNS[:N] + x.astype(float) @ b0, priors=priors, samples=4000, seed=2)
    expected = draws_of(ours)
    for name, shift in zip(ours.fitted.draws.coefficients.in_mean, b0, strict=True):
        expected[name] = expected[name] + shift
    assert_agree(expected, draws_of(theirs))


def test_what_is_multiplied_by_a_regressor_is_in_its_coefficient():
    priors = VolatilityPriors(scale=0.01, variance_coefficient_sd=1e3)
    z, g0 = (Z[:N] - Z[:N].mean()).astype(float), np.array([0.3, -0.1])
    options = {"x": None, "priors": priors, "mean": "zero", "samples": 5000}
    ours = fit(**options)
    theirs = fit(RETURNS[:N] * np.exp(0.5 * z @ g0), **options, seed=2)
    names = ours.fitted.draws.coefficients.in_variance
    expected, found = dict(ours.fitted.draws.variables), dict(theirs.fitted.draws.variables)
    for name, shift in zip(names, g0, strict=True):
        expected[name] = expected[name] + shift
    assert_agree(expected, found)


def test_order_of_columns(model):
    other = fit(x=X[["mood", "Monday"]], z=Z[["index, %", "Friday"]], samples=4000, seed=2)
    longer = fit(samples=4000)
    assert_agree(*({n: draws_of(m)[n] for n in draws_of(longer)} for m in (longer, other)))
    ours, theirs = (
        one.forecast(2, mean_regressors=X, variance_regressors=Z) for one in (longer, other)
    )
    np.testing.assert_allclose(ours.volatility, theirs.volatility, rtol=0.1)
    swapped = {"mean_regressors": X[["mood", "Monday"]], "variance_regressors": Z[Z.columns[::-1]]}
    same = longer.forecast(2, **swapped)
    np.testing.assert_array_equal(same.return_draws, ours.return_draws)


def test_kinds_of_tables(model):
    """Rows of polars, arrays and dicts; pandas with more dates, in another order of columns."""
    arrays = fit(RETURNS[:N].to_numpy(), X[:N].to_numpy(float), Z[:N].to_numpy(float))
    assert arrays.fitted.draws.coefficients.in_variance[1] == "variance_coefficients[x1]"
    np.testing.assert_allclose(arrays.fitted.states, model.fitted.states, rtol=1e-6)
    as_dict = {name: Z[name].to_numpy()[:N] for name in Z}
    assert_same(fit(RETURNS[:N].to_numpy(), {n: X[n].to_numpy()[:N] for n in X}, as_dict), model)
    frames = [pl.from_pandas(frame.reset_index()) for frame in (X, Z)]
    returns = pl.from_pandas(RETURNS[:N].rename("r").reset_index())
    assert_same(fit(returns, *frames, date="date"), model)
    one = fit(x=None, z=Z["index, %"])
    assert one.fitted.draws.coefficients.names == ("variance_coefficients[index, %]",)


def test_a_mean_of_zero_takes_regressors_as_they_are():
    """y = x'b alone: a dummy has the mean of its days, not their distance from others."""
    zero = fit(x=X[["Monday"]], z=None, mean="zero").summary()
    some = RETURNS[:N][X["Monday"][:N]]
    row = zero.loc["mean_coefficients[Monday]"]
    assert abs(row["mean"] - some.mean()) < 2.0 * row["sd"]
    assert "mean" not in zero.index


@ALL_AT_LENGTH
def test_every_law_with_missing_returns(distribution, leverage):
    returns = RETURNS[:N].copy()
    returns.iloc[40:44] = np.nan
    model = fit(returns, distribution=distribution, leverage=leverage, missing="skip", samples=500)
    assert model.method == "independence Metropolis"
    assert np.isfinite(model.log_marginal_likelihood).all()
    for kind in ("smoothed", "filtered"):
        assert np.isfinite(model.volatility(kind)).all(axis=None)
    assert np.isnan(model.residuals()).sum() == 4


@pytest.mark.parametrize("leverage", [False, True])
def test_evidence(leverage):
    """Six returns, one missing, against the mean likelihood of a million draws of the prior."""
    y = np.array([0.5, -1.2, np.nan, 2.0, 0.1, -0.4])
    x, z = np.array([1.0, 0.0, 2.0, 1.0, -1.0, 0.0]), np.array([0.0, 1.0, 1.0, 2.0, -1.0, 0.5])
    priors = VolatilityPriors(
        mu_sd=1.0, scale=1.0, mean_coefficient_sd=0.5, variance_coefficient_sd=0.4
    )
    stream, size = np.random.default_rng(10), 1_000_000
    mean, b, g = np.array([[1.0], [0.5], [0.4]]) * stream.standard_normal((3, size))
    mu = stream.standard_normal(size)
    phi = 2 * stream.beta(priors.phi_a, priors.phi_b, size) - 1
    sigma = np.abs(stream.standard_normal(size))
    rho = 2 * stream.beta(priors.rho_a, priors.rho_b, size) - 1 if leverage else np.zeros(size)
    s = mu + sigma / np.sqrt(1 - phi**2) * stream.standard_normal(size)
    total = np.zeros(size)
    x, z = ((values - values.mean()) / values.std() for values in (x, z))
    for t, value in enumerate(y):
        eta = stream.standard_normal(size)
        r = rho if t + 1 < len(y) else np.zeros(size)
        if not np.isnan(value):
            sd = np.exp(0.5 * np.clip(s + z[t] * g, -200.0, 200.0))
            error = (value - mean - x[t] * b) / sd - r * eta
            total += -0.5 * error**2 / (1 - r**2) - np.log(sd * np.sqrt(2 * np.pi * (1 - r**2)))
        s = mu + phi * (s - mu) + sigma * eta
    weights = np.exp(total - total.max())
    exact = np.log(weights.mean()) + total.max()
    exact_error = weights.std() / weights.mean() / np.sqrt(size)
    model = fit(y, x, z, 3000, priors=priors, leverage=leverage, missing="skip")
    ours = model.log_marginal_likelihood
    error = np.hypot(ours.error, exact_error)
    assert error < 0.02
    assert abs(ours.value - exact) < stats.norm.isf(FALSE_ALARM / 4) * error


@pytest.mark.parametrize(
    ("distribution", "leverage"), [("normal", False), *slowly(("asymmetric", True))]
)
@pytest.mark.parametrize("priors", [None, FIXED])
def test_update_is_a_refit(distribution, leverage, priors, monkeypatch):
    """One with the same centres and spreads, those of the first fit."""
    monkeypatch.setattr(updating, "_LEAST_EFFICIENCY", 0.1)
    options = {"distribution": distribution, "leverage": leverage, "priors": priors}
    model = fit(samples=3000, seed=2, **options)
    density = model.log_predictive_density(
        RETURNS.iloc[N], mean_regressors=X[N : N + 1], variance_regressors=Z
    )
    before = model.log_marginal_likelihood
    model.update(RETURNS[N : N + 1], mean_regressors=X, variance_regressors=Z)
    assert model.diagnostics["returns_since_fit"] == 1
    if priors is not None:
        gain = model.log_marginal_likelihood.value - before.value
        assert gain == pytest.approx(density, abs=1e-9)
    monkeypatch.setattr(updating, "_LEAST_EFFICIENCY", 1.0)
    again = fit(samples=3000, seed=3, **options)
    again.update(RETURNS[N : N + 1], mean_regressors=X, variance_regressors=Z)
    assert "returns_since_fit" not in again.diagnostics
    assert_agree(draws_of(model), draws_of(again))
    if priors is not None:
        one, other = model.log_marginal_likelihood, again.log_marginal_likelihood
        assert abs(one.value - other.value) < 4.5 * np.hypot(one.error, other.error)


def test_forecasts_are_of_their_regressors(model):
    """Two futures with the same shocks, of which one has what a regressor does in it."""
    low = pd.DataFrame({"Friday": [False] * 3, "index, %": [18.0] * 3})
    high = low.assign(**{"index, %": 28.0})
    x = pd.DataFrame({"Monday": [0.0, 0.0, 1.0], "mood": 0.0})
    ours, theirs = (
        model.forecast(3, mean_regressors=x, variance_regressors=z) for z in (low, high)
    )
    g = model.fitted.draws.variables["variance_coefficients[index, %]"].ravel()
    ratio = theirs.volatility_draws / ours.volatility_draws
    np.testing.assert_allclose(ratio, np.exp(5.0 * g)[:, None].repeat(3, axis=1))
    moved = model.forecast(3, mean_regressors=x.assign(mood=1.0), variance_regressors=low)
    b = model.fitted.draws.variables["mean_coefficients[mood]"].ravel()
    np.testing.assert_allclose(moved.return_draws - ours.return_draws, b[:, None].repeat(3, axis=1))


@pytest.mark.parametrize("horizon", [1, 4])
def test_predictive_is_the_forecast(model, horizon):
    future = {"mean_regressors": X, "variance_regressors": Z}
    predictive = model.predictive(horizon, **future)
    total = model.forecast(horizon, **future).return_draws.sum(axis=1)
    assert predictive.standard_deviation == pytest.approx(total.std(), rel=0.1)
    np.testing.assert_array_equal(predictive.draws.sum(axis=-1).ravel(), total)
    if horizon == 1:
        density = model.log_predictive_density(0.01, **future)
        assert float(predictive.log_density(0.01)) == pytest.approx(density, abs=1e-9)


def test_filter_at_the_end_is_the_smoother():
    """It has 64 draws of parameters; a false alarm has a probability of 6e-5."""
    model = fit(leverage=True)
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    sd = np.exp(0.5 * model.posterior.variables["h"][..., -1]).std()
    assert abs(filtered["mean"].iloc[-1] - smoothed["mean"].iloc[-1]) < 4.0 * sd / np.sqrt(64)


def test_residuals(model):
    """The mean over draws of what is left of each return, over its volatility."""
    draws, h = model.fitted.draws.variables, model.fitted.flat_states.astype(np.float64)
    x = (X[:N] - X[:N].mean()).astype(float).to_numpy()
    b = np.column_stack([draws[f"mean_coefficients[{name}]"].ravel() for name in X])
    left = RETURNS[:N].to_numpy() - draws["mean"].reshape(-1, 1) - b @ x.T
    np.testing.assert_allclose(model.residuals(), (left / np.exp(0.5 * h)).mean(axis=0), rtol=1e-6)


def test_files(model, tmp_path):
    future = {"mean_regressors": X, "variance_regressors": Z}
    longer = fit(samples=400, keep_states=7).update(RETURNS[N : N + 1], **future)
    for one in (model, longer, fit(x=None, z=Z.to_numpy(float)[:N])):
        one.save(tmp_path / "model")
        read = StochasticVolatilityModel.load(tmp_path / "model")
        assert_same(read, one) if one is not longer else None
        assert read.summary().equals(one.summary())
        assert read.idata.posterior.equals(one.idata.posterior)
        given = future if one.fitted.regressors.mean.given.names else {
            "variance_regressors": Z.to_numpy(float)[N : N + 2]
        }  # fmt: skip
        ours, theirs = (each.forecast(2, **given).return_draws for each in (one, read))
        np.testing.assert_array_equal(ours, theirs)
    read = StochasticVolatilityModel.load(tmp_path / "model")
    with pytest.raises(ValueError, match="variance_regressors are missing"):
        read.forecast()


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.volatility_forecast,
        lambda model: model.return_sd_forecast,
        lambda model: model.forecast(2),
        lambda model: model.predictive(),
        lambda model: model.log_predictive_density(0.0),
        lambda model: model.update(RETURNS[N:]),
        lambda model: model.forecast(mean_regressors=X),
        pf.risk.tail_risk,
        lambda model: pf.risk.volatility_target(model, 0.1),
    ],
)
def test_what_takes_future_values_says_so(ask):
    with pytest.raises(ValueError, match=r"(mean|variance)_regressors.*(Monday|Friday)"):
        ask(fit(samples=100))


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: pf.risk.rolling_forecast(RETURNS, model=model, start=N),
        lambda model: pf.compare_volatility_models(RETURNS, [model]),
        lambda model: pf.estimate_volatility_regime(RETURNS, model=model),
        lambda model: pf.AveragedVolatilityModel([model]),
    ],
)
def test_who_has_returns_alone_refuses(model, ask):
    with pytest.raises(ValueError, match="fitted with regressors"):
        ask(model)


@pytest.mark.parametrize(
    ("x", "error", "said"),
    [
        (X.astype(str), TypeError, r"mean_regressors\['Monday'\] must hold numbers"),
        (X.assign(mood=np.nan), ValueError, "200 NaN values, first at row 0 .2021-01-01"),
        (X.assign(one=1.0), ValueError, r"\['one'\] is 1 at every return"),
        (X.assign(sum=2.0 * X["mood"] - X["Monday"] + 1), ValueError, r"\['sum'\] is a sum of"),
        (
            pd.get_dummies(DATES.day_of_week).set_axis(DATES).rename(columns=str),
            ValueError,
            "as one of the weekdays",
        ),
        (X[5:], ValueError, "lacks 5 of the 200 dates of the returns, first 2021-01-01"),
        (X.shift(7, freq="h"), ValueError, "lacks 200 of the 200 dates"),
        (X.tz_localize("UTC"), ValueError, "with a time zone"),
        (X.set_axis([f"r{t}" for t in range(N + MORE)]), ValueError, "must both have dates"),
        (X.to_numpy(float), ValueError, "206 rows for 200 returns"),
        (np.empty((N, 0)), ValueError, "no columns"),
        (np.empty((2, 2, 2)), ValueError, "one or two dimensions"),
        (pd.concat([X, X["mood"]], axis=1), ValueError, "more than one column named 'mood'"),
        ("mood", TypeError, "found text"),
    ],
)
def test_what_is_wrong_is_said(x, error, said):
    with pytest.raises(error, match=said):
        fit(x=x, samples=20)


@pytest.mark.parametrize(
    ("future", "said"),
    [
        ({"mean_regressors": X[:N]}, "0 rows after the last return, 2021-10-07; horizon=3"),
        ({"mean_regressors": X[["mood"]]}, r"lacks the columns \['Monday'\]"),
        ({"mean_regressors": np.zeros((2, 2))}, "2 rows; horizon=3 needs 3"),
        ({"mean_regressors": X.where(X["mood"] > 1e9)}, "must hold numbers|NaN"),
        ({"mean_regressors": X, "variance_regressors": X}, "fitted without; fit it with them"),
    ],
)
def test_wrong_futures_are_said(future, said):
    model = fit(z=None, samples=100)
    with pytest.raises((ValueError, TypeError), match=said):
        model.forecast(3, **future)


@pytest.fixture(scope="module")
def jumpy():
    """Returns of which two jumped."""
    returns = RETURNS.copy()
    returns.iloc[[60, 150]] += [0.07, -0.06]
    model = SVWithJumps(leverage=True)
    return model.fit(returns[:N], 1000, mean_regressors=X, variance_regressors=Z, random_seed=1)


def test_jumps_beside_regressors(jumpy):
    table = jumpy.jump_probability()
    assert (table["probability"].iloc[[60, 150]] > 0.9).all()
    assert set(table["probability"].nlargest(2).index) == set(DATES[[60, 150]])
    np.testing.assert_allclose(table["size"].iloc[[60, 150]], [0.07, -0.06], atol=0.02)


def test_jump_probability_is_that_of_each_draw(jumpy):
    """Of two components of what is left of a return, given the shock of the next log-variance."""
    v, t = {n: x.ravel() for n, x in jumpy.fitted.draws.variables.items()}, 100
    h = jumpy.fitted.flat_states.astype(np.float64)
    x, z = ((one - one[:N].mean()).astype(float).to_numpy() for one in (X, Z))
    b, g = (
        np.stack([v[name] for name in names])
        for names in (jumpy.fitted.draws.coefficients.in_mean,
                      jumpy.fitted.draws.coefficients.in_variance)
    )  # fmt: skip
    left = jumpy.fitted.observed[t] - v["mean"] - x[t] @ b
    s, following = h[:, t] - z[t] @ g, h[:, t + 1] - z[t + 1] @ g
    eta = (following - v["mu"] - v["phi"] * (s - v["mu"])) / v["sigma"]
    shift, own = v["rho"] * eta * np.exp(0.5 * h[:, t]), (1 - v["rho"] ** 2) * np.exp(h[:, t])
    quiet = (1 - v["kappa"]) * stats.norm.pdf(left, shift, np.sqrt(own))
    wide = np.sqrt(own + v["jump_sd"] ** 2)
    jumping = v["kappa"] * stats.norm.pdf(left - v["jump_mean"], shift, wide)
    every = -(-h.shape[0] // 2000)
    expected = (jumping / (quiet + jumping))[::every].mean()
    assert jumpy.jump_probability()["probability"].iloc[t] == pytest.approx(expected, rel=1e-3)


def test_what_comes_next_has_jumps_of_their_own_size(jumpy):
    """A regressor that makes the rest of the return larger leaves the jump as it is."""
    v = jumpy.fitted.draws.variables
    z = pd.DataFrame({"Friday": [False], "index, %": [20.0]})
    x = pd.DataFrame({"Monday": [False], "mood": [0.0]})
    predictive = jumpy.predictive(mean_regressors=x, variance_regressors=z)
    values = ((z - Z[:N].mean()).astype(float).to_numpy())[0]
    explained = sum(
        value * v[name]
        for value, name in zip(values, jumpy.fitted.draws.coefficients.in_variance, strict=True)
    )
    of_jumps = v["kappa"] * (v["jump_sd"] ** 2 + (1 - v["kappa"]) * v["jump_mean"] ** 2)
    np.testing.assert_allclose(predictive.spread**2, np.exp(v["h_next"] + explained) + of_jumps)
    density = jumpy.log_predictive_density(0.05, mean_regressors=x, variance_regressors=z)
    assert float(predictive.log_density(0.05)) == pytest.approx(density, abs=1e-9)
    returns = jumpy.forecast(mean_regressors=x, variance_regressors=z).return_draws
    share = np.mean(returns < -0.01)
    error = np.sqrt(share * (1 - share) / returns.size)
    assert abs(predictive.cdf(-0.01) - share) < stats.norm.isf(FALSE_ALARM / 2) * error


def test_jumps_beside_regressors_are_kept_and_updated(jumpy, tmp_path):
    jumpy.save(tmp_path / "model.npz")
    copy = SVWithJumps.load(tmp_path / "model.npz")
    pd.testing.assert_frame_equal(
        copy.jump_probability(), jumpy.jump_probability(), check_freq=False
    )
    copy.update(RETURNS[N : N + 1], mean_regressors=X, variance_regressors=Z)
    assert copy.diagnostics["returns_since_fit"] == 1
    assert np.isfinite(copy.volatility("filtered")).all(axis=None)
