"""Distances and moments against their definition."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.scatter import TILE, squared_distances, weighted_moments
from tests.inference.calling import called


@pytest.mark.parametrize("series", range(1, 12))
@pytest.mark.parametrize("observations", [1, 255, 256, 300])
def test_distances_and_moments(series, observations):
    data, rows = np.random.default_rng([14, series]), series + series % 2
    x, mu, L = np.zeros((rows, observations)), np.zeros(rows), np.zeros((rows, rows))
    x[:series], mu[:series] = data.normal(size=(series, observations)), data.normal(size=series)
    L[:series, :series] = np.tril(data.normal(size=(series, series)))
    squares, scratch, weights = (
        np.empty(observations),
        np.empty((2, TILE)),
        data.random(observations),
    )
    first, second = np.empty(rows), np.empty((rows, rows))
    called(squared_distances)(x, series, mu, L, scratch, squares)
    called(weighted_moments)(x, series, weights, scratch, first, second)
    twin = ((L.T @ (x - mu[:, None])) ** 2).sum(axis=0)
    np.testing.assert_allclose(squares, twin, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(first, x @ weights, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(np.tril(second), np.tril((x * weights) @ x.T), atol=1e-10)
