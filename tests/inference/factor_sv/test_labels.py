"""Signs and order of factors, settled after the fact."""

from __future__ import annotations

import numpy as np

from puffin.inference.factor_sv.labels import find_labels


def test_shuffled_draws_are_put_in_order():
    stream = np.random.default_rng(4)
    truth = np.array([[1.0, 0.9, 1.1, 0.8], [0.2, -0.6, 0.1, 0.7], [0.0, 0.1, 0.3, 0.0]])
    draws = truth + 0.03 * stream.standard_normal((300, 3, 4))
    order = np.array([stream.permutation(3) for _ in draws])
    signs = stream.choice([-1.0, 1.0], (300, 3))
    shuffled = np.take_along_axis(draws, order[:, :, None], 1) * signs[:, :, None]
    labels = find_labels(shuffled)
    np.testing.assert_array_equal(labels.applied(shuffled, 1), draws)
    kept = labels.of(slice(None, None, 7))
    np.testing.assert_array_equal(kept.applied(shuffled[::7], 1), draws[::7])
    positive = np.abs(draws[::7].transpose(0, 2, 1))
    np.testing.assert_array_equal(
        kept.ordered(np.abs(shuffled[::7]).transpose(0, 2, 1), 2), positive
    )
