from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from puffin.inference.dynamic_regression import (
    DynamicPrior,
    draw_grid_points,
    filter_coefficients,
    sample_coefficient_paths,
)
from puffin.inference.settings import Settings
from puffin.models.bayesian import PairsPriors
from tests.inference.plain_dynamic_regression import by_recursion, dense_moments

GRID = PairsPriors(n_walks=4)


def series(T, hedges=1, *, step=0.05, noise=0.3, seed=1):
    """Coefficients that walk, on regressors that walk."""
    stream = np.random.default_rng([T, hedges, seed])
    Z = np.column_stack([np.ones(T), 0.3 * np.cumsum(stream.normal(size=(T, hedges)), axis=0)])
    paths = np.array([0.5] + [0.8] * hedges) + step * np.cumsum(
        stream.normal(size=(T, hedges + 1)), axis=0
    )
    return Z, (Z * paths).sum(axis=1) + noise * stream.normal(size=T), paths


def one_point(*q):
    return DynamicPrior(4.0, 3.0, 0.27, np.array([q]))


def run(draws=4_000, chains=2, seed=1):
    return Settings(draws, 0, chains, None, seed, False)


def assert_filters_agree(Z, y, prior, tolerance=1e-9, after=0):
    found, expected = filter_coefficients(Z, y, prior)[0], by_recursion(Z, y, prior)
    for kind in ("predicted", "filtered"):
        covariance = expected[f"{kind}_covariance"][after:]
        sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)).astype(float)
        off = getattr(found, f"{kind}_mean")[after:] - expected[f"{kind}_mean"][after:]
        assert np.max(np.abs(off) / sd) < tolerance
        off = getattr(found, f"{kind}_covariance")[after:] - covariance
        assert np.max(np.abs(off) / (sd[:, :, None] * sd[:, None, :])) < tolerance
    forecast_sd = np.sqrt(expected["forecast_variance"][after:]).astype(float)
    off = found.forecast_mean[after:] - expected["forecast_mean"][after:]
    assert np.max(np.abs(off) / forecast_sd) < tolerance
    off = found.forecast_variance[after:] / forecast_sd**2 - 1
    assert np.max(np.abs(off)) < tolerance
    off = (found.log_evidence - expected["log_evidence"])[after:]
    assert np.max(np.abs(off)) < max(tolerance, 1e-9)


@pytest.mark.parametrize("hedges", [1, 2, 5])
def test_filter_is_the_textbook_s(hedges):
    Z, y, _ = series(150, hedges)
    assert_filters_agree(Z, y, GRID.dynamic(hedges))


def hard_case(name):
    stream = np.random.default_rng(3)
    x = np.cumsum(stream.normal(size=600))
    noise = stream.normal(size=600)
    if name == "x hardly moves in the warm-up":
        x[:60] *= 1e-4
        return x[:, None], 0.9 * x + noise
    if name == "a price a hundred times the first":
        x = np.exp(0.02 * np.cumsum(noise) + 0.008 * np.arange(600))
        return x[:, None], 0.9 * x * (1 + 0.01 * stream.normal(size=600))
    if name == "hedges nearly the same":
        return x[:, None] + 1e-5 * stream.normal(size=(600, 2)), x + noise
    if name == "an exact fit, then a jump":
        return x[:, None], 3.0 + 2.0 * x + 1e4 * (np.arange(600) > 300)
    return 1e5 + x[:, None], 5.0 + 0.9 * x + noise


@pytest.mark.parametrize(
    "name",
    [
        "x hardly moves in the warm-up",
        "a price a hundred times the first",
        "hedges nearly the same",
        "an exact fit, then a jump",
        "prices of 100,000",
    ],
)
def test_filter_keeps_its_precision(name):
    """Against extended precision and the form that does not cancel."""
    X, y = hard_case(name)
    Z = np.column_stack([np.ones(600), (X - X[:60].mean(axis=0)) / X[:60].std(axis=0)])
    target = (y - y[:60].mean()) / y[:60].std()
    assert_filters_agree(Z, target, GRID.dynamic(X.shape[1]), 1e-6, after=60)


def test_filter_at_the_ends_of_the_grid():
    Z, y, _ = series(300)
    for q in ((1e-12, 1e-12), (1e6, 1e6), (1e-12, 1e4)):
        assert_filters_agree(Z, y, one_point(*q), 1e-7)


def test_filter_is_the_dense_gaussian_s():
    """At one grid point: filtered and predicted moments, and the density of all of y."""
    q = (0.02, 0.005)
    prior, (Z, y, _) = one_point(*q), series(30)
    found, grid = filter_coefficients(Z, y, prior)
    for t in (1, 2, 17, 30):
        mean, covariance, freedom, squares, log_density = dense_moments(Z[:t], y[:t], q, prior)
        variance = squares / (freedom - 2)
        np.testing.assert_allclose(found.filtered_mean[t - 1], mean[-1], rtol=1e-9)
        last = covariance[-2:, -2:]
        np.testing.assert_allclose(found.filtered_covariance[t - 1], last * variance, rtol=1e-9)
        np.testing.assert_allclose(
            found.predicted_covariance[t], (last + np.diag(q)) * variance, rtol=1e-9
        )
        assert found.log_evidence[:t].sum() == pytest.approx(log_density, rel=1e-9)
    assert grid.freedom == freedom
    assert grid.sum_of_squares[0] == pytest.approx(squares)


