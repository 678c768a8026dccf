"""Slice sampling leaves densities as they are."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from puffin.compiling.kernels import drawing_kernel, part
from puffin.inference.slice_sampling import slice_move


@part
def normal(x, scale):
    """With a scale of infinity flat, and with NaN no density."""
    return -0.5 * (x / scale) ** 2


move = slice_move(normal)


@drawing_kernel
def move_all(stream, scales, x):
    for i in range(x.size):
        x[i] = move(stream, x[i], scales[i])


def test_draws_are_of_each_density():
    """Kolmogorov-Smirnov tests of 4,000 normals with three scales: false alarm 1e-5."""
    stream, scales = np.random.default_rng(1), np.repeat([0.1, 1.0, 20.0], 4000)
    x = scales * stream.standard_normal(scales.size)
    for _ in range(3):
        move_all(stream, scales, x)
    for scale in np.unique(scales):
        assert stats.kstest(x[scales == scale] / scale, "norm").pvalue > 1e-5 / 4


def test_forgets_where_it_began():
    stream, x = np.random.default_rng(2), np.full(4000, 5.0)
    for _ in range(30):
        move_all(stream, np.ones(x.size), x)
    assert stats.kstest(x, "norm").pvalue > 1e-5


def test_what_is_no_density_gives_nan():
    x = np.zeros(2)
    move_all(np.random.default_rng(3), np.array([math.inf, math.nan]), x)
    assert np.isnan(x).all()
