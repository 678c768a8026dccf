"""Rolling regressions are computed many windows at a time: the last may be alone."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference import rolling_regression
from puffin.models.pairs.priors import PairsPriors


@pytest.mark.parametrize("autoregressive", [False, True])
@pytest.mark.parametrize("rows", [30, 31, 60, 61, 62])
def test_windows_do_not_depend_on_how_many_are_computed_at_once(monkeypatch, autoregressive, rows):
    stream = np.random.default_rng(1)
    x = np.cumsum(stream.standard_normal((rows, 1)), axis=0)
    y = 2.0 * x[:, 0] + stream.standard_normal(rows)
    known = x.copy(), y.copy()

    def means():
        return rolling_regression.rolling_regression(
            x, y, 30, PairsPriors().rolling, scale=None, autoregressive=autoregressive
        ).mean

    expected = means()
    assert expected.shape == (rows - 29, 2)
    monkeypatch.setattr(rolling_regression, "_AT_ONCE", 1)
    np.testing.assert_allclose(means(), expected, rtol=1e-9)
    np.testing.assert_array_equal(x, known[0])
    np.testing.assert_array_equal(y, known[1])
