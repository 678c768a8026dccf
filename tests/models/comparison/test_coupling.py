"""Correlations through influences, and draws put into a coupled order."""

from __future__ import annotations

import numpy as np

from puffin.inference.settings import Settings
from puffin.models.bayesian import bayesian_sharpe
from puffin.models.comparison.coupling import (
    _correlation_of_sums,
    coupled_order,
    influence_correlation,
)


def settings(seed=1):
    return Settings(draws=2000, tune=0, chains=2, cores=1, seed=seed, progressbar=False)


def coupled(draws, correlation):
    order = coupled_order(draws, np.asarray(correlation), settings())
    return np.take_along_axis(draws, order, axis=1)


def bartlett(x, y, span):
    """Bartlett's long-run covariance of two series, term by term."""
    total = x @ y
    for lag in range(1, span):
        total += (1.0 - lag / span) * (x[lag:] @ y[:-lag] + x[:-lag] @ y[lag:])
    return total


def test_sums_give_bartletts_long_run_covariance():
    stream = np.random.default_rng(1)
    x, y = stream.normal(size=(2, 60))
    found = _correlation_of_sums(np.column_stack([x, y]), 6)
    expected = bartlett(x, y, 6) / np.sqrt(bartlett(x, x, 6) * bartlett(y, y, 6))
    np.testing.assert_allclose(found, [[1.0, expected], [expected, 1.0]])


def test_long_run_goes_in_where_it_is_clearly_another():
    """1,000 periods, sums over 15: by the share of the distance that the docstring says."""
    first = np.random.default_rng(2).normal(size=1001)
    x = first[1:]
    for y, clear in ((first[:-1], True), (0.5 * x + first[::-1][1:], False)):
        at_once, long_run = (
            np.arctanh(_correlation_of_sums(np.column_stack([x, y]), span)[0, 1])
            for span in (1, 15)
        )
        distance = long_run - at_once
        share = max(0.0, 1.0 - 9.0 * (2.0 * 15 / 3.0 - 1.0) / 1000 / distance**2)
        assert (share > 0.5) == clear
        assert clear or share == 0.0
        found = influence_correlation([x, y], [np.arange(1000)] * 2)
        np.testing.assert_allclose(found[0, 1], np.tanh(at_once + share * distance))


def test_what_comes_a_day_later_is_counted():
    """The same returns on markets that close at other hours: 1 in the long run, 0 the same day."""
    x = np.random.default_rng(2).normal(size=2001)
    found = influence_correlation([x[1:], x[:-1]], [np.arange(2000)] * 2)
    assert 0.9 < found[0, 1] < 1.0
    assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 0.1


def test_only_shared_periods_correlate():
    """By hand: 2 * 1 of the sizes sqrt(1 + 4) and sqrt(1 + 4 + 4)."""
    influences = [np.array([1.0, 2.0]), np.array([1.0, 2.0, -2.0]), np.array([3.0])]
    labels = [np.array([1, 2]), np.array([2, 3, 4]), np.array([9])]
    found = influence_correlation(influences, labels)
    rho = 2.0 / np.sqrt(45.0)
    np.testing.assert_allclose(found, [[1, rho, 0], [rho, 1, 0], [0, 0, 1]])


def test_pairs_with_other_dates_leave_a_pair_as_it_is():
    stream = np.random.default_rng(3)
    x, y, z = stream.normal(size=(3, 300))
    alone = influence_correlation([x, x + y], [np.arange(300)] * 2)
    beside = influence_correlation([x, x + y, z[:40]], [np.arange(300)] * 2 + [np.arange(40)])
    np.testing.assert_allclose(beside[:2, :2], alone)


def test_order_keeps_draws_and_gives_the_correlation():
    """Normal draws: the correlation within 6 standard errors of 4,000 draws; below 1e-8."""
    draws = np.random.default_rng(2).normal(size=(2, 2000, 3))
    target = np.array([[1.0, 0.9, -0.3], [0.9, 1.0, 0.0], [-0.3, 0.0, 1.0]])
    moved = coupled(draws, target)
    np.testing.assert_array_equal(np.sort(moved, axis=1), np.sort(draws, axis=1))
    found = np.corrcoef(moved.reshape(-1, 3).T)
    assert np.all(np.abs(found - target) <= 6 * (1 - target**2) / np.sqrt(4000) + 1e-12)


def test_equal_strategies_are_put_into_the_same_order():
    draws = np.repeat(np.random.default_rng(4).normal(size=(2, 2000, 1)), 2, axis=-1)
    moved = coupled(draws, np.ones((2, 2)))
    np.testing.assert_allclose(moved[..., 0], moved[..., 1], atol=0.05)


def test_differences_of_nearly_identical_strategies_are_as_sharp_as_theory():
    """With common random numbers the spread of the difference is that of the correlation.

    Influences correlate by 0.998. The noise of a mean difference over seeds is a thirtieth of its
    spread, and the spread 1.04 of theory; with other random numbers for each strategy they are 0.15
    and 1.15. Fixed seeds.
    """
    stream = np.random.default_rng(5)
    plain = 0.0005 + 0.01 * stream.standard_t(4, 750)
    twin = plain + 0.045 * plain.std() * stream.standard_normal(750)
    means, ratios = [], []
    for seed in range(6):
        both = [bayesian_sharpe(one, 5000, random_seed=seed, cores=1) for one in (plain, twin)]
        labels = [np.arange(750)] * 2
        correlation = influence_correlation([one.influence for one in both], labels)
        assert 0.997 < correlation[0, 1] < 0.9995
        draws = np.stack([one.posterior.variables["sharpe"] for one in both], axis=-1)
        moved = np.take_along_axis(draws, coupled_order(draws, correlation, settings(seed)), 1)
        difference = moved[..., 1] - moved[..., 0]
        sds = draws.std(axis=(0, 1))
        theory = np.sqrt(sds @ (correlation * [[1, -1], [-1, 1]]) @ sds)
        ratios.append(difference.std() / theory)
        means.append(difference.mean() / theory)
    assert 0.97 < np.mean(ratios) < 1.06
    assert np.std(means) < 0.05
