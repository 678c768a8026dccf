"""Effective draws of a pooled posterior: against its spread over repetitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.models.bayesian import strategy_comparison
from puffin.models.comparison.pooled_size import pooled_sizes
from puffin.models.comparison.pooling import pool

CENTRE = 0.6
SD, SCALES = 0.4, np.full(6, 4.0)


def own_draws(stream):
    """Four chains of 250 draws; what they have by chance is the same in all strategies."""
    return np.repeat(CENTRE + SD * stream.normal(size=(4, 250, 1)), 6, axis=2)


def pooled(own, stream):
    return pool(np.sort(own.reshape(-1, 6), axis=0), SCALES, np.eye(6), 0.5, stream).sharpe


@pytest.mark.slow
def test_effective_draws_are_those_of_repetitions():
    """Monte Carlo variances of means over 30 repetitions, against those said in four of them.

    The ratio is an F with 29 and 4 x 9 degrees of freedom: the bounds hold with probability
    1 - 1e-4. Draws that count as independent ones are far outside.
    """
    means, said, taken_for = [], [], []
    for seed in range(30):
        stream = np.random.default_rng(seed)
        own = own_draws(stream)
        draws = pooled(own, stream)
        means.append(draws.mean(axis=0))
        if seed < 4:
            sizes = pooled_sizes(own, draws, lambda block, stream=stream: pooled(block, stream))
            said.append(draws.var(axis=0) / sizes[0])
            taken_for.append(draws.var(axis=0) / len(draws))
    low, high = stats.f(29, 36).ppf([5e-5, 1.0 - 5e-5])
    found = np.var(means, axis=0, ddof=1)[0]
    assert low < found / np.mean(said, axis=0)[0] < high
    assert found / np.mean(taken_for, axis=0)[0] > high


def test_what_is_not_pooled_is_worth_its_draws():
    """Independent draws that come back as they are: no more than there are, no fewer than a third.

    The chi-square distribution with 9 degrees of freedom is above three times its mean, in any of
    three strategies, with probability 1e-4; tails are not asked.
    """
    own = np.random.default_rng(1).normal(size=(4, 2500, 3))
    sizes = pooled_sizes(own, own.reshape(-1, 3), lambda block: block)
    assert (sizes[0] > 10_000 / 4).all()
    assert (sizes <= 10_000).all()


def test_few_draws_do_not_tell():
    own = np.random.default_rng(1).normal(size=(2, 100, 3))
    sizes = pooled_sizes(own, own.reshape(-1, 3), lambda block: block)
    np.testing.assert_array_equal(sizes, np.zeros((2, 3)))


def test_diagnostics_of_a_pooled_comparison_are_those_of_pooled_draws():
    stream = np.random.default_rng(2)
    returns = {name: stream.normal(0.0005, 0.01, 300) for name in "abc"}
    found = strategy_comparison(returns, 500, pool=True, random_seed=1)
    for name, one in found.diagnostics.items():
        assert 10.0 < one["ess_bulk"] < 2000.0
        assert 10.0 < one["ess_tail"] <= 2000.0
        assert one["r_hat"] == pytest.approx(found.alone[name]["r_hat"])
