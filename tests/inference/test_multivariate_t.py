"""The multivariate Student-t against its plain twin."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.compiling.random_bits import new_generators
from puffin.inference import multivariate_t
from puffin.inference.multivariate_t import MultivariateTPrior, sample_multivariate_t
from puffin.inference.settings import Settings
from tests.inference import plain_gibbs

FACTOR = np.array([[0.1, 0.0], [0.05, 0.4]])


GENERATORS = new_generators(np.random.default_rng(9))


@pytest.mark.parametrize("pool_sd", [None, 0.5])
def test_multivariate_t_matches_its_twin(pool_sd):
    data = np.random.default_rng(3)
    groups = [data.standard_t(4, (300, 3)) + 0.3, data.standard_t(4, (70, 1)) + 0.5]
    periods, numbers, count = np.array([252.0, 252, 252, 12]), (2.0, 2.0, 2.0, 0.1, pool_sd), 8
    factors = np.array([FACTOR, FACTOR])
    state = multivariate_t._initial_state(groups)
    mus = [state.location[0, :3].copy(), state.location[1, :1].copy()]
    precisions = [F @ F.T for F in (state.factor[0, :3, :3], state.factor[1, :1, :1])]
    padded = np.zeros((2, 4, 300))
    padded[0, :3], padded[1, 0, :70] = groups[0].T, groups[1][:, 0]
    packed = np.empty((count, 7))
    kept = (
        np.empty((count, 2, 4)),
        np.empty((count, 2, 4)),
        np.empty((count, 2, 2)),
        np.empty(count),
    )
    multivariate_t._sweeps(
        np.random.default_rng(4), GENERATORS.copy(), padded, np.array([3, 1]), np.array([300, 70]),
        np.array([[252.0, 252, 252, 1], [12, 1, 1, 1]]), *numbers, factors,
        state.location, state.variance, state.factor, state.auxiliary, state.tails,
        state.log_pool_sd, *kept, np.empty(count), packed,
    )  # fmt: skip
    twin = plain_gibbs.multivariate_t(
        np.random.default_rng(4), GENERATORS.copy(), groups, periods, *numbers, factors,
        mus, precisions, [np.ones(3), np.ones(1)], [math.log(8.0)] * 2, math.log(0.5), count,
    )  # fmt: skip
    mu, sigma = (values.reshape(count, 8)[:, [0, 1, 2, 4]] for values in kept[:2])
    ours = np.column_stack([mu, sigma, kept[2][..., 1], kept[3], packed])
    np.testing.assert_allclose(ours, twin, rtol=1e-7)


def test_draws_do_not_depend_on_cores():
    x = np.random.default_rng(5).standard_t(4, (50, 2))
    one, many = (
        sample_multivariate_t(
            [x], np.full(2, 252.0), MultivariateTPrior(2, 2, 2, 0.1, 0.5),
            Settings(200, 200, 3, cores, 1, False),
        )[0]
        for cores in (1, 3)
    )  # fmt: skip
    for name, values in one.variables.items():
        np.testing.assert_array_equal(values, many.variables[name])


def test_series_that_are_combinations_of_others_have_a_posterior():
    x = np.random.default_rng(6).standard_t(5, (200, 2))
    collinear = np.column_stack([x, x.mean(axis=1), 2 * x[:, 0] + 0.1])
    for pool_sd in (None, 0.5):
        draws, scatter = sample_multivariate_t(
            [collinear / collinear.std(axis=0)],
            np.full(4, 252.0),
            MultivariateTPrior(2, 2, 2, 0.1, pool_sd),
            Settings(500, 500, 2, None, 1, False),
        )
        for values in (*draws.variables.values(), scatter.roots(0)):
            assert np.isfinite(values).all()


def test_scale_matrices_belong_to_the_draws():
    stream = np.random.default_rng(7)
    groups = [stream.standard_t(5, (120, 3)), stream.standard_t(5, (80, 1))]
    prior, settings = MultivariateTPrior(2, 2, 2, 0.1, 0.5), Settings(205, 200, 2, None, 1, False)
    draws, all_of_them = sample_multivariate_t(groups, np.full(4, 252.0), prior, settings)
    same, some = sample_multivariate_t(groups, np.full(4, 252.0), prior, settings, scatter_every=7)
    np.testing.assert_array_equal(draws.variables["mu"], same.variables["mu"])
    np.testing.assert_array_equal(some.packed, all_of_them.packed[:, ::7])
    scales = [np.array([2.0, 3.0, 0.5]), np.array([4.0])]
    sigma = draws.variables["sigma"] * np.concatenate(scales)
    for group, columns in enumerate((slice(0, 3), slice(3, 4))):
        roots = all_of_them.rescaled(scales).roots(group)
        factors = all_of_them.rescaled(scales).factors(group)
        np.testing.assert_allclose(np.triu(roots), roots)
        matrices = roots @ np.swapaxes(roots, 1, 2)
        diagonal = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
        np.testing.assert_allclose(diagonal, sigma.reshape(-1, 4)[:, columns])
        identity = np.swapaxes(factors, 1, 2) @ roots
        np.testing.assert_allclose(
            identity, np.broadcast_to(np.eye(roots.shape[1]), roots.shape), atol=1e-9
        )
