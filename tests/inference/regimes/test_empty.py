from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.inference.mode import Mode
from puffin.inference.regimes.empty import (
    _between,
    _root_of_odds,
    one_regime_fewer,
    with_an_empty_regime,
)
from tests.inference.regimes.problems import coordinates


@pytest.mark.parametrize(("low", "high"), [(-np.inf, 0.3), (-0.4, 0.9), (0.2, np.inf)])
def test_moments_between_bounds_are_those_of_a_truncated_normal(low, high):
    truth = stats.truncnorm((low - 0.1) / 0.8, (high - 0.1) / 0.8, 0.1, 0.8)
    found = _between(low, high, 0.1, 0.8)
    assert found.mean == pytest.approx(truth.mean())
    assert found.sd == pytest.approx(truth.std())


@pytest.mark.parametrize(("low", "high"), [(-np.inf, -9.0), (8.0, np.inf), (8.0, 8.1)])
def test_where_no_prior_is_left_there_is_a_place_all_the_same(low, high):
    found = _between(low, high, 0.0, 1.0)
    assert low - 0.5 < found.mean < high + 0.5
    assert found.sd > 0.0


def test_cube_roots_of_gamma_variables():
    roots = np.cbrt(np.random.default_rng(1).gamma(1.5, 1 / 7.0, 400_000))
    found = _root_of_odds(1.5, 7.0)
    assert found.mean == pytest.approx(roots.mean(), abs=5 * found.sd / 600)
    assert found.sd == pytest.approx(roots.std(), rel=0.01)


@pytest.mark.parametrize("own_shape", [False, True])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_other_regimes_are_as_without_it(place, own_shape):
    space = coordinates(3, "student", own_shape)
    fewer = one_regime_fewer(space)
    transition = np.array([[0.9, 0.1], [0.3, 0.7]])
    point = fewer.point(np.array([0.2, -0.1]), np.array([0.5, 2.0]), transition)
    mode = Mode(point, np.diag(np.arange(1.0, fewer.n_dims + 1.0)), 0.0)
    found = with_an_empty_regime(mode, space, place, 500)
    assert np.linalg.eigvalsh(found.covariance).min() > 0.0
    assert space.is_ordered(found.location[None]).all()
    parameters = space.parameters(found.location[None])
    others = np.delete(np.arange(3), place)
    np.testing.assert_allclose(parameters.mean[0, others], [0.2, -0.1])
    np.testing.assert_allclose(parameters.sd[0, others], [0.5, 2.0])
    kept = parameters.transition[0][np.ix_(others, others)]
    np.testing.assert_allclose(kept / kept.sum(axis=1, keepdims=True), transition)
    assert (parameters.transition[0, others, place] < 0.05).all()
    assert parameters.transition[0, place, place] > 0.8
