from __future__ import annotations

import copy

import numpy as np
import pytest

from puffin.models.regimes import BayesianRegimeSwitching, RegimePriors
from puffin.models.regimes import model as model_file
from tests.models.regimes.fitting import fitted, returns


def updated(rows=slice(400, 420)):
    return copy.copy(fitted()).update(returns()[rows])


def test_an_update_is_a_fit_to_all_returns():
    """Means agree within 5.5 standard errors (60 effective draws of 100): false alarm 1e-6."""
    model = updated()
    assert model.diagnostics["returns_since_fit"] == 20
    priors = RegimePriors(scale=fitted().fitted.sampled.scale)
    whole = BayesianRegimeSwitching(2, "normal", priors=priors)
    whole.fit(returns(), 2000, chains=2, cores=1, random_seed=5)
    for name in ("mean[1]", "sd[1]", "sd[2]", "transition[1,1]", "transition[2,2]"):
        a, b = model.summary().loc[name], whole.summary().loc[name]
        error = np.hypot(a["sd"] / np.sqrt(250), b["sd"] / np.sqrt(b["ess_bulk"]))
        assert abs(a["mean"] - b["mean"]) < 5.5 * error
    np.testing.assert_allclose(model.next_regime, whole.next_regime, atol=0.03)
    ours, theirs = model.log_marginal_likelihood, whole.log_marginal_likelihood
    assert abs(ours.value - theirs.value) < 5.5 * np.hypot(ours.error, theirs.error) + 0.05


def test_one_by_one_is_all_at_once():
    model = copy.copy(fitted())
    for row in range(400, 420):
        model.update(returns()[row : row + 1])
    together = updated()
    np.testing.assert_allclose(
        model.fitted.sampled.log_weights, together.fitted.sampled.log_weights, atol=1e-8
    )
    np.testing.assert_allclose(
        model.fitted.sampled.ahead, together.fitted.sampled.ahead, atol=1e-10
    )


def test_the_past_stays_as_it_was_known():
    """The next regime after an update does not depend on what comes later: no look-ahead."""
    before = updated(slice(400, 410))
    other = returns()[410:420] * -3.0
    known = before.next_regime.copy()
    later = copy.copy(before).update(other)
    assert before.next_regime.equals(known)
    assert not later.next_regime.equals(known)


def test_log_scores_add_up_to_the_evidence():
    model, total = copy.copy(fitted()), 0.0
    for row in range(400, 410):
        total += model.log_predictive_density(float(returns().iloc[row]))
        model.update(returns()[row : row + 1])
    difference = model.log_marginal_likelihood.value - fitted().log_marginal_likelihood.value
    assert total == pytest.approx(difference, abs=1e-8)


def test_a_shock_has_the_model_fitted_again(monkeypatch):
    fits = []
    sample = model_file.sample

    def counted(*arguments, **options):
        fits.append(options)
        return sample(*arguments, **options)

    monkeypatch.setattr(model_file, "sample", counted)
    shock = returns()[400:401] * 0 - 0.5
    model = copy.copy(fitted()).update(shock)
    assert fits == [{"scale": fitted().fitted.sampled.scale, "step": fitted().fitted.sampled.step}]
    assert "returns_since_fit" not in model.diagnostics


def test_returns_of_the_past_are_refused():
    with pytest.raises(ValueError, match="give the later ones only"):
        copy.copy(fitted()).update(returns()[390:395])


@pytest.mark.filterwarnings("ignore::puffin.models.regimes.UnsupportedRegimesWarning")
def test_a_doubt_says_of_which_returns_it_is():
    """An update weighs the evidence of all regimes, and not that of one."""
    values = 0.01 * np.random.default_rng(1).standard_normal(200)
    model = BayesianRegimeSwitching(2, "normal").fit(values, 500, chains=2, cores=1, random_seed=1)
    [before] = [doubt for doubt in model.doubts if "regimes at all" in doubt]
    assert ", is -" in before
    model.update(values[:1])
    assert "returns_since_fit" in model.diagnostics
    [after] = [doubt for doubt in model.doubts if "regimes at all" in doubt]
    assert after == before.replace(", is", ", was at the last fit")


def test_a_missing_return_moves_the_regime_only():
    gap = returns()[400:401] * np.nan
    model = BayesianRegimeSwitching(2, "normal").fit(
        returns()[:100], 300, chains=2, cores=1, random_seed=1, missing="skip"
    )
    weights = model.update(gap.set_axis(returns().index[100:101])).fitted.sampled.log_weights
    np.testing.assert_allclose(weights, 0.0, atol=1e-12)
