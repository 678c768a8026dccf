from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from puffin.inference.regimes.parameters import RegimePrior, stationary
from tests.inference.regimes import plain_filter
from tests.inference.regimes.problems import SHAPE, coordinates


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_stationary_distribution_is_left_alone_by_the_chain(k):
    transition = np.random.default_rng(1).dirichlet(np.full(k, 0.3), (20, k)) + 1e-12
    transition /= transition.sum(axis=-1, keepdims=True)
    found = stationary(transition)
    np.testing.assert_allclose(np.einsum("ni,nij->nj", found, transition), found, atol=1e-12)
    np.testing.assert_allclose(found[0], plain_filter.stationary(transition[0]), atol=1e-8)


def test_rare_switches_are_exact():
    transition = np.array([[1 - 1e-20, 1e-20], [3e-20, 1 - 3e-20]])
    np.testing.assert_allclose(stationary(transition), [0.75, 0.25], rtol=1e-12)


@pytest.mark.parametrize("own_shape", [False, True])
@pytest.mark.parametrize("law", ["normal", "student", "asymmetric"])
def test_a_point_has_the_parameters_that_it_is_of(law, own_shape):
    space = coordinates(3, law, own_shape)
    mean, sd = np.array([0.1, 0.0, -0.1]), np.array([0.5, 1.0, 2.0])
    transition = np.array([[0.9, 0.06, 0.04], [0.2, 0.7, 0.1], [0.01, 0.02, 0.97]])
    point = space.point(mean, sd, transition)
    assert point.shape == (space.n_dims,)
    found = space.parameters(point[None])
    np.testing.assert_allclose(found.mean[0], mean)
    np.testing.assert_allclose(found.sd[0], sd)
    np.testing.assert_allclose(found.transition[0], transition)
    assert set(found.shape) == set(space.law.shape_names)


@pytest.mark.parametrize("own_shape", [False, True])
def test_another_order_is_the_same_model(own_shape):
    """Relabelled, a point has the same prior, and its regimes in the order of their sds."""
    stream = np.random.default_rng(2)
    space = coordinates(3, "student", own_shape)
    base = space.point(np.zeros(3), np.ones(3), np.full((3, 3), 1 / 3))
    for _ in range(20):
        point = base + 0.2 * stream.standard_normal(space.n_dims)
        [order] = space.order(point[None])
        ordered = point[space.relabelling(order)]
        assert space.is_ordered(ordered[None]).all()
        assert space.log_prior(ordered[None]) == pytest.approx(space.log_prior(point[None]))
        before, after = (space.parameters(one[None]) for one in (point, ordered))
        np.testing.assert_array_equal(order, np.argsort(before.sd[0]))
        np.testing.assert_allclose(after.sd[0], before.sd[0][order])
        np.testing.assert_allclose(after.mean[0], before.mean[0][order])
        np.testing.assert_allclose(
            after.transition[0], before.transition[0][np.ix_(order, order)], rtol=1e-9
        )
        np.testing.assert_allclose(after.shape["nu"][0], before.shape["nu"][0][order])


def test_the_prior_integrates_to_one():
    """By importance sampling over ordered points; false alarm 1e-6 (five standard errors)."""
    prior = RegimePrior(0.5, 0.2, 0.7, 4.0, 1.5, SHAPE)
    space, stream, n = coordinates(2, prior=prior), np.random.default_rng(3), 200_000
    points = np.column_stack([
        stream.normal(0, 0.6, (n, 2)), stream.normal(0.2, 0.9, (n, 2)),
        stream.gamma(4.0, 0.18, (n, 2)),
    ])  # fmt: skip
    proposed = (
        stats.norm.logpdf(points[:, :2], 0, 0.6).sum(1)
        + stats.norm.logpdf(points[:, 2:4], 0.2, 0.9).sum(1)
        + stats.gamma.logpdf(points[:, 4:], 4.0, scale=0.18).sum(1)
    )
    logs = np.where(space.is_ordered(points), space.log_prior(points), -np.inf) - proposed
    weights = np.exp(logs)
    error = weights.std() / np.sqrt(n)
    assert error < 0.01
    assert abs(np.exp(logsumexp(logs)) / n - 1) < 5 * error


@pytest.mark.parametrize("law", ["student", "asymmetric"])
def test_coordinates_of_scales_have_the_law_s_core(law):
    """A law with few degrees of freedom: its error's density at the mode by scale, not by sd."""
    space = coordinates(2, law)
    point = space.point(np.zeros(2), np.array([1.0, 2.0]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    heavier = point.copy()
    heavier[6:] -= np.sign(heavier[6:]) * 0.3
    usual, heavy = (space.parameters(one[None]) for one in (point, heavier))
    assert (heavy.sd > usual.sd).all()
    np.testing.assert_allclose(np.diff(np.log(heavy.sd)), np.diff(np.log(usual.sd)))
    np.testing.assert_allclose(
        space.log_core(heavier[None]) + np.log(heavy.sd), heavier[None, 2:4], atol=1e-12
    )


def test_there_is_nothing_where_odds_are_negative():
    space = coordinates(2)
    point = space.point(np.zeros(2), np.array([1.0, 2.0]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    point[4] = -0.1
    assert space.log_prior(point[None])[0] == -np.inf
