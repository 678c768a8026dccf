"""Arithmetic in lanes is that of floats."""

from __future__ import annotations

import numpy as np

from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, maximum, sqrt_lanes, store


@kernel
def arithmetic(x, y, out):
    a, b = load(x, 0), load(y, 0)
    store(out, 0, -(2 * a + b / 4.0 - a * b) + 1)
    store(out, LANES, maximum(a, b))
    store(out, 2 * LANES, sqrt_lanes(b))


def test_arithmetic_is_that_of_floats():
    stream = np.random.default_rng(3)
    a, b, out = stream.normal(size=LANES), stream.random(LANES), np.empty(3 * LANES)
    arithmetic(a, b, out)
    exact = np.concatenate([-(2 * a + b / 4.0 - a * b) + 1, np.maximum(a, b), np.sqrt(b)])
    np.testing.assert_allclose(out, exact, rtol=1e-14)


def test_the_second_where_the_first_is_nan():
    out = np.empty(3 * LANES)
    arithmetic(np.full(LANES, np.nan), np.arange(LANES) + 1.0, out)
    np.testing.assert_array_equal(out[LANES : 2 * LANES], np.arange(LANES) + 1.0)
