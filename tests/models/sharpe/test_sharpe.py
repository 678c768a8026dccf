"""Properties that the posterior of a Sharpe ratio must have."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import SharpePriors, bayesian_sharpe
from puffin.models.sharpe.annualisation import autocorrelated_annualisation
from puffin.models.sharpe.hurdle import hurdle_sharpe
from puffin.validation.flat import flat_value, repeated_value
from puffin.validation.risk_free_rate import period_risk_free_rate

KEYS = ["mean", "std", "hdi_low", "hdi_high", "prob_positive"]


@pytest.fixture(scope="module")
def returns():
    return 0.0005 + 0.01 * np.random.default_rng(1).standard_t(4, 400)


def test_units_do_not_matter(returns):
    one, hundred = (bayesian_sharpe(unit * returns, random_seed=1) for unit in (1.0, 100.0))
    assert [one[key] for key in KEYS] == pytest.approx([hundred[key] for key in KEYS], rel=1e-9)
    ratio = hundred.posterior.flat("sd") / one.posterior.flat("sd")
    np.testing.assert_allclose(ratio, 100.0, rtol=1e-9)


def test_sign_flips_with_the_returns(returns):
    long, short = (bayesian_sharpe(sign * returns, random_seed=1) for sign in (1.0, -1.0))
    error = 6 * long["std"] / np.sqrt(min(long["ess"], short["ess"]))
    assert abs(long["mean"] + short["mean"]) < error


def test_sharpe_is_mean_over_standard_deviation(returns):
    result = bayesian_sharpe(returns, random_seed=1, periods_per_year=12)
    flat = result.posterior.flat
    np.testing.assert_allclose(result.draws, np.sqrt(12) * flat("mu") / flat("sd"))


def test_long_gaussian_series_has_the_sampling_error_of_lo():
    """With many Gaussian returns: mean is the estimate, sd is sqrt((1 + S^2 / 2) / n) a period."""
    returns = np.random.default_rng(2).normal(0.1, 1.0, 20_000)
    result = bayesian_sharpe(returns, periods_per_year=1, random_seed=1)
    estimate = returns.mean() / returns.std()
    error = np.sqrt((1 + estimate**2 / 2) / returns.size)
    assert abs(result["mean"] - estimate) < 0.15 * error
    assert result["std"] == pytest.approx(error, rel=0.05)


def test_risk_free_rate_is_annual(returns):
    """Taking the period's rate off the returns is the same as naming the annual rate."""
    annual = bayesian_sharpe(returns, risk_free_rate=0.05, random_seed=1)
    period = bayesian_sharpe(returns - (1.05 ** (1 / 252) - 1), random_seed=1)
    assert annual["mean"] == pytest.approx(period["mean"], rel=1e-9)
    assert period_risk_free_rate(0.05, 252) == pytest.approx(np.log(1.05) / 252, rel=1e-3)


