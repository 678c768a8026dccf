"""The hierarchical sampler: against plain NumPy, quadrature and limits, and by calibration."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.hierarchical.problem import HierarchicalPrior, NoisyEstimates
from puffin.inference.hierarchical.sampler import sample_hierarchical
from puffin.inference.settings import Settings
from puffin.posterior import diagnose, monte_carlo_error
from tests.calibration import assert_uniform, ranks
from tests.inference.hierarchical.plain_hierarchical import (
    dense_covariance,
    plain_spike,
    plain_spreads,
)
from tests.inference.hierarchical.problems import prior_of, problem


def settings(draws, *, chains=1, tune=60, seed=1, cores=1):
    return Settings(draws, tune, chains, cores, seed, False)


def one_coefficient(values, own, groups=None):
    n = len(values)
    return NoisyEstimates(
        np.asarray(values, float)[:, None], np.full((n, 1, 1), own), np.zeros((n, 0)),
        np.zeros((0, 0)), np.zeros(n, int) if groups is None else groups,
    )  # fmt: skip


def test_posterior_of_one_spread_is_that_of_quadrature():
    """One group, one coefficient: p(tau | data) on a grid. 5 standard errors: alarm 1e-6."""
    values, own, mean_sd, scale = np.array([-0.9, -0.2, 0.1, 0.5, 1.6]), 0.2, 1.0, 0.7
    prior = HierarchicalPrior(np.array([mean_sd]), np.array([scale]))
    draws = sample_hierarchical(one_coefficient(values, own), prior, settings(10_000)).variables
    tau, typical = np.linspace(1e-3, 4.0, 800), np.linspace(1e-3, 4.0, 800)
    log_density = np.array([
        stats.multivariate_normal.logpdf(
            values, None, (own + one**2) * np.eye(5) + mean_sd**2
        )
        for one in tau
    ])  # fmt: skip
    prior_tau = (
        stats.halfnorm.pdf(tau[:, None] / typical) / typical * stats.halfnorm.pdf(typical / scale)
    ).sum(axis=1)
    density = np.exp(log_density - log_density.max()) * prior_tau
    density /= density.sum()
    spread = draws["spread"][..., 0, 0]
    for power in (1, 2):
        error = np.std(spread**power) / np.sqrt(diagnose(spread**power)["ess_bulk"])
        assert abs(np.mean(spread**power) - density @ tau**power) < 5.0 * error


def test_spreads_are_those_of_plain_numpy():
    """Random-walk Metropolis on the dense marginal density. 5 standard errors: alarm 1e-5."""
    estimates, prior, _ = problem(np.random.default_rng(9), sizes=(4, 3), q=1, k=1)
    ours = sample_hierarchical(estimates, prior, settings(4000, chains=2)).variables
    found = {
        "spread 0": ours["spread"][..., 0, 0], "spread 1": ours["spread"][..., 1, 0],
        "between": ours["between"][..., 0], "typical": ours["typical_spread"][..., 0],
    }  # fmt: skip
    theirs = plain_spreads(estimates, prior, steps=20_000, seed=10)
    for (name, draws), other in zip(found.items(), theirs.T, strict=True):
        halves = other.reshape(2, -1)
        errors = [one.std() / np.sqrt(diagnose(one)["ess_bulk"]) for one in (draws, halves)]
        assert abs(draws.mean() - other.mean()) < 5.0 * np.hypot(*errors), name


def test_spike_is_that_of_all_sets():
    """Which are zero, and how many, by going through all sets. 5 standard errors: alarm 1e-5."""
    values, own = np.array([-0.3, 0.1, 0.2, 2.1, 0.9]), 0.15
    prior = prior_of(1, share=(1.5, 2.0))
    draws = sample_hierarchical(
        one_coefficient(values, own), prior, settings(10_000, chains=2)
    ).variables
    share, spread, zero = plain_spike(values, own, prior)
    found = {
        "share": (draws["share"], share),
        "spread": (draws["spread"][..., 0, 0], spread),
        **{f"zero {i}": (1.0 * (draws["theta"][..., i, 0] == 0.0), zero[i]) for i in range(5)},
    }
    for name, (one, expected) in found.items():
        assert abs(one.mean() - expected) < 5.0 * monte_carlo_error(one), name


def test_nothing_differs_where_spreads_are_nil():
    """Total pooling: the posterior of all is that of the precision-weighted mean."""
    stream = np.random.default_rng(4)
    estimates, _, _ = problem(stream, sizes=(6,), q=2, k=1)
    prior = HierarchicalPrior(np.full(2, 50.0), np.full(2, 1e-7))
    draws = sample_hierarchical(estimates, prior, settings(4000)).variables
    covariance = dense_covariance(estimates, HierarchicalPrior(np.full(2, 1e-9), np.ones(2)),
                                  np.zeros((1, 2)), np.zeros(2))  # fmt: skip
    design, inverse = np.tile(np.eye(2), (6, 1)), np.linalg.inv(covariance)
    known = np.linalg.inv(design.T @ inverse @ design)
    mean = known @ design.T @ inverse @ estimates.values.ravel()
    theta = draws["theta"].reshape(-1, 6, 2)
    assert np.ptp(theta, axis=1).max() < 1e-4
    np.testing.assert_allclose(theta[:, 0].mean(axis=0), mean, atol=5 * np.sqrt(known.max() / 3000))
    np.testing.assert_allclose(np.cov(theta[:, 0].T), known, rtol=0.15, atol=0.01 * known.max())


def test_nothing_is_pooled_where_spreads_are_vast():
    """No pooling: the posterior of each is its estimate and the error of that."""
    values = np.array([-3000.0, 500.0, 2500.0, 8000.0])
    prior = HierarchicalPrior(np.array([1e5]), np.array([1e5]))
    draws = sample_hierarchical(one_coefficient(values, 0.25), prior, settings(4000)).variables
    theta = draws["theta"].reshape(-1, 4)
    np.testing.assert_allclose(theta.mean(axis=0), values, atol=5 * 0.5 / np.sqrt(3000))
    np.testing.assert_allclose(theta.std(axis=0), 0.5, rtol=0.07)


def test_errors_in_common_move_all_alike():
    """What a common factor may have done is not known of the mean of all, but of differences."""
    n, exposure = 200, 2.0
    stream = np.random.default_rng(5)
    values = stream.normal(0.0, 0.1, n)
    estimates = NoisyEstimates(values[:, None], np.full((n, 1, 1), 0.01), np.full((n, 1), exposure),
                               np.eye(1), np.zeros(n, int))  # fmt: skip
    prior = HierarchicalPrior(np.array([3.0]), np.array([0.5]))
    mean = sample_hierarchical(estimates, prior, settings(4000)).variables["mean"]
    expected = 1.0 / np.sqrt(1.0 / 3.0**2 + 1.0 / exposure**2)
    assert mean.std() == pytest.approx(expected, rel=0.07)


def test_one_asset_in_one_group():
    draws = sample_hierarchical(one_coefficient([0.3], 0.1), prior_of(1), settings(200)).variables
    assert draws["theta"].shape == (1, 200, 1, 1)
    assert np.isfinite(draws["theta"]).all()


def test_draws_do_not_depend_on_cores():
    estimates, prior, _ = problem(np.random.default_rng(6))
    one, two = (
        sample_hierarchical(estimates, prior, settings(20, chains=3, cores=cores)).variables
        for cores in (1, 3)
    )
    for name, draws in one.items():
        np.testing.assert_array_equal(draws, two[name])


def test_spreads_mix_where_they_are_small():
    """Estimates that differ by no more than their errors: spread and scale go to zero together."""
    stream = np.random.default_rng(7)
    groups = np.repeat(np.arange(3), 10)
    estimates = one_coefficient(stream.normal(0.0, 0.5, 30), 0.25, groups)
    draws = sample_hierarchical(estimates, prior_of(1), settings(1000, chains=2)).variables
    assert diagnose(draws["typical_spread"][..., 0])["ess_bulk"] > 200
    assert diagnose(draws["between"][..., 0])["ess_bulk"] > 200


NAMES = {
    "mean": (0,), "typical_spread": (1,), "spread": (1, 0), "between": (0,),
    "group_mean": (2, 1), "theta": (0, 0),
}  # fmt: skip


@pytest.mark.calibration
@pytest.mark.slow
@pytest.mark.parametrize("share", [None, (2.0, 1.5)])
def test_calibrated(share):
    """Ranks of truths from the prior among draws: false alarm 1e-5 each.

    Coefficients that are exactly zero are as many draws' equals: a hair's breadth breaks the ties.
    """
    names = NAMES | ({} if share is None else {"share": ()})

    def simulate(stream):
        estimates, prior, truth = problem(stream, sizes=(3, 1, 3), share=share)
        at = {name: truth[name][place] for name, place in names.items() if place}
        if share is not None:
            at |= {"share": truth["share"]}
        return {name: one + 1e-9 * stream.random() for name, one in at.items()}, (estimates, prior)

    def sample(data, seed):
        found = sample_hierarchical(*data, settings(200, seed=seed)).variables
        hair = 1e-9 * np.random.default_rng(seed).random((1, 200))
        return {name: found[name][(..., *place)] + hair for name, place in names.items()}

    assert_uniform(ranks(simulate, sample, replicates=150, seed=8))
