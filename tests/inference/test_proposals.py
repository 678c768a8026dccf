"""Proposals integrate to one and draw what they say; priors in the sampler's coordinates do too.

A statistical test raises a false alarm with probability 1e-5 or less.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.inference.latent_ar1.coordinates import MEAN, NU, PHI, RHO, SIGMA, Coordinates
from puffin.inference.latent_ar1.prior import VolatilityPrior
from puffin.inference.mode import Mode
from puffin.inference.proposal import MultivariateT, Pilot
from puffin.inference.split_t import SplitT, fit_split_t
from puffin.inference.t_mixture import TMixture, fit_t_mixture

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


def test_components_are_drawn_in_their_shares_and_in_random_order():
    apart = TMixture(
        (
            MultivariateT(np.zeros(1), np.eye(1), 5.0),
            MultivariateT(np.full(1, 1e6), np.eye(1), 5.0),
        ),
        np.array([0.2, 0.8]),
    )
    second = apart.draw(np.random.default_rng(3), 50_000)[:, 0] > 5e5
    assert stats.binomtest(int(second.sum()), 50_000, 0.8).pvalue > FALSE_ALARM
    runs = 1 + np.count_nonzero(second[1:] != second[:-1])
    p = second.mean()
    expected, sd = 2 * p * (1 - p) * 50_000, 2 * p * (1 - p) * math.sqrt(50_000)
    assert abs(runs - expected) < 4.5 * sd


def test_split_t_falls_off_as_the_density_does():
    target = SplitT(np.zeros(2), np.eye(2), np.array([1.0, 0.6]), np.array([0.7, 2.0]), 15.0)
    mode = Mode(np.zeros(2), np.diag([0.8, 1.2]), 0.0)
    fitted = fit_split_t(target.log_density, mode, degrees=15.0, distance=2.0)
    points = target.draw(np.random.default_rng(4), 1000)
    offsets = fitted.log_density(points) - target.log_density(points)
    assert abs(fitted.log_density(np.zeros((1, 2))) - target.log_density(np.zeros((1, 2))))[0] < 0.1
    assert np.quantile(np.abs(offsets), 0.99) < 1.0
    plain = MultivariateT(mode.location, np.linalg.cholesky(mode.covariance), 15.0)
    assert offsets.std() < 0.5 * (plain.log_density(points) - target.log_density(points)).std()


def test_mixture_fits_what_no_ellipse_does():
    """Two humps, from draws of one wide t."""
    humps = TMixture(
        (
            MultivariateT(np.array([-3.0, 0.0]), np.diag([0.5, 1.0]), 8.0),
            MultivariateT(np.array([3.0, 1.0]), np.diag([1.0, 0.3]), 8.0),
        ),
        np.array([0.4, 0.6]),
    )
    wide = MultivariateT(np.zeros(2), np.diag([4.0, 2.0]), 5.0)
    points = wide.draw(np.random.default_rng(5), 4000)
    weights = np.exp(humps.log_density(points) - wide.log_density(points))
    pilot = Pilot(points, weights / weights.sum())
    fitted = fit_t_mixture(pilot, wide, np.random.default_rng(6), n_components=4, degrees=6.0)
    assert fitted.shares.sum() == pytest.approx(1.0)
    assert fitted.shares[-1] == pytest.approx(0.1)
    assert fitted.components[-1] is wide
    fresh = fitted.draw(np.random.default_rng(7), 4000)
    ratios = np.exp(humps.log_density(fresh) - fitted.log_density(fresh))
    assert ratios.mean() ** 2 / np.mean(ratios**2) > 0.8 > 1.5 * pilot.efficiency


PRIOR = VolatilityPrior(
    mean_sd=0.7, mu_sd=3.0, phi_a=20.0, phi_b=1.5, sigma_sd=0.4, nu_mean=7.0, rho_a=4.0, rho_b=3.0
)
LAWS = {
    "mean": stats.norm(0.0, 0.7),
    "phi": stats.beta(20.0, 1.5, loc=-1.0, scale=2.0),
    "sigma": stats.halfnorm(scale=0.4),
    "nu": stats.expon(loc=2.0, scale=7.0),
    "rho": stats.beta(4.0, 3.0, loc=-1.0, scale=2.0),
}
ROWS = {"mean": MEAN, "phi": PHI, "sigma": SIGMA, "nu": NU, "rho": RHO}
RANGES = {
    "mean": (-6.0, 6.0), "phi": (-1.5707, 1.5707), "sigma": (0.0, 2.0), "nu": (0.0, 8.0),
    "rho": (-7.0, 7.0),
}  # fmt: skip


@pytest.mark.parametrize("name", list(LAWS))
def test_prior_density_in_the_coordinate(name):
    coordinates, law = Coordinates((name,), PRIOR), LAWS[name]

    def density(x):
        return math.exp(coordinates.log_prior(np.array([[x]]))[0])

    low, high = RANGES[name]
    total, _ = integrate.quad(density, low, high, limit=400, epsabs=1e-10)
    assert total == pytest.approx(1.0, abs=1e-6)
    # SciPy's density of the natural parameter, times its slope in the coordinate.
    x = np.linspace(max(low, 0.05 if low == 0.0 else low / 3), high / 3, 41)
    natural, ahead, behind = (
        coordinates.natural((x + step)[:, None])[ROWS[name]] for step in (0.0, 1e-5, -1e-5)
    )
    exact = law.logpdf(natural) + np.log((ahead - behind) / 2e-5)
    np.testing.assert_allclose(coordinates.log_prior(x[:, None]), exact, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", list(LAWS))
def test_prior_mass_up_to_a_point(name):
    """The distribution function of the coordinate is SciPy's of the natural parameter."""
    coordinates, law = Coordinates((name,), PRIOR), LAWS[name]
    low, high = RANGES[name]
    for x in np.linspace(low, high, 7)[1:-1]:
        mass, _ = integrate.quad(
            lambda u: math.exp(coordinates.log_prior(np.array([[u]]))[0]), low, x, limit=400
        )
        natural = coordinates.natural(np.array([[x]]))[ROWS[name], 0]
        assert mass == pytest.approx(law.cdf(natural), abs=1e-6)


def test_joint_prior_is_the_product_and_ends_where_it_must():
    names = tuple(LAWS)
    coordinates = Coordinates(names, PRIOR)
    point = np.array([[0.3, 1.8, 0.4, 1.6, -0.4]])
    alone = sum(
        Coordinates((name,), PRIOR).log_prior(point[:, [i]])[0] for i, name in enumerate(names)
    )
    assert coordinates.log_prior(point)[0] == pytest.approx(alone)
    for column, value in ((2, -0.1), (2, 0.0), (3, -1.0), (3, 0.0), (1, 20.0), (4, -20.0)):
        outside = point.copy()
        outside[0, column] = value
        assert coordinates.log_prior(outside)[0] == -np.inf


def test_absent_parameters_have_values_that_switch_them_off():
    coordinates = Coordinates(("phi", "sigma"), PRIOR)
    natural = coordinates.natural(np.array([[1.0, 0.5]]))[:, 0]
    np.testing.assert_allclose(natural, [0.0, math.sin(1.0), 0.25, np.inf, 0.0])
    rows = coordinates.rows(np.array([[1.0, 0.5]]), np.array([0.8, 0.6]), np.array([1e9, 0.1]))
    np.testing.assert_allclose(rows[5:, 0], [0.0, 0.2, -0.1 * math.tanh(1.0), 0.0, 0.0])
