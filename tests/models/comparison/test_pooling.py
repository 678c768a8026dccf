"""The pooled posterior: against brute force, and calibrated where the pool is the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from puffin.models.bayesian import ComparisonPriors, SharpePriors, strategy_comparison
from puffin.models.comparison.pooling import pool
from tests.calibration import assert_uniform
from tests.slowly import slowly

POOL_SD = 0.5


def own_posteriors(seed, correlation, draws=20_000):
    """Own posteriors that are skewed or have heavy tails: draws in ascending order, and a prior.

    Their centres are where data put them, with errors of that correlation about truths of the pool.
    """
    stream, count = np.random.default_rng(seed), len(correlation)
    sds = stream.uniform(0.3, 0.8, count)
    errors = sds * stream.multivariate_normal(np.zeros(count), correlation)
    centres = POOL_SD * stream.normal(size=count) + errors
    shapes = [stats.skewnorm(2.0), stats.t(8.0), stats.norm()]
    columns = [shapes[i % 3].rvs(draws, random_state=stream) for i in range(count)]
    unit = [(column - column.mean()) / column.std() for column in columns]
    return np.sort(centres + sds * np.column_stack(unit), axis=0), np.full(count, np.sqrt(12.0))


def brute_force(own, prior_scale, correlation, taus, stream, count=400_000):
    """Importance sampling of coupled own posteriors: moments, P(first is better), median of tau."""
    scores = stream.multivariate_normal(np.zeros(len(correlation)), correlation, count)
    places = (np.arange(len(own)) + 0.5) / len(own)
    ratios = np.column_stack(
        [
            np.interp(score, stats.norm.ppf(places), column)
            for score, column in zip(scores.T, own.T, strict=True)
        ]
    )
    flat = np.log1p((ratios / prior_scale) ** 2).sum(axis=1)
    squares = np.square(ratios).sum(axis=1)
    wanted = np.column_stack([ratios, ratios**2, ratios[:, 0] > ratios[:, 1]])
    evidence, moments = [], []
    for tau in taus:
        log_weights = flat - 0.5 * squares / tau**2 - len(correlation) * np.log(tau)
        weights = np.exp(log_weights - log_weights.max())
        # On a geometric grid the density of log tau has another factor tau.
        evidence.append(
            np.log(weights.mean()) + log_weights.max() - 0.5 * (tau / POOL_SD) ** 2 + np.log(tau)
        )
        moments.append(weights @ wanted / weights.sum())
    share = np.exp(np.array(evidence) - max(evidence))
    share /= share.sum()
    mean, square, better = np.split(share @ np.array(moments), [len(correlation), -1])
    return (
        mean,
        np.sqrt(square - mean**2),
        better[0],
        np.interp(0.5, share.cumsum() - 0.5 * share, taus),
    )


@pytest.mark.parametrize("seed", [0, *slowly(1, 3)])
@pytest.mark.parametrize(
    ("correlation", "off"), [*slowly((0.0, 0.06)), (0.5, 0.06), *slowly((0.8, 0.08))]
)
def test_against_brute_force(correlation, off, seed):
    """Three strategies: exact without correlations, nearly so with them. Fixed seeds.

    Of a posterior standard deviation, the weights of 400,000 draws know a mean to 0.03 (two of
    their seeds against each other), and 20,000 draws to 0.007.
    """
    matrix = np.full((3, 3), correlation) + (1.0 - correlation) * np.eye(3)
    own, prior_scale = own_posteriors(seed, matrix)
    taus = POOL_SD * np.geomspace(0.01, 6.0, 60)
    mean, sd, better, tau = brute_force(
        own, prior_scale, matrix, taus, np.random.default_rng(100 + seed)
    )
    found = pool(own, prior_scale, matrix, POOL_SD, np.random.default_rng(200 + seed))
    assert np.abs((found.sharpe.mean(axis=0) - mean) / sd).max() < off
    assert np.abs(found.sharpe.std(axis=0) / sd - 1.0).max() < 0.06
    assert abs(np.mean(found.sharpe[:, 0] > found.sharpe[:, 1]) - better) < 0.03
    assert np.median(found.tau) == pytest.approx(tau, rel=0.08)


def test_normal_posteriors_with_known_width_by_hand():
    """pool_sd so small that tau is nearly zero, and so large that it is learned alone."""
    stream = np.random.default_rng(5)
    matrix = np.array([[1.0, 0.8], [0.8, 1.0]])
    own = np.sort(np.array([1.0, 0.2]) + 0.5 * stream.normal(size=(40_000, 2)), axis=0)
    found = pool(own, np.full(2, 1e9), matrix, 1e-3, stream)
    np.testing.assert_allclose(found.sharpe.mean(axis=0), 0.0, atol=1e-3)
    covariance = 0.25 * matrix
    taus = np.linspace(0.05, 40, 8000)
    totals = covariance + taus[:, None, None] ** 2 * np.eye(2)
    centre = np.array([1.0, 0.2])
    log = -0.5 * np.linalg.slogdet(totals)[1] - 0.5 * np.einsum(
        "i,tij,j->t", centre, np.linalg.inv(totals), centre
    )
    share = np.exp(log - log.max() - 0.5 * (taus / 5.0) ** 2)
    share /= share.sum()
    shrunk = taus[:, None] ** 2 * np.einsum("tij,j->ti", np.linalg.inv(totals), centre)
    found = pool(own, np.full(2, 1e9), matrix, 5.0, stream)
    np.testing.assert_allclose(found.sharpe.mean(axis=0), share @ shrunk, atol=0.02)


def test_what_is_far_out_in_its_own_posterior_is_pooled_too():
    """One of 30 strategies stands out by six of its own standard deviations, and is shrunk."""
    stream = np.random.default_rng(6)
    centres = np.r_[3.0, 0.02 * stream.normal(size=29)]
    own = np.sort(centres + 0.5 * stream.normal(size=(8000, 30)), axis=0)
    found = pool(own, np.full(30, np.sqrt(252.0)), np.eye(30), 0.05, stream)
    assert np.isfinite(found.sharpe).all()
    assert 0.0 < found.sharpe[:, 0].mean() < 1.5
    assert found.nearest.min() >= 0
    assert found.nearest.max() < 8000


@pytest.mark.calibration
def test_pooled_comparison_is_calibrated():
    """Truths drawn from the pool, returns correlated: ranks are uniform; false alarms below 1e-5.

    Four strategies of 120 months; the one with the greatest posterior mean is calibrated too,
    though it was selected: that is what the pool is for.
    """
    priors = ComparisonPriors(SharpePriors(scale=0.04), pool_sd=POOL_SD)
    ranks = {"tau": [], "first": [], "difference": [], "selected": []}
    for replicate in range(250):
        stream = np.random.default_rng([8, replicate])
        tau = abs(stream.normal(0.0, POOL_SD))
        sharpes = tau * stream.normal(size=4)
        common = stream.normal(size=(120, 1))
        errors = np.sqrt(0.5) * common + np.sqrt(0.5) * stream.normal(size=(120, 4))
        returns = 0.04 * (sharpes / np.sqrt(12.0) + errors)
        found = strategy_comparison(
            pd.DataFrame(returns, columns=list("abcd")), 250, pool=True, priors=priors, chains=4,
            periods_per_year=12, cores=1, random_seed=replicate,
        )  # fmt: skip
        chosen = found.selected()
        draws = found.draws
        for name, truth, values in (
            ("tau", tau, found.posterior.flat("tau")),
            ("first", sharpes[0], draws[:, 0]),
            ("difference", sharpes[0] - sharpes[1], draws[:, 0] - draws[:, 1]),
            ("selected", sharpes["abcd".index(chosen.strategy)], chosen.draws),
        ):
            thinned = values[np.linspace(0, values.size - 1, 99).astype(int)]
            ranks[name].append(int(np.sum(thinned < truth)))
    assert_uniform({name: np.array(values) for name, values in ranks.items()})


@pytest.mark.slow
def test_selected_is_what_the_pool_says_of_the_best():
    noise = 0.01 * np.random.default_rng(3).standard_t(6, (504, 50))
    returns = pd.DataFrame(noise, columns=[f"s{i}" for i in range(50)])
    apart = strategy_comparison(returns, 500, random_seed=1)
    pooled = strategy_comparison(returns, 500, pool=True, random_seed=1)
    one, other = apart.selected(), pooled.selected()
    np.testing.assert_array_equal(one.draws, other.draws)
    assert one.strategy == pooled.table.loc[0, "strategy"]
    assert one.mean == pytest.approx(pooled.table.loc[0, "sharpe_mean"])
    assert one.n_strategies == 50
    assert one.alone["mean"] > 3 * one.mean
    assert one.alone.prob_greater(0.0) > 0.95
    assert one.prob_greater(0.0) == one.prob_positive < 0.9
    assert 0.0 < one.prob_best < 0.3
    assert len(repr(one)) < 400
