"""Paths over the whole grid, and what the model finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.dynamic_regression import (
    draw_grid_points,
    filter_coefficients,
    sample_coefficient_paths,
)
from puffin.inference.settings import Settings
from puffin.models.bayesian import PairsPriors
from tests.inference.walking_coefficients import GRID, run, series


def test_paths_mix_the_grid():
    """The last state's moments are the filter's, over all grid points; 5.5 standard errors."""
    Z, y, _ = series(80)
    prior = GRID.dynamic(1)
    paths, sigma = sample_coefficient_paths(Z, y, prior, run(20_000))
    found, grid = filter_coefficients(Z, y, prior)
    last = paths[:, :, -1].reshape(-1, 2)
    sd = np.sqrt(np.diag(found.filtered_covariance[-1]))
    n = len(last)
    assert np.all(np.abs(last.mean(axis=0) - found.filtered_mean[-1]) < 5.5 * sd / np.sqrt(n))
    kurtosis = stats.kurtosis(last, axis=0) + 2
    assert np.all(np.abs(last.std(axis=0) / sd - 1) < 5.5 * np.sqrt(kurtosis / (4 * n)))
    expected = np.exp(grid.log_weight) @ (grid.sum_of_squares / (grid.freedom - 2))
    error = (sigma**2).std() / np.sqrt(n)
    assert abs(np.mean(sigma**2) - expected) < 5.5 * error
    points, _ = draw_grid_points(grid, n, np.random.default_rng(1))
    counts, weight = np.bincount(points, minlength=16), np.exp(grid.log_weight)
    likely = weight * n > 5
    assert stats.chisquare(
        np.append(counts[likely], counts[~likely].sum() + 1e-9),
        np.append(weight[likely], weight[~likely].sum()) * n + 1e-9 * np.eye(likely.sum() + 1)[-1],
    ).pvalue > 1e-6  # fmt: skip


@pytest.mark.parametrize("kind", ["drifts", "breaks"])
def test_a_hedge_ratio_that_moves_is_found(kind):
    """Where it is known to within 0.1; the filter is 3 sds off or less, 5 right after a break."""
    T = 800
    stream = np.random.default_rng(5)
    x = np.cumsum(stream.normal(size=T))
    x = (x - x.mean()) / x.std()
    drift = 0.6 + 0.8 * np.arange(T) / T
    beta = drift if kind == "drifts" else np.where(np.arange(T) < 400, 0.6, 1.4)
    y = 0.2 + beta * x + 0.2 * stream.normal(size=T)
    found, _ = filter_coefficients(np.column_stack([np.ones(T), x]), y, PairsPriors().dynamic(1))
    mean = found.filtered_mean[:, 1]
    sd = np.sqrt(found.filtered_covariance[:, 1, 1])
    settled = np.abs(np.arange(T) - 400) > 100 if kind == "breaks" else np.ones(T, bool)
    settled[:60] = False
    assert np.abs(mean - beta)[settled].mean() < 0.1
    inside = np.abs(mean - beta)[settled] < 1.8808 * sd[settled]
    assert inside.mean() > 0.8  # 94% expected; the errors of neighbours are the same
    assert mean[399] == pytest.approx(beta[399], abs=0.2)
    assert mean[-1] == pytest.approx(1.4, abs=0.2)


def test_same_seed_same_paths_on_any_number_of_cores():
    Z, y, _ = series(40)
    one, two = (
        sample_coefficient_paths(Z, y, GRID.dynamic(1), Settings(50, 0, 3, cores, 7, False))
        for cores in (1, 3)
    )
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    assert not np.array_equal(one[0][0], one[0][1])
