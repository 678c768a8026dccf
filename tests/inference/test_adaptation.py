"""Steps of a random walk that learn the spread of what they move."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.adaptation import chunks, walk_factor


@pytest.mark.parametrize("total", [0, 1, 9, 10, 1234])
def test_chunks_add_up(total):
    sizes = chunks(total)
    assert sum(sizes) == total
    assert len(sizes) <= 10
    assert all(size > 0 for size in sizes)


def test_steps_have_the_shape_of_what_is_moved():
    history = np.random.default_rng(1).normal(size=(500, 2)) @ [[1.0, 0.5], [0.0, 0.2]]
    factor = walk_factor(history)
    np.testing.assert_allclose(factor @ factor.T, 2.38**2 / 2 * np.cov(history.T), rtol=1e-8)
    assert np.isfinite(walk_factor(np.ones((5, 2)))).all()
    assert walk_factor(history[:, :1]).shape == (1, 1)
