"""Exponential and logarithm in lanes, against NumPy."""

from __future__ import annotations

import numpy as np

from puffin.compiling.elementary import exp_lanes, log_lanes
from puffin.compiling.kernels import kernel
from puffin.compiling.lanes import LANES, load, store


@kernel
def exp_all(x, out):
    for i in range(0, x.size, LANES):
        store(out, i, exp_lanes(load(x, i)))


@kernel
def log_all(x, out):
    for i in range(0, x.size, LANES):
        store(out, i, log_lanes(load(x, i)))


def applied(function, x):
    padded, out = np.resize(x, -(-x.size // LANES) * LANES), np.empty(-(-x.size // LANES) * LANES)
    function(padded, out)
    return out[: x.size]


def test_exponential():
    stream = np.random.default_rng(1)
    x = np.concatenate([stream.uniform(-700, 700, 20_000), stream.uniform(-1, 1, 20_000), [0.0]])
    np.testing.assert_allclose(applied(exp_all, x), np.exp(x), rtol=1e-11)
    assert applied(exp_all, np.array([0.0]))[0] == 1.0


def test_exponential_is_clipped():
    x = np.array([-1e300, -701.0, 701.0, 1e300])
    np.testing.assert_allclose(applied(exp_all, x), np.exp(np.clip(x, -700, 700)), rtol=1e-11)


def test_logarithm():
    stream = np.random.default_rng(2)
    x = np.concatenate([np.exp(stream.uniform(-700, 700, 20_000)), stream.uniform(0.5, 2, 20_000)])
    np.testing.assert_allclose(applied(log_all, x), np.log(x), rtol=1e-14, atol=1e-12)
    assert applied(log_all, np.array([1.0]))[0] == 0.0
