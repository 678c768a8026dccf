"""What every proposal must be: a density, its draws, antithetic pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.inference.failure import SamplingError
from puffin.inference.mode import Mode
from puffin.inference.proposal import MultivariateT, fit_proposal
from puffin.inference.split_t import SplitT
from puffin.inference.t_mixture import TMixture

FALSE_ALARM = 1e-5


AXES = np.array([[0.6, -0.2], [0.5, 0.3]])


SPLIT = SplitT(np.array([1.0, -2.0]), AXES, np.array([1.0, 0.4]), np.array([0.5, 2.5]), 6.0)


NARROW = MultivariateT(np.array([1.5, -1.0]), np.array([[0.3, 0.0], [0.2, 0.2]]), 6.0)


PROPOSALS = {
    "t": NARROW,
    "split t": SPLIT,
    "mixture": TMixture((NARROW, SPLIT), np.array([0.3, 0.7])),
}


@pytest.fixture(params=list(PROPOSALS))
def proposal(request):
    return PROPOSALS[request.param]


def density(proposal, x, y):
    return np.exp(proposal.log_density(np.column_stack([np.ravel(x), np.ravel(y)])))


def quadrature(proposal, n=1001):
    """Points and weights on the plane; the tangents of a grid, to reach the tails."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, n + 2)[1:-1]
    step, slope = np.tan(angle), 1 / np.cos(angle) ** 2 * (angle[1] - angle[0])
    x, y = np.meshgrid(1.0 + step, -2.0 + step, indexing="ij")
    return x, y, density(proposal, x, y).reshape(n, n) * np.outer(slope, slope)


def test_density_integrates_to_one(proposal):
    _, _, mass = quadrature(proposal)
    assert mass.sum() == pytest.approx(1.0, abs=2e-4)


DRAWS = {
    "draw": lambda proposal, stream: proposal.draw(stream, 100_000),
    "first of a pair": lambda proposal, stream: proposal.draw_pairs(stream, 100_000)[::2],
    "second of a pair": lambda proposal, stream: proposal.draw_pairs(stream, 100_000)[1::2],
}


@pytest.mark.parametrize("which", list(DRAWS))
def test_draws_have_the_density(proposal, which):
    """Counts in cells of the plane, whose probabilities are integrals of the density."""
    draws = DRAWS[which](proposal, np.random.default_rng(1))
    assert draws.shape == (100_000, 2)
    x, y, mass = quadrature(proposal, 2001)
    edges_x = np.quantile(draws[:, 0], np.linspace(0, 1, 9)[1:-1])
    edges_y = np.quantile(draws[:, 1], np.linspace(0, 1, 9)[1:-1])
    cell = np.searchsorted(edges_x, x) * 8 + np.searchsorted(edges_y, y)
    expected = np.bincount(cell.ravel(), mass.ravel(), minlength=64)
    placed = np.searchsorted(edges_x, draws[:, 0]) * 8 + np.searchsorted(edges_y, draws[:, 1])
    observed = np.bincount(placed, minlength=64)
    likely = expected > 1e-3
    other = [observed[~likely].sum()], [expected[~likely].sum()]
    observed = np.append(observed[likely], other[0])
    expected = np.append(expected[likely], other[1])
    # The edges are quantiles of the draws, which only makes them agree better with the margins.
    statistic = np.sum((observed - 1e5 * expected) ** 2 / (1e5 * expected + 1e-9))
    # The quadrature's own error at a cell's edge adds up to (1e5 * 5e-4 * p)^2 / (1e5 * p).
    assert statistic < stats.chi2.isf(FALSE_ALARM, observed.size - 1) * 1.1


def test_pairs_are_antithetic(proposal):
    """A t's are mirror images; a split t's are at opposite quantiles along each axis.

    A mixture's are those of its components, of which only the first of two is seen here.
    """
    draws = proposal.draw_pairs(np.random.default_rng(8), 10_000)
    first, second = draws[::2], draws[1::2]
    if proposal is NARROW:
        np.testing.assert_allclose(first + second, 2.0 * np.tile(proposal.centre, (10_000, 1)))
        return
    assert np.corrcoef(first[:, 0], second[:, 0])[0, 1] < -0.4
    if proposal is SPLIT:
        first, second = ((side - SPLIT.centre) @ np.linalg.inv(AXES).T for side in (first, second))
        # Opposite quantiles of a split normal with another share below its centre than a half.
        below = SPLIT.down / (SPLIT.up + SPLIT.down)
        medians = (first < 0).mean(axis=0)
        np.testing.assert_allclose(medians, below, atol=0.03)
        both = ((first > 0) & (second > 0)).mean(axis=0)
        np.testing.assert_allclose(both, np.maximum(1.0 - 2.0 * below, 0.0), atol=0.03)


def test_importance_weights_of_one_proposal_for_another_average_to_one():
    """Draws and densities match: E q(x) / p(x) = 1 under p, where q has no heavier tails."""
    spread = 2.0 * AXES @ np.diag([1.0, 2.5])
    wide = MultivariateT(SPLIT.centre, np.linalg.cholesky(spread @ spread.T), 4.0)
    points = wide.draw(np.random.default_rng(2), 200_000)
    for other in PROPOSALS.values():
        weights = np.exp(other.log_density(points) - wide.log_density(points))
        error = weights.std() / math.sqrt(weights.size)
        assert abs(weights.mean() - 1.0) < stats.norm.isf(FALSE_ALARM / 6) * error
        assert error < 0.02


def test_too_few_weighted_draws_leave_the_proposal_as_it_is():
    """All weight on one draw has no covariance; the sampler behind it will see the weights."""
    mode = Mode(np.zeros(2), np.eye(2), 0.0)
    proposal, pilot = fit_proposal(
        lambda points: -1e12 * np.sum((points - 3.0) ** 2, axis=1), mode,
        np.random.default_rng(1), degrees=5.0, size=200, refits=2, good_efficiency=0.8,
    )  # fmt: skip
    assert pilot.efficiency == pytest.approx(1 / 200)
    np.testing.assert_array_equal(proposal.centre, mode.location)


def test_a_mode_without_curvature_is_a_failure_to_sample():
    mode = Mode(np.zeros(2), np.array([[1.0, 0.0], [0.0, -1.0]]), 0.0)
    with pytest.raises(SamplingError, match="exact fit"):
        fit_proposal(
            lambda points: np.zeros(len(points)), mode, np.random.default_rng(1),
            degrees=5.0, size=10, refits=0, good_efficiency=0.8,
        )  # fmt: skip
