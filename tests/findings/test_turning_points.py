"""Which points of a long path a figure needs."""

from __future__ import annotations

import numpy as np

from puffin.findings.turning_points import turning_points


def test_short_paths_keep_all():
    assert turning_points(np.arange(5.0), 10).tolist() == [0, 1, 2, 3, 4]


def test_long_ones_keep_their_extremes_and_end():
    path = np.cumsum(np.random.default_rng(1).normal(size=5000))
    chosen = turning_points(path, 240)
    assert chosen.size <= 240
    assert {int(path.argmin()), int(path.argmax()), 4999} <= set(chosen.tolist())
