"""The model with jumps: as a user has it."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.models.stochastic_vol import StochasticVolatilityModel, SVWithJumps, simulate
from tests.agreement import assert_agree
from tests.slowly import slowly

FALSE_ALARM = 5.0
"""In standard errors: 6e-7."""
LAWS = [("normal", {}), ("student", {"nu": 8.0})]


@functools.cache
def returns_of(errors="normal", rho=0.0):
    """Return 250 simulated returns, each hundredth a jump of five times the usual size."""
    shape = dict(LAWS)[errors]
    jumps = {"kappa": 0.02, "jump_mean": -0.01, "jump_sd": 0.05}
    data = simulate(250, rho=rho, random_seed=4, **shape, **jumps)
    return data["returns"].to_numpy()


BOTH = pytest.mark.parametrize(
    ("errors", "leverage"), [("normal", False), *slowly(("student", True))]
)


@functools.cache
def fitted(errors="normal", leverage=False):
    return SVWithJumps(errors, leverage).fit(returns_of(errors), 500, random_seed=1)


@pytest.mark.slow
def test_it_is_the_model_with_jumps():
    assert pf.SVWithJumps is SVWithJumps
    same = StochasticVolatilityModel(jumps=True).fit(returns_of(), 500, random_seed=1)
    ours, theirs = fitted().posterior.variables, same.posterior.variables
    assert {"kappa", "jump_mean", "jump_sd"} < set(ours)
    for name, draws in ours.items():
        np.testing.assert_array_equal(draws, theirs[name])
    assert fitted().label == "normal + jumps"
    assert fitted().unfitted().jumps


def test_other_laws_are_refused():
    with pytest.raises(ValueError, match="jumps take distribution 'normal' or 'student'"):
        SVWithJumps("asymmetric")
    model = StochasticVolatilityModel().fit(returns_of(), 100, random_seed=1)
    with pytest.raises(ValueError, match="this model has no jumps"):
        model.jump_probability()


@BOTH
def test_saved_updated_and_loaded(errors, leverage, tmp_path):
    path = tmp_path / "model.npz"
    fitted(errors, leverage).save(path)
    model = SVWithJumps.load(path)
    pd.testing.assert_frame_equal(
        model.jump_probability(), fitted(errors, leverage).jump_probability()
    )
    model.update(returns_of(errors)[:2])
    assert model.diagnostics.get("returns_since_fit") == 2
    model.save(path)
    again = StochasticVolatilityModel.load(path)
    assert again.jumps
    assert again.predictive().quantile(0.01) == model.predictive().quantile(0.01)


@pytest.mark.slow
@BOTH
def test_updates_agree_with_a_fit(errors, leverage):
    """Draws by weight, and when the last returns jumped."""
    y = np.append(returns_of(errors, -0.5)[:100], [0.002, -0.012])
    whole, updated = (
        SVWithJumps(errors, leverage).fit(y[:n], 4000, random_seed=seed)
        for n, seed in ((102, 2), (100, 1))
    )
    updated.update(y[100:])
    assert updated.diagnostics["returns_since_fit"] == 2
    names = [*whole.fitted.draws.parameter_names(), "h_last", "h_next"]
    ours, theirs = (model.posterior.variables for model in (updated, whole))
    assert_agree(ours, {name: theirs[name] for name in names})
    a, b = updated.log_marginal_likelihood, whole.log_marginal_likelihood
    assert max(a.error, b.error) < 0.1
    assert abs(a.value - b.value) < FALSE_ALARM * np.hypot(a.error, b.error)
    a, b = (model.jump_probability()["probability"].to_numpy() for model in (updated, whole))
    np.testing.assert_allclose(a, b, atol=0.03)


@BOTH
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
def test_seed_gives_draws_on_any_number_of_cores(errors, leverage):
    options = {"samples": 40, "tune": 40, "chains": 3}
    first, again, other = (
        SVWithJumps(errors, leverage).fit(
            returns_of(errors)[:60], cores=cores, random_seed=seed, **options
        )
        for cores, seed in ((1, 7), (2, 7), (2, 8))
    )
    for name, draws in first.posterior.variables.items():
        np.testing.assert_array_equal(draws, again.posterior.variables[name], name)
        assert not np.array_equal(draws, other.posterior.variables[name])
    pd.testing.assert_frame_equal(first.jump_probability(), again.jump_probability())


def test_another_model_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    StochasticVolatilityModel().fit(returns_of(), 100, random_seed=1).save(path)
    with pytest.raises(ValueError, match="without jumps"):
        SVWithJumps.load(path)


@pytest.mark.filterwarnings("ignore:returns looks like")
def test_units_do_not_matter():
    model = SVWithJumps().fit(100.0 * returns_of(), 500, random_seed=1)
    ours, theirs = fitted().posterior.variables, model.posterior.variables
    for name in ("mean", "jump_mean", "jump_sd"):
        np.testing.assert_allclose(100.0 * ours[name], theirs[name], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ours["kappa"], theirs["kappa"], rtol=1e-4)
    np.testing.assert_allclose(
        fitted().jump_probability()["probability"],
        model.jump_probability()["probability"],
        atol=1e-4,
    )


@pytest.mark.slow
def test_mirror_image():
    """Means of 2,000 antithetic draws, counted as 500 independent ones."""
    mirror = SVWithJumps().fit(-returns_of(), 500, random_seed=2).posterior.variables
    ours = fitted().posterior.variables
    for name, sign in (("jump_mean", -1.0), ("mean", -1.0), ("jump_sd", 1.0), ("kappa", 1.0)):
        error = ours[name].std() * np.sqrt(2.0 / 500.0)
        assert abs(ours[name].mean() - sign * mirror[name].mean()) < FALSE_ALARM * error


@BOTH
def test_what_comes_next_has_jumps(errors, leverage):
    """Its distribution function against simulated returns, one period ahead and three."""
    model = fitted(errors, leverage)
    for horizon in (1, 3):
        predictive = model.predictive(horizon)
        simulated = predictive.draws.sum(axis=2)
        for y in (-0.08, -0.02, 0.0, 0.03):
            share = np.mean(simulated <= y)
            error = np.sqrt(max(share * (1.0 - share), 1e-3) / simulated.size)
            assert abs(predictive.cdf(y) - share) < FALSE_ALARM * error
    assert model.return_sd_forecast > model.volatility_forecast
    variables = model.posterior.variables
    kappa, mean = variables["kappa"], variables["jump_mean"]
    jumps = kappa * (variables["jump_sd"] ** 2 + (1.0 - kappa) * mean**2)
    np.testing.assert_allclose(
        model.predictive().spread ** 2, np.exp(variables["h_next"]) + jumps, rtol=1e-10
    )


def test_missing_returns_have_the_probability_of_any_day():
    returns = pd.Series(returns_of()).copy()
    returns.iloc[[10, 100]] = np.nan
    model = SVWithJumps().fit(returns, 300, random_seed=1, missing="skip")
    table = model.jump_probability()
    kappa = model.posterior.variables["kappa"].mean()
    np.testing.assert_allclose(table["probability"].iloc[[10, 100]], kappa, rtol=1e-6)
    assert table.notna().all(axis=None)
