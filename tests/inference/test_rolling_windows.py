"""Windows of a series, each in its own units."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.regression_units import RegressionUnits
from puffin.inference.rolling_windows import Moments, Windows

STREAM = np.random.default_rng(1)
X, Y = 1e4 + np.cumsum(STREAM.normal(size=(20, 2)), axis=0), STREAM.normal(size=20)


def test_each_is_standardised_by_itself():
    windows = Windows.of(X, Y, 6, None)
    assert windows.rows.shape == (15, 6, 4)
    np.testing.assert_allclose(windows.rows[..., 1:].mean(axis=1), 0.0, atol=1e-10)
    np.testing.assert_allclose(windows.rows[..., 1:].std(axis=1), 1.0)
    np.testing.assert_array_equal(windows.rows[..., 0], 1.0)
    following = windows.following[3, 1:] * windows.spread[3, :-1] + windows.centre[3, :-1]
    np.testing.assert_allclose(following, X[9])
    assert np.isnan(windows.following[-1, 1:]).all()
    assert len(windows.first(4).rows) == 4


@pytest.mark.parametrize("scale", [None, 3.0])
def test_moments_come_back_in_the_units_of_the_data(scale):
    windows = Windows.of(X, Y, 6, scale)
    mean = STREAM.normal(size=(15, 3))
    covariance = np.repeat(np.diag([0.1, 0.2, 0.3])[None], 15, axis=0)
    found = windows.in_units(Moments(mean, covariance, np.zeros(15), np.ones(15), np.zeros(15)))
    for i, (centre, spread) in enumerate(zip(windows.centre, windows.spread, strict=True)):
        units = RegressionUnits(centre[:-1], spread[:-1], centre[-1], spread[-1])
        expected = units.moments(mean[i : i + 1], covariance[i : i + 1])
        np.testing.assert_allclose(found.mean[i], expected[0][0])
        np.testing.assert_allclose(found.sd[i], expected[1][0])
    np.testing.assert_allclose(found.forecast_mean, windows.centre[:, -1])
    np.testing.assert_allclose(found.forecast_sd, windows.spread[:, -1])
