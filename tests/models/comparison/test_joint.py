"""Strategies side by side: each as it is alone, coupled as their returns say, or pooled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import bayesian_sharpe, strategy_comparison
from puffin.models.sharpe.hurdle import hurdle_sharpe
from tests.models.exposures import changing_exposure

QUICK = {"samples": 1000, "tune": 300, "random_seed": 1}


@pytest.fixture(scope="module")
def returns():
    return changing_exposure(np.random.default_rng(1), 2000, sharpes=(0.8, 1.0))


@pytest.fixture(scope="module")
def coupled(returns):
    return strategy_comparison(returns, **QUICK)


def test_each_posterior_is_that_of_the_strategy_alone(returns, coupled):
    for k, (name, series) in enumerate(returns.items()):
        alone = bayesian_sharpe(series, 1000, random_seed=1)
        np.testing.assert_array_equal(np.sort(coupled.draws[:, k]), np.sort(alone.draws))
        row = coupled.table.set_index("strategy").loc[name]
        assert row["sharpe_mean"] == pytest.approx(alone["mean"], rel=1e-12)
        assert coupled.diagnostics[name]["ess_bulk"] == pytest.approx(alone["ess"], rel=1e-12)
        flat = coupled.posterior.flat
        np.testing.assert_allclose(np.sqrt(252) * flat("mu") / flat("sd"), flat("sharpe"))


@pytest.mark.slow
def test_spread_of_the_difference_is_that_of_resampled_returns(returns, coupled):
    """Within 5 standard errors of 300 resamples, and a twentieth for the posterior's own width.

    False-alarm rate below 1e-5.
    """
    stream, count = np.random.default_rng(3), 300
    both = np.column_stack(list(returns.values()))
    rows = stream.integers(len(both), size=(count, len(both)))
    found = np.array([[posterior_mean(column) for column in both[row].T] for row in rows])
    resampled = float(np.std(found[:, 0] - found[:, 1]))
    spread = coupled.differences.loc[0, "std"]
    assert abs(np.log(spread / resampled)) < 5 / np.sqrt(2 * count) + 0.05
    apart = np.hypot(*coupled.table["sharpe_std"])
    assert spread < 0.7 * apart


def posterior_mean(x):
    return bayesian_sharpe(x, 250, cores=1, random_seed=1)["mean"]


@pytest.mark.slow
def test_probability_of_being_better_is_calibrated():
    """Of equally good strategies it is uniform: within its middle half half of the time.

    60 data sets; the bounds of the binomial distribution hold with probability 1 - 1e-4. Were the
    strategies taken to be independent, nearly all would be in the middle. (The ratios are small, so
    that clustered volatility, of which no model here knows, does not matter: it makes the standard
    deviation less certain, and the mean no less.)
    """
    sets, inside = 60, 0
    for k in range(sets):
        returns = changing_exposure(np.random.default_rng(100 + k), 600, (0.3, 0.3), nu=4.0)
        result = strategy_comparison(returns, 400, chains=2, tune=200, random_seed=k)
        inside += 0.25 < result.prob_better.loc["steady", "changing"] < 0.75
    low, high = stats.binom.ppf([5e-5, 1 - 5e-5], sets, 0.5)
    assert low <= inside <= high


def test_draws_depend_on_the_seed_and_not_on_cores(returns):
    one, two, other = (
        strategy_comparison(returns, 300, cores=cores, random_seed=seed).draws
        for cores, seed in ((1, 1), (2, 1), (2, 2))
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_flat_strategy_and_its_variant_are_told_apart():
    stream = np.random.default_rng(4)
    active = stream.random(1000) < 0.3
    plain = np.where(active, stream.normal(0.001, 0.01, 1000), 0.0)
    better = np.where(active, plain + 0.0003 + stream.normal(0.0, 0.0005, 1000), 0.0)
    result = strategy_comparison({"plain": plain, "better": better}, **QUICK)
    assert result.dependence == "coupled"
    assert result.note == ""
    assert result.prob_better.loc["better", "plain"] > 0.99
    assert result.differences.loc[0, "std"] < result.table["sharpe_std"].min() / 4


def test_flat_strategy_is_coupled_with_the_others():
    """The correlation of the draws is that of the influences: about the share of active days."""
    stream = np.random.default_rng(5)
    a, b = 0.01 * stream.standard_t(6, (2, 1500))
    returns = {"seldom": np.where(stream.random(1500) < 0.5, a, 0.0), "a": a, "b": b}
    result = strategy_comparison(returns, **QUICK)
    assert result.dependence == "coupled"
    correlation = np.corrcoef(result.draws.T)
    assert abs(correlation[0, 1] - np.sqrt(0.5)) < 0.1
    assert abs(correlation[0, 2]) < 0.15


def test_flat_strategies_without_a_shared_date_are_independent():
    """Five standard errors at an effective size of 4,000 of 16,000 draws: below 1e-5."""
    stream = np.random.default_rng(6)
    returns = {
        name: pd.Series(
            stream.permutation(np.r_[stream.normal(0.02, 0.002, 10), np.zeros(90)]),
            pd.bdate_range(first, periods=100),
        )
        for name, first in (("early", "2020-01-01"), ("late", "2022-01-03"))
    }
    draws = strategy_comparison(returns, 4000, random_seed=1).draws
    assert abs(np.corrcoef(draws.T)[0, 1]) < 5 / np.sqrt(4000)


def test_flat_strategies_have_the_posterior_that_they_have_alone(returns):
    idle = np.random.default_rng(7).random(2000) < 0.2
    flat = {name: np.where(idle, 0.0, one) for name, one in returns.items()}
    result = strategy_comparison(flat, **QUICK)
    assert result.dependence == "coupled"
    for k, (name, one) in enumerate(flat.items()):
        assert result.models[name] == bayesian_sharpe(one, 200, random_seed=1)["model"]
        alone = bayesian_sharpe(one, 1000, random_seed=1)
        np.testing.assert_array_equal(np.sort(result.draws[:, k]), np.sort(alone.draws))
    assert result.differences.loc[0, "std"] < 0.8 * np.hypot(*result.table["sharpe_std"])


@pytest.mark.parametrize("pool", [False, True])
def test_variables_of_a_draw_belong_together(pool):
    """The Sharpe ratio follows from the mean, the spread and the share of active periods.

    Where pooled, the mean of a strategy that is flat at times is moved to first order.
    """
    stream = np.random.default_rng(8)
    active = stream.random(400) < 0.4
    returns = {
        "always": stream.normal(0.002, 0.01, 400),
        "seldom": np.where(active, stream.normal(0.002, 0.01, 400), 0.0),
    }
    result = strategy_comparison(returns, pool=pool, risk_free_rate=0.04, **QUICK)
    flat = result.posterior.flat
    rate = 1.04 ** (1 / 252) - 1
    ratio = hurdle_sharpe(flat("prob_active"), flat("mu"), flat("sd"), -rate)
    off = np.abs(np.sqrt(252) * ratio - result.draws).max(axis=0)
    assert np.all(off < [1e-9, 2e-2 if pool else 1e-9])
    assert np.all(flat("prob_active")[:, 0] == 1.0)
    assert ("tau" in result.posterior.variables) == result.is_pooled == pool


def test_two_others_change_nothing_about_a_pair():
    """A short and an unrelated strategy beside two that are alike: the same draws of the two.

    Their order is another, as random numbers are: the probability within five standard errors.
    """
    dates = pd.bdate_range("2014-01-01", periods=1500)
    stream = np.random.default_rng(9)
    plain = 0.0003 + 0.01 * stream.standard_t(5, 1500)
    pair = pd.DataFrame(
        {"plain": plain, "better": plain + 0.0002 + 0.001 * stream.normal(size=1500)}, dates
    )
    others = pd.DataFrame(
        {"dead": 0.01 * stream.normal(size=1500), "new": 0.01 * stream.normal(size=1500)}, dates
    )
    others.loc[dates[400] :, "dead"] = np.nan
    others.loc[: dates[1400], "new"] = np.nan
    two, four = (strategy_comparison(frame, **QUICK) for frame in (pair, pair.join(others)))
    assert two.note == ""
    assert "dates='shared'" in four.note
    assert (two.shared_dates, four.shared_dates) == (1500, 0)
    assert four.is_of_different_times
    assert not two.is_of_different_times
    assert four.n_observations == (1500, 1500, 400, 99)
    np.testing.assert_array_equal(np.sort(two.draws, axis=0), np.sort(four.draws[:, :2], axis=0))
    np.testing.assert_allclose(two.correlation, four.correlation[:2, :2], rtol=1e-12)
    assert four.correlation[2, 3] == 0.0
    probabilities = [one.prob_better.loc["better", "plain"] for one in (two, four)]
    assert min(probabilities) > 0.97
    assert abs(np.diff(probabilities)[0]) < 5 * np.sqrt(2 * 0.03 * 0.97 / 4000)


def test_dates_that_all_share_are_the_same_as_cutting(returns):
    dates = pd.bdate_range("2014-01-01", periods=2000)
    frame = pd.DataFrame(returns, dates)
    frame.loc[: dates[1499], "changing"] = np.nan
    shared = strategy_comparison(frame, dates="shared", **QUICK)
    cut = strategy_comparison(frame.iloc[1500:], **QUICK)
    assert shared.note == ""
    assert shared.n_observations == (500, 500)
    np.testing.assert_array_equal(shared.draws, cut.draws)
    own = strategy_comparison(frame, **QUICK)
    assert own.n_observations == (2000, 500)
    assert own.table.set_index("strategy").loc["steady", "sharpe_std"] < 0.6 * float(
        shared.table.set_index("strategy").loc["steady", "sharpe_std"]
    )


def test_pool_of_variants_is_warned_of(returns):
    stream = np.random.default_rng(10)
    plain = returns["steady"][:500]
    variants = {f"v{k}": plain + 0.0005 * stream.normal(size=500) for k in range(7)}
    both = {"other": returns["steady"][500:1000], **variants}
    with pytest.warns(UserWarning, match="v0, v1, v2, v3, v4 and 2 more hardly differ"):
        strategy_comparison(both, pool=True, **QUICK)