def test_the_first_row_has_taken_a_step():
    """Before any data the first state's variance is that of the start and one step.

    By hand: E sigma^2 = 0.27 / (3 - 2), times 4 + q.
    """
    Z, y, _ = series(5)
    found, _ = filter_coefficients(Z, y, one_point(0.5, 0.25))
    np.testing.assert_allclose(found.predicted_covariance[0], 0.27 * np.diag([4.5, 4.25]))
    np.testing.assert_array_equal(found.predicted_mean[0], 0.0)


def test_weights_of_the_grid_are_bayes_s():
    Z, y, _ = series(25)
    prior = DynamicPrior(4.0, 3.0, 0.27, np.array([[0.01, 0.01], [1.0, 0.01], [0.01, 0.3]]))
    found, grid = filter_coefficients(Z, y, prior)
    logs = np.array([dense_moments(Z, y, q, prior)[-1] for q in prior.walk_variances])
    expected = np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum()
    np.testing.assert_allclose(np.exp(grid.log_weight), expected, rtol=1e-8)
    assert found.log_evidence.sum() == pytest.approx(np.log(np.mean(np.exp(logs))), rel=1e-9)


@given(st.integers(1, 119), st.integers(1, 3))
@settings(max_examples=25)
def test_prefixes_are_the_same_bit_for_bit(T, hedges):
    Z, y, _ = series(120, hedges)
    prior = GRID.dynamic(hedges)
    whole, part = filter_coefficients(Z, y, prior)[0], filter_coefficients(Z[:T], y[:T], prior)[0]
    for name in part._fields:
        known = getattr(part, name)
        np.testing.assert_array_equal(known, getattr(whole, name)[: len(known)])


def test_paths_are_those_of_the_dense_gaussian():
    """Mean and covariance of all states, within 5.5 standard errors: below 1e-5 over 230 numbers.

    Given sigma the path is Gaussian, so (path - mean) / sigma has the dense covariance.
    """
    q, T = (0.02, 0.005), 10
    prior, (Z, y, _) = one_point(*q), series(T)
    paths, sigma = sample_coefficient_paths(Z, y, prior, run(20_000))
    mean, covariance, freedom, squares, _ = dense_moments(Z, y, q, prior)
    n = sigma.size
    scaled = ((paths - mean) / sigma[..., None, None]).reshape(n, -1)
    sd = np.sqrt(np.diag(covariance))
    assert np.max(np.abs(scaled.mean(axis=0)) / sd) < 5.5 / np.sqrt(n)
    products = scaled.T @ scaled / n
    error = np.sqrt((covariance**2 + np.outer(sd, sd) ** 2) / n)
    assert np.max(np.abs(products - covariance) / error) < 5.5
    drawn = stats.kstest(sigma.ravel() ** -2.0, stats.gamma(freedom / 2, scale=2 / squares).cdf)
    assert drawn.pvalue > 1e-6
    # Independent draws: neither states nor sigma know the draw before.
    for values in (sigma[0], paths[0, :, 0, 1], paths[0, :, -1, 0]):
        lagged = np.corrcoef(values[1:], values[:-1])[0, 1]
        assert abs(lagged) < stats.norm.isf(1e-7) / np.sqrt(values.size)


@pytest.mark.parametrize("q", [(1e-12, 1e-12, 1e-12), (1e-9, 10.0, 1e-3)])
def test_paths_where_steps_are_tiny(q):
    """Backward sampling where C + Q is all but C."""
    Z, y, _ = series(60, 2)
    prior = one_point(*q)
    paths, sigma = sample_coefficient_paths(Z, y, prior, run(2_000, chains=1))
    mean, covariance, _, _, _ = dense_moments(Z, y, q, prior)
    sd = np.sqrt(np.diag(covariance)).reshape(mean.shape)
    scaled = (paths[0] - mean) / sigma[0][:, None, None]
    # A step of 1e-6 is below what the dense matrices resolve: they are checked to their rounding.
    assert np.max(np.abs(scaled.mean(axis=0)) / sd) < 5.5 / np.sqrt(2_000) + 1e-3
    assert np.max(np.abs(scaled.std(axis=0) / sd - 1)) < 5.5 / np.sqrt(4_000) + 1e-3
    steps = np.diff(scaled, axis=1).std(axis=(0, 1)) / np.sqrt(q)
    assert np.all(steps < 1.1)


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
