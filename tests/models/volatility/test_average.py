"""Models weighed by their evidence: against their own numbers, refits, and the truth.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import logsumexp

import puffin as pf
from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    StochasticVolatilityModel,
    VolatilityPriors,
    simulate,
)
from puffin.models.volatility import sampling
from puffin.models.volatility.observed import NotObservedWarning
from puffin.portfolio import equal_risk_weights
from puffin.posterior import ConvergenceWarning, FallbackWarning, NotFittedError
from puffin.posterior.averaged import in_proportion
from tests.models.volatility.kinds import DATES, FALSE_ALARM
from tests.models.volatility.updated import FIXED, N, Y


def three(priors=FIXED):
    return [
        StochasticVolatilityModel(*one, priors=priors)
        for one in (("normal", False), ("student", False), ("normal", True))
    ]


def fit(y=Y[:N], models=None, samples=1000, **options):
    average = AveragedVolatilityModel(models or three())
    return average.fit(y, samples, **{"random_seed": 1, **options})


@pytest.fixture(scope="module")
def average():
    return fit(pd.Series(Y[:N], DATES[:N], name="fund"))


# The average is that of its models


def test_each_model_is_fitted_as_by_itself(average):
    alone = StochasticVolatilityModel("student", priors=FIXED)
    alone.fit(Y[:N], 1000, random_seed=1)
    found = average.models["Student-t"]
    assert found.log_marginal_likelihood == alone.log_marginal_likelihood
    np.testing.assert_array_equal(found.posterior.variables["mu"], alone.posterior.variables["mu"])


def test_weights_are_evidences_in_proportion(average):
    table = average.evidence
    assert list(table.index) == ["normal", "Student-t", "normal + leverage"]
    values = [model.log_marginal_likelihood.value for model in average.models.values()]
    np.testing.assert_array_equal(table["log_evidence"], values)
    np.testing.assert_allclose(average.weights, np.exp(values - logsumexp(values)))
    assert average.weights.sum() == pytest.approx(1.0, rel=1e-12)
    own = average.log_marginal_likelihood
    assert own.value == pytest.approx(logsumexp(values) - np.log(3))
    assert 0.0 < own.error < table["error"].max()


@pytest.mark.parametrize("horizon", [1, 5])
def test_forecast_is_the_mixture(average, horizon):
    predictive = average.predictive(horizon)
    parts = [model.predictive(horizon) for model in average.models.values()]
    y = predictive.quantile(0.01)
    assert predictive.cdf(y) == pytest.approx(0.01, rel=1e-9)
    assert average.weights @ [part.cdf(y) for part in parts] == pytest.approx(0.01, rel=1e-9)
    for name in ("tail_expectation", "cdf"):
        expected = average.weights @ [getattr(part, name)(-0.01) for part in parts]
        assert getattr(predictive, name)(-0.01) == pytest.approx(expected, rel=1e-9)


def test_numbers_are_averages(average):
    models, weights = list(average.models.values()), average.weights.to_numpy()
    densities = [model.log_predictive_density(0.01) for model in models]
    found = average.log_predictive_density(0.01)
    assert found == pytest.approx(logsumexp(densities, b=weights), abs=1e-9)
    expected = weights @ [model.volatility_forecast for model in models]
    assert average.volatility_forecast == pytest.approx(expected)
    path = weights @ [model.volatility_path for model in models]
    np.testing.assert_allclose(average.volatility_path, path)
    table = average.volatility()
    np.testing.assert_allclose(table["mean"], path)
    assert table.index.equals(DATES[:N])
    assert (table["hdi_low"] < table["median"]).all()
    assert (table["median"] < table["hdi_high"]).all()
    residuals = weights @ [model.residuals().to_numpy() for model in models]
    np.testing.assert_allclose(average.residuals(), residuals)
    variance = weights @ [model.return_sd_forecast**2 for model in models]
    means = [model.posterior.variables["mean"].mean() for model in models]
    variance += weights @ np.square(means) - (weights @ means) ** 2
    assert average.return_sd_forecast == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_draws_of_paths_and_forecasts_are_of_each_in_proportion(average):
    weights = average.weights.to_numpy()
    states = [model.fitted.flat_states for model in average.models.values()]
    expected = np.median(np.exp(0.5 * in_proportion(states, weights)), axis=0)
    np.testing.assert_allclose(average.volatility()["median"], expected, rtol=1e-6)
    filtered = average.volatility("filtered")
    each = [model.volatility("filtered")["mean"] for model in average.models.values()]
    np.testing.assert_allclose(filtered["mean"], weights @ np.array(each))
    forecast = average.forecast(3, [0.05, 0.5])
    assert forecast.return_draws.shape == (4000, 3)
    predictive = average.predictive()
    share = np.mean(forecast.return_draws[:, 0] <= predictive.quantile(0.05))
    assert abs(share - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 4000)


def test_order_of_models_changes_nothing(average):
    other = fit(pd.Series(Y[:N], DATES[:N]), three()[::-1])
    pd.testing.assert_series_equal(
        other.weights.sort_index(), average.weights.sort_index(), rtol=1e-9
    )
    for of in (
        lambda one: one.predictive(1).quantile(0.01),
        lambda one: one.predictive(3).tail_expectation(-0.02),
        lambda one: one.log_marginal_likelihood.value,
        lambda one: one.volatility_forecast,
    ):
        assert of(other) == pytest.approx(of(average), rel=1e-9)


def test_a_model_by_itself_is_its_own_average():
    model = StochasticVolatilityModel("student").fit(Y[:N], 500, random_seed=1)
    average = AveragedVolatilityModel.of_fitted({"it": model})
    assert average.weights.to_dict() == {"it": 1.0}
    assert average.predictive().quantile(0.01) == pytest.approx(model.predictive().quantile(0.01))
    assert average.log_marginal_likelihood == model.log_marginal_likelihood
    pd.testing.assert_frame_equal(average.volatility(), model.volatility())


def test_risk_and_portfolios_take_it(average):
    table = pf.risk.tail_risk(average, (0.05,)).table
    assert table["value_at_risk"][0.05] == pytest.approx(-average.predictive().quantile(0.05))
    assert 0.0 < table["value_at_risk_error"][0.05] < 0.05 * table["value_at_risk"][0.05]
    target = pf.risk.volatility_target(average, 0.1)
    spread, weights = average.predictive().spread, average.predictive().weights
    assert target.volatility == pytest.approx(np.sqrt(252) * float((spread @ weights)[0]), rel=0.05)
    assert 0.0 <= pf.risk.kelly_fraction(average).fraction <= 1.0
    assert 0.0 < pf.risk.stop_distance(average, 5).long < 0.5
    weights = equal_risk_weights({"one": average, "same": average}, np.eye(2))
    np.testing.assert_allclose(weights, 0.5)


def test_plot(average):
    [ax] = average.plot_volatility().axes
    assert ax.get_title(loc="left") == "Volatility of fund: average of 3 models"


# Returns that come


def test_update_multiplies_weights_by_predictive_densities():
    """Exactly, with priors in a unit of their own."""
    average = fit()
    for value in Y[N : N + 3]:
        gains = [model.log_predictive_density(value) for model in average.models.values()]
        overall = average.log_predictive_density(value)
        before, evidence = np.log(average.weights), average.log_marginal_likelihood.value
        average.update([value])
        assert all(model.diagnostics["returns_since_fit"] for model in average.models.values())
        expected = before + gains - logsumexp(before + gains)
        np.testing.assert_allclose(np.log(average.weights), expected, atol=1e-9)
        found = average.log_marginal_likelihood.value - evidence
        assert found == pytest.approx(overall, abs=1e-9)


def test_missing_return_says_nothing_of_models():
    average = fit(missing="skip")
    before = average.evidence
    average.update([np.nan])
    pd.testing.assert_frame_equal(average.evidence, before)


@pytest.mark.slow
@pytest.mark.parametrize("priors", [None, FIXED])
def test_update_is_a_refit(priors):
    """Of the same models; evidences differ by their Monte Carlo errors, and so do weights."""
    updated = fit(models=three(priors), samples=3000).update(Y[N:])
    whole = fit(Y, three(priors), 3000, random_seed=2)
    one, other = updated.evidence, whole.evidence
    error = np.hypot(one["error"], other["error"])
    assert error.max() < 0.1
    z = (one["log_evidence"] - other["log_evidence"]) / error
    assert np.abs(z).max() < stats.norm.isf(FALSE_ALARM / 12)
    # A log weight moves by no more than twice the largest change of a log evidence.
    change = np.log(updated.weights / whole.weights)
    assert np.abs(change).max() <= 2.0 * np.abs(one["log_evidence"] - other["log_evidence"]).max()


@pytest.mark.slow
def test_evidence_is_the_sum_of_what_was_forecast():
    """Log evidence of all less that of the first: one-step predictive densities, added up."""
    first, n = 60, N
    for model in three():
        forecaster = model.fit(Y[:first], 3000, random_seed=1)
        start, total = forecaster.log_marginal_likelihood, 0.0
        variance = start.error**2
        for t in range(first, n):
            density = np.exp(forecaster.predictive().conditional_log_density(Y[t]))
            total += forecaster.log_predictive_density(Y[t])
            variance += (pf.posterior.monte_carlo_error(density) / density.mean()) ** 2
            forecaster.update(Y[t : t + 1])
        end = model.unfitted().fit(Y[:n], 3000, random_seed=2).log_marginal_likelihood
        error = np.sqrt(variance + end.error**2)
        assert error < 0.25
        assert abs(start.value + total - end.value) < stats.norm.isf(FALSE_ALARM / 6) * error


def test_evidence_goes_on_where_a_new_fit_has_none(monkeypatch):
    """By the density that the model gave the return; with an error that is not less."""
    average = fit()
    before, student = average.evidence, average.models["Student-t"]
    gain = student.log_predictive_density(Y[N])
    with monkeypatch.context() as patch:
        patch.setattr(StochasticVolatilityModel, "has_evidence", property(_is_normal))
        average.update(Y[N : N + 1])
        after = average.evidence
        average.update([*Y[N + 1 : N + 3]])
        assert np.isfinite(average.evidence).all().all()
    found = after["log_evidence"] - before["log_evidence"]
    assert found["Student-t"] == pytest.approx(gain, abs=1e-9)
    assert after["error"]["Student-t"] > before["error"]["Student-t"]
    # The same as by weight, whose error knows that draws are the same.
    own = average.models["Student-t"].log_marginal_likelihood
    assert average.evidence["log_evidence"]["Student-t"] == pytest.approx(own.value, abs=0.05)
    average.update(Y[N + 3 : N + 4])
    assert average.evidence["log_evidence"]["Student-t"] == (
        average.models["Student-t"].log_marginal_likelihood.value
    )


def _is_normal(model):
    return model.distribution == "normal"


def test_several_returns_at_once_are_as_one_by_one():
    one_by_one = fit(pd.Series(Y[:N], DATES[:N]))
    at_once = fit(pd.Series(Y[:N], DATES[:N]))
    at_once.update(pd.Series(Y[N : N + 3], DATES[N : N + 3]))
    for t in range(N, N + 3):
        one_by_one.update(pd.Series(Y[t : t + 1], DATES[t : t + 1]))
    pd.testing.assert_frame_equal(at_once.evidence, one_by_one.evidence)
    assert at_once.predictive().index.equals(DATES[: N + 3])


def test_all_models_are_updated_or_none(monkeypatch):
    average = fit(pd.Series(Y[:N], DATES[:N]))
    before, models = average.weights, dict(average.models)
    with pytest.raises(ValueError, match="new_returns"):
        average.update(pd.Series(Y[:1], DATES[:1]))
    last = average.models["normal + leverage"]
    # Copies are updated, and they are made of the class.
    updated, update = [], StochasticVolatilityModel.update

    def fail_at_last(self, *args, **options):
        if self.leverage:
            raise KeyboardInterrupt
        updated.append(self)
        return update(self, *args, **options)

    monkeypatch.setattr(StochasticVolatilityModel, "update", fail_at_last)
    with pytest.raises(KeyboardInterrupt):
        average.update(pd.Series(Y[N : N + 1], DATES[N : N + 1]))
    assert len(updated) == 2
    pd.testing.assert_series_equal(average.weights, before)
    assert average.models == models
    assert average.models["normal + leverage"] is last
    assert {model.fitted.series.values.size for model in average.models.values()} == {N}


# What the returns can tell


@pytest.mark.slow
def test_the_true_model_wins():
    normal, student = StochasticVolatilityModel(), StochasticVolatilityModel("student")
    truth = {"mu": -9.0, "phi": 0.95, "sigma": 0.2, "random_seed": 4}
    fat = simulate(1000, nu=3.0, **truth)["returns"].to_numpy()
    assert fit(fat, [normal, student], 500).weights["Student-t"] > 0.99
    # A model too many loses by what its prior wastes, and not by much.
    thin = simulate(1000, **truth)["returns"].to_numpy()
    assert 0.6 < fit(thin, [normal, student], 500).weights["normal"] < 0.999


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::puffin.posterior.FallbackWarning")
@pytest.mark.filterwarnings("ignore::puffin.reading.OddReturnsWarning")
def test_probabilities_of_models_are_those_of_the_truth():
    """Truths from the prior, of two models alike: one of p comes true in a share p of cases.

    The number of times that the Student-t was true has mean sum p and variance sum p (1 - p); and
    so has the same weighted by p - 1/2, which is off where probabilities are too bold or too timid.
    """
    scale, replicates = 0.01, 160
    priors = VolatilityPriors(scale=scale, nu_mean=1.5, sigma_sd=0.3, mu_sd=1.0)
    models = {
        name: StochasticVolatilityModel(name, priors=priors) for name in ("normal", "student")
    }
    probability, true = np.empty(replicates), np.empty(replicates)
    for replicate in range(replicates):
        stream = np.random.default_rng([11, replicate])
        true[replicate] = stream.random() < 0.5
        returns = simulate(
            60,
            mean=stream.normal(0, priors.mean_sd) * scale,
            mu=stream.normal(0, priors.mu_sd) + 2 * np.log(scale),
            phi=2 * stream.beta(priors.phi_a, priors.phi_b) - 1,
            sigma=abs(stream.normal(0, priors.sigma_sd)),
            nu=2 + stream.exponential(priors.nu_mean) if true[replicate] else None,
            random_seed=int(stream.integers(2**31)),
        )["returns"]
        average = AveragedVolatilityModel(models).fit(
            returns, 500, 200, chains=1, random_seed=replicate
        )
        probability[replicate] = average.weights["student"]
    p, off = probability, true - probability
    assert np.mean((p < 0.2) | (p > 0.8)) > 0.4
    for weight in (1.0, p - 0.5):
        z = np.sum(weight * off) / np.sqrt(np.sum(weight**2 * p * (1 - p)))
        assert abs(z) < stats.norm.isf(FALSE_ALARM / 4)


# Models without an evidence


def fail_for_student(monkeypatch):
    sample = sampling.sample_stochastic_volatility

    def fail(y, model, settings, **options):
        if model.law.name == "student":
            raise SamplingError("on purpose")
        return sample(y, model, settings, **options)

    monkeypatch.setattr(sampling, "sample_stochastic_volatility", fail)


def test_model_that_failed_has_no_weight(monkeypatch):
    alone = fit(models=three()[::2], samples=200)
    fail_for_student(monkeypatch)
    with pytest.warns(FallbackWarning) as caught:
        average = fit(samples=200)
    messages = [str(one.message) for one in caught if one.category is FallbackWarning]
    assert messages[0].startswith("Student-t: Sampling failed (on purpose)")
    assert messages[1] == (
        "Without an evidence, and so left out of the average: Student-t (EWMA (decay 0.94))."
    )
    assert {one.filename for one in caught} == {__file__}
    assert average.weights["Student-t"] == 0.0
    assert np.isnan(average.evidence["log_evidence"]["Student-t"])
    assert average.predictive().quantile(0.01) == alone.predictive().quantile(0.01)
    assert average.log_marginal_likelihood == alone.log_marginal_likelihood


def test_an_average_of_nothing_is_refused(monkeypatch):
    fail_for_student(monkeypatch)
    with (
        pytest.warns(FallbackWarning),
        pytest.raises(ValueError, match=r"no model has an evidence .* Student-t \(EWMA"),
    ):
        fit(models=three()[1:2], samples=200)


# What is said


def test_what_all_models_say_is_said_once():
    y = np.where(np.arange(N) % 7 == 0, 0.0, Y[:N])
    with pytest.warns(NotObservedWarning) as caught:
        average = fit(y, samples=300)
    assert [one.category for one in caught] == [NotObservedWarning]
    assert "count as not observed" in average.note
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(samples=300)


def test_few_draws_are_said_once():
    with pytest.warns(ConvergenceWarning, match="Only 80 draws in all") as caught:
        fit(samples=20)
    assert len(caught) == 1


def test_short_reprs(average):
    unfitted = average.unfitted()
    assert repr(unfitted) == (
        "AveragedVolatilityModel(['normal', 'Student-t', 'normal + leverage'])"
    )
    assert repr(average).startswith("AveragedVolatilityModel(3 models: ")
    assert "%" in repr(average)


def test_default_models_are_all_laws_with_and_without_leverage():
    assert list(AveragedVolatilityModel().models) == [
        "normal",
        "Student-t",
        "asymmetric Student-t",
        "normal + leverage",
        "Student-t + leverage",
        "asymmetric Student-t + leverage",
    ]


def test_not_fitted():
    average = AveragedVolatilityModel(three())
    for use in (
        average.predictive,
        lambda: average.weights,
        lambda: average.note,
        lambda: average.update([0.1]),
        lambda: average.save("nowhere"),
    ):
        with pytest.raises(NotFittedError, match="AveragedVolatilityModel is not fitted"):
            use()
    with pytest.raises(NotFittedError):
        AveragedVolatilityModel.of_fitted(three())


def test_models_given_are_left_alone():
    models = three()
    average = fit(models=models, samples=200)
    assert all(model._fitted is None for model in models)
    fitted = list(average.models.values())
    other = AveragedVolatilityModel.of_fitted(fitted).update(Y[N : N + 1])
    assert {model.fitted.series.values.size for model in fitted} == {N}
    assert {model.fitted.series.values.size for model in other.models.values()} == {N + 1}