def test_the_result_says_which_return_is_that_of_flat_periods(returns):
    assert bayesian_sharpe(returns, 100, random_seed=1)["flat"] is None
    values = np.where(np.arange(returns.size) % 10 == 0, 0.0001, returns)
    assert bayesian_sharpe(values, 100, 0.02, random_seed=1)["flat"] == 0.0001


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3])
@pytest.mark.parametrize("q", [1, 12, 252])
def test_annualisation_is_that_of_summed_returns(rho, q):
    """Lo's factor against the variance of a sum of q AR(1) returns, added up term by term."""
    lags = np.arange(1, q)
    variance = q + 2 * np.sum((q - lags) * rho**lags)
    factor = autocorrelated_annualisation(np.array([rho]), q)[0]
    assert factor == pytest.approx(q / np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("rho", [-0.3, 0.3])
def test_autocorrelated_returns(rho):
    """The Sharpe ratio of years: `ar1` is right about it and `ignore` is not."""
    stream, per_period, years, q = np.random.default_rng(3), 0.05, 200, 52
    shocks = stream.normal(size=years * q) * np.sqrt(1 - rho**2)
    returns = np.empty(years * q)
    returns[0] = shocks[0]
    for t in range(1, returns.size):
        returns[t] = rho * returns[t - 1] + shocks[t]
    returns += per_period
    truth = autocorrelated_annualisation(np.array([rho]), q)[0] * per_period
    ar1 = bayesian_sharpe(returns, periods_per_year=q, autocorrelation="ar1", random_seed=1)
    ignored = bayesian_sharpe(returns, periods_per_year=q, random_seed=1)
    assert abs(ar1["mean"] - truth) < 4.5 * ar1["std"]
    assert abs(ignored["mean"] - np.sqrt(q) * per_period) < 4.5 * ar1["std"]
    assert np.sign(truth - ignored["mean"]) == -np.sign(rho)
    assert abs(ar1.posterior.flat("rho").mean() - rho) < 0.06


def test_often_flat_strategy_gets_the_hurdle():
    stream = np.random.default_rng(4)
    active = stream.random(5000) < 0.2
    returns = np.where(active, stream.normal(0.002, 0.01, 5000), 0.0)
    result = bayesian_sharpe(returns, random_seed=1)
    assert (
        result["model"]
        == f"hurdle asymmetric Student-t (flat on {np.mean(~active):.0%} of periods)"
    )
    assert abs(result["mean"] - result["sample_sharpe"]) < result["std"]
    assert abs(result.posterior.flat("prob_active").mean() - active.mean()) < 0.001


def test_hurdle_formula_is_that_of_the_design():
    p, mu, sd = 0.3, 0.02, 0.05
    design = p * mu / np.sqrt(p * (sd**2 + mu**2) - p**2 * mu**2)
    assert hurdle_sharpe(np.array(p), np.array(mu), np.array(sd), 0.0) == pytest.approx(design)
    flat = -0.001
    mixture = np.where(np.arange(1000) < 300, 0.0, flat)
    mean = p * mu + mixture.mean()
    variance = p * (sd**2 + mu**2) + 0.7 * flat**2 - mean**2
    ours = hurdle_sharpe(np.array(p), np.array(mu), np.array(sd), flat)
    assert ours == pytest.approx(mean / np.sqrt(variance))


def test_active_always_is_the_plain_model():
    assert hurdle_sharpe(np.array(1.0), np.array(0.1), np.array(2.0), 0.0) == pytest.approx(0.05)


def test_flat_at_times_is_flat_too():
    """Not only where most returns are one value: a few zeros are what a Student-t centres on."""
    returns = np.random.default_rng(5).normal(0.001, 0.01, 400)
    assert flat_value(returns) is None
    returns[:20] = 0.0
    assert flat_value(returns) is None
    returns[:21] = 0.0
    assert flat_value(returns) == 0.0
    assert flat_value(np.array([0.1, 0.1, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5])) is None


def test_a_third_of_flat_days_does_not_move_the_sharpe_ratio():
    """The posterior mean is within a posterior deviation of the sample's, as it is without them."""
    stream = np.random.default_rng(6)
    returns = np.where(stream.random(2_000) < 0.3, 0.0, stream.normal(0.001, 0.01, 2_000))
    sharpe = bayesian_sharpe(returns, 1_000, periods_per_year=252, random_seed=1)
    assert sharpe["model"].startswith("hurdle")
    assert abs(sharpe["mean"] - sharpe["sample_sharpe"]) < 0.5 * sharpe["std"]


def test_repeated_value():
    assert repeated_value(np.array([0.0, 0.0, 1.0])) == 0.0
    assert repeated_value(np.array([0.0, 0.0, 1.0, 2.0])) is None
    assert repeated_value(np.array([5.0, 5.0, 5.0, -1.0, 9.0])) == 5.0


@pytest.mark.parametrize("autocorrelation", ["counted", "ignore", "ar1"])
def test_seed_gives_draws_on_any_number_of_cores(returns, autocorrelation):
    options = {"samples": 300, "autocorrelation": autocorrelation}
    first = bayesian_sharpe(returns, random_seed=7, cores=1, **options)
    again = bayesian_sharpe(returns, random_seed=7, cores=4, **options)
    other = bayesian_sharpe(returns, random_seed=8, **options)
    np.testing.assert_array_equal(first.draws, again.draws)
    assert not np.isin(first.draws, other.draws).any()


def test_seeds_of_every_kind(returns):
    by_sequence = [
        bayesian_sharpe(returns, 50, random_seed=np.random.SeedSequence(3)).draws for _ in range(2)
    ]
    np.testing.assert_array_equal(*by_sequence)
    stream = np.random.default_rng(3)
    first, second = (bayesian_sharpe(returns, 50, random_seed=stream).draws for _ in range(2))
    assert not np.array_equal(first, second)


def test_result_survives_a_pickle(returns):
    result = bayesian_sharpe(returns, 50, random_seed=1)
    copy = pickle.loads(pickle.dumps(result))
    assert dict(copy) == dict(result)
    np.testing.assert_array_equal(copy.draws, result.draws)


def test_idata_names_the_dates_and_the_method():
    dates = pd.date_range("2021-01-01", periods=60, freq="B", tz="America/New_York")
    series = pd.Series(np.random.default_rng(5).normal(size=60), dates)
    result = bayesian_sharpe(series, 100, random_seed=1)
    posterior = result.idata["posterior"]
    assert set(posterior.data_vars) == {
        "mu", "sd", "asymmetry", "nu_left", "nu_right", "sharpe",
    }  # fmt: skip
    assert posterior["sharpe"].shape == (4, 100)
    assert posterior.attrs["method"] == result["method"]
    assert result.idata["observed_data"]["time"].size == 60
    assert result.idata["sample_stats"]["accepted"].shape == (4, 100)


def test_years_until_by_hand(returns):
    """Four years with mean 0.6 and sd 0.5: 1.645^2 * 0.25 / 0.36 = 1.879 times as many in all."""
    found = bayesian_sharpe(returns, 100, periods_per_year=100, random_seed=1)
    found.update(mean=0.6, std=0.5)
    assert found.prob_greater(-9.0) == 1.0
    threshold = float(np.quantile(found.draws, 0.5))
    found.update(mean=threshold + 0.6)
    years = 4 * ((1.6448536 * 0.5 / 0.6) ** 2 - 1)
    assert found.years_until(threshold) == pytest.approx(years, rel=1e-6)
    assert found.years_until(-9.0) == 0.0
    assert found.years_until(threshold + 0.7) == float("inf")
    with pytest.raises(ValueError, match=r"prob must be above 0\.5"):
        found.years_until(0.0, prob=0.4)


def test_after_years_until_it_is_as_likely_as_not_that_the_answer_is_known():
    """Truths from the posterior, and years of returns from each: half of them settle it.

    4,000 simulated futures: binomial bounds with probability 1 - 1e-5. Normal returns and known
    volatility, for which the posterior is normal: two years, mean 0.5, standard deviation 0.7.
    """
    stream, mean, sd, years = np.random.default_rng(7), 0.5, np.sqrt(0.5), 2.0
    now = bayesian_sharpe(np.array([0.1, -0.1, 0.3]), 100, periods_per_year=1.5, random_seed=1)
    now.update(mean=mean, std=sd)
    assert now.prob_greater(0.0) < 0.95
    more = now.years_until(0.0)
    truth = mean + sd * stream.standard_normal(4000)
    later = truth + stream.standard_normal(4000) / np.sqrt(more)
    precision = years + more
    posterior_mean = (mean * years + later * more) / precision
    settled = stats.norm.cdf(posterior_mean * np.sqrt(precision)) > 0.95
    low, high = stats.binom.ppf([5e-6, 1 - 5e-6], 4000, 0.5)
    assert low <= settled.sum() <= high


def test_predicted_returns_are_those_of_the_model(returns):
    """Against the exact mixture of the law's distributions: false alarms below 1e-6."""
    found = bayesian_sharpe(returns, 5000, random_seed=1)
    predicted = found.predict(np.random.default_rng(2)).ravel()
    draws = {name: values.ravel()[:, None] for name, values in found.posterior.variables.items()}
    at = np.quantile(predicted, np.linspace(0.001, 0.999, 99))
    exact = found.law.cdf((at - draws["mu"]) / draws["sd"], draws).mean(axis=0)
    distances = np.abs(np.linspace(0.001, 0.999, 99) - exact)
    assert distances.max() < stats.kstwo.isf(1e-6, predicted.size)


def test_predicted_returns_are_flat_as_often_as_the_strategy():
    """Five standard errors of 4,000 draws: false alarms below 1e-6."""
    stream = np.random.default_rng(3)
    values = np.where(stream.random(500) < 0.3, stream.normal(0.001, 0.01, 500), 0.0)
    found = bayesian_sharpe(values, 1000, risk_free_rate=0.05, random_seed=1)
    predicted = found.predict(stream)
    assert found.flat_excess == pytest.approx(1.0 - 1.05 ** (1 / 252))
    share = np.mean(predicted == found.flat_excess)
    assert abs(share - np.mean(values == 0.0)) < 5 * np.sqrt(0.21 / 4000) + 0.01


def test_prob_greater_and_plot(returns):
    result = bayesian_sharpe(returns, 1000, random_seed=1)
    assert result.prob_greater(0.0) == result["prob_positive"]
    assert result.prob_greater(1e9) == 0.0 < result.prob_greater(-1e9) == 1.0
    [axes] = result.plot().axes
    assert "returns" in axes.get_title()


@pytest.mark.slow
def test_priors_matter_and_print_themselves(returns):
    few = returns[:10]
    tight = bayesian_sharpe(few, priors=SharpePriors(mu_sd=0.01), random_seed=1)
    wide = bayesian_sharpe(few, random_seed=1)
    assert tight["std"] < wide["std"] / 5
    assert "mu ~ Normal(0, 0.01)" in str(SharpePriors(mu_sd=0.01))


def test_scale_may_be_a_number(returns):
    """A prior scale close to the data's own changes the posterior only a little."""
    data = bayesian_sharpe(returns, random_seed=1)
    number = bayesian_sharpe(
        returns, priors=SharpePriors(scale=float(returns.std())), random_seed=1
    )
    assert data["mean"] == pytest.approx(number["mean"], rel=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples must be a whole number of at least 1; found 0"),
        ({"samples": 10.5}, "samples must be a whole number"),
        ({"chains": 0}, "chains"),
        ({"cores": 0}, "cores"),
        ({"tune": -1}, "tune"),
        ({"hdi_prob": 1.0}, "hdi_prob must be between 0 and 1"),
        ({"hdi_prob": "wide"}, "hdi_prob must be a number; found 'wide'"),
        ({"risk_free_rate": np.nan}, "risk_free_rate must be finite"),
        ({"risk_free_rate": -1.0}, "risk_free_rate must be above -1"),
        ({"periods_per_year": 0}, "periods_per_year must be above zero"),
        ({"autocorrelation": "arma"}, "autocorrelation must be one of 'counted', 'ignore', 'ar1'"),
        ({"engine": "stan"}, "engine must be one of 'native', 'pymc'"),
        ({"random_seed": -1}, "random_seed"),
        ({"random_seed": "seed"}, "random_seed"),
    ],
)
def test_bad_options_are_named(returns, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        bayesian_sharpe(returns, **options)


def test_an_ar1_without_surprises_is_refused_at_once():
    returns = np.where(np.arange(20) % 2, 0.01, -0.008)
    with pytest.raises(ValueError, match=r"each return follows from the one before it.*counted"):
        bayesian_sharpe(returns, autocorrelation="ar1")


def test_hurdle_and_ar1_do_not_mix():
    returns = np.zeros(50)
    returns[::5] = np.random.default_rng(1).normal(size=10)
    with pytest.raises(ValueError, match="use autocorrelation='counted'"):
        bayesian_sharpe(returns, autocorrelation="ar1")


def test_constant_active_days_are_refused():
    returns = np.zeros(50)
    returns[::5] = 0.01
    with pytest.raises(ValueError, match="active days with different returns"):
        bayesian_sharpe(returns)


def test_posterior_is_calibrated_against_a_normal_approximation():
    """The quantiles of the draws are those of the posterior's own normal limit."""
    returns = np.random.default_rng(6).normal(0.05, 1.0, 50_000)
    draws = bayesian_sharpe(returns, 2000, periods_per_year=1, random_seed=1).draws
    standardised = (draws - draws.mean()) / draws.std()
    assert stats.kstest(standardised[::5], "norm").pvalue > 1e-6


@pytest.mark.parametrize(
    ("distribution", "shape"),
    [("asymmetric", {"asymmetry", "nu_left", "nu_right"}), ("student", {"nu"}), ("normal", set())],
)
def test_every_law_is_there(returns, distribution, shape):
    found = bayesian_sharpe(returns, 500, distribution=distribution, random_seed=1)
    assert set(found.posterior.variables) == {"mu", "sd", "sharpe", *shape}
    assert found["distribution"] == found.law.name == distribution
    assert abs(found["mean"] - found["sample_sharpe"]) < 0.5 * found["std"]


def test_laws_agree_about_normal_returns():
    """Where errors are normal, all laws say the same, within a few hundredths of a deviation."""
    normal_returns = np.random.default_rng(8).normal(0.05, 1.0, 4000)
    laws = [
        bayesian_sharpe(normal_returns, distribution=law, periods_per_year=1, random_seed=1)
        for law in ("normal", "student", "asymmetric")
    ]
    for one in laws[1:]:
        assert one["mean"] == pytest.approx(laws[0]["mean"], abs=0.1 * laws[0]["std"])
        assert one["std"] == pytest.approx(laws[0]["std"], rel=0.05)


@pytest.mark.slow
def test_few_returns_are_not_overfitted():
    """Of 60 normal returns with mean zero, the 94% interval holds zero as often as it says.

    120 samples: fewer than 100 of them by chance with probability below 1e-4 at 94%; and no wider
    than a quarter more than that of the normal law.
    """
    held, widths = 0, []
    for seed in range(120):
        returns = np.random.default_rng(seed).normal(size=60)
        ours, theirs = (
            bayesian_sharpe(
                returns, 500, distribution=law, autocorrelation="ignore", chains=2, cores=1,
                random_seed=seed,
            )
            for law in ("asymmetric", "normal")
        )  # fmt: skip
        held += ours["hdi_low"] <= 0.0 <= ours["hdi_high"]
        widths.append(ours["std"] / theirs["std"])
    assert held >= 100
    assert np.mean(widths) < 1.25


@pytest.mark.slow
def test_a_tight_prior_is_not_overruled(returns):
    """Neither by the sample nor by dependence: a prior of the mean near zero holds."""
    priors = SharpePriors(mu_sd=0.001)
    found = bayesian_sharpe(returns, priors=priors, periods_per_year=1, random_seed=1)
    assert found["std"] == pytest.approx(0.001, rel=0.1)
    assert found["sample_weight"] == 0.0


def test_the_result_is_made_of_plain_values(returns):
    import json

    found = bayesian_sharpe(returns, 200, random_seed=1)
    assert json.loads(json.dumps(found)) == dict(found)


def test_unknown_laws_and_impossible_priors_are_refused(returns):
    with pytest.raises(ValueError, match="distribution must be one of"):
        bayesian_sharpe(returns, distribution="cauchy")
    with pytest.raises(ValueError, match="nu_least must be at least 2"):
        SharpePriors(nu_least=1.5)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_is_noticed_soon_and_nothing_is_broken(sp500_returns):
    settings = {"samples": 200, "random_seed": 1}
    before = bayesian_sharpe(sp500_returns, **settings)
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        bayesian_sharpe(sp500_returns, samples=1_000_000)
    assert time.monotonic() - began < 10.0
    np.testing.assert_array_equal(bayesian_sharpe(sp500_returns, **settings).draws, before.draws)
    while any(thread.name.startswith("ThreadPool") for thread in threading.enumerate()):
        assert time.monotonic() - began < 60.0
        time.sleep(0.05)


def test_more_draws_than_memory_holds_are_refused():
    with pytest.raises(ValueError, match="for which there is memory"):
        bayesian_sharpe([0.01, -0.02, 0.03], samples=10**12)


def test_a_column_of_dates_says_what_a_year_is():
    months = pd.period_range("2000-01", periods=60, freq="M")
    frame = pd.DataFrame(
        {
            "month": 100 * months.year + months.month,
            "r": 0.03 * np.random.default_rng(1).normal(size=60),
        }
    )
    assert bayesian_sharpe(frame, 200, date="month", random_seed=1)["periods_per_year"] == 12.0


@pytest.mark.parametrize("distribution", ["normal", "student", "asymmetric"])
def test_log_prior_is_that_of_the_priors(distribution):
    """But for a constant, it is the sum of the densities that `SharpePriors` prints."""
    priors = SharpePriors(scale=0.02)
    drawn = {
        "mu": np.array([[0.01, -0.03]]), "sd": np.array([[0.02, 0.05]]),
        "nu": np.array([[4.0, 9.0]]), "asymmetry": np.array([[0.1, -0.4]]),
        "nu_left": np.array([[3.0, 8.0]]), "nu_right": np.array([[5.0, 30.0]]),
    }  # fmt: skip
    shapes = {
        "normal": [], "student": ["nu"], "asymmetric": ["asymmetry", "nu_left", "nu_right"]
    }  # fmt: skip
    names = ["mu", "sd", *shapes[distribution]]
    unit = {"mu": 0.04, "sd": 0.04, "asymmetry": 0.5}
    expected = sum(
        np.log(drawn[name] - 2.5) - (drawn[name] - 2.5) / 5.0
        if name.startswith("nu")
        else -0.5 * (drawn[name] / unit[name]) ** 2
        for name in names
    )
    found = priors.log_density({name: drawn[name] for name in names}, 0.02)
    assert np.diff(found) == pytest.approx(np.diff(expected))
