"""Returns that repeat exactly."""

from __future__ import annotations

import numpy as np

from puffin.models.volatility.ties import dither_ties, resolution


def test_ties_are_dithered_within_their_resolution():
    y = np.array([0.0, 1.0, 0.0, np.nan, 0.0, -1.0, 2.0, 2.0])
    moved = dither_ties(y, resolution(y))
    assert np.isnan(moved[3])
    known = np.isfinite(y)
    untied = known & (y != 0.0)
    np.testing.assert_array_equal(moved[untied], y[untied])
    assert np.abs(moved - y)[known].max() <= 0.0101 * np.nanstd(y)
    assert np.unique(moved[y == 0.0]).size == 3
    np.testing.assert_array_equal(dither_ties(y[:3], resolution(y)), y[:3])
    # Those that tie already stay where they are when one more does.
    longer = np.append(y, 0.0)
    np.testing.assert_array_equal(dither_ties(longer, resolution(y))[:-1], moved)
