"""Properties that the posterior of a Sharpe ratio must have."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import bayesian_sharpe
from puffin.validation.risk_free_rate import period_risk_free_rate

KEYS = ["mean", "std", "hdi_low", "hdi_high", "prob_positive"]


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


def test_unknown_laws_are_refused(returns):
    with pytest.raises(ValueError, match="distribution must be one of"):
        bayesian_sharpe(returns, distribution="cauchy")


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
