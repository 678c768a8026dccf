"""Gamma variates against SciPy, and their squeeze."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from puffin.compiling.kernels import drawing_kernel
from puffin.compiling.random_bits import new_generators, whole_turns
from puffin.inference.gamma import draw_gammas

FALSE_ALARM = 1e-6


@drawing_kernel
def gammas_at_once(stream, generators, shape, bits, draws):
    count = draws.size
    draw_gammas(stream, generators, shape, bits, np.empty(count), np.empty(count), draws)


@pytest.mark.parametrize("shape", [1.0, 1.5, 5.0, 500.0])
def test_gammas_at_once(shape):
    stream = np.random.default_rng(11)
    draws = np.empty(1_000_003)
    bits = np.empty(whole_turns(2 * draws.size), np.uint64)
    gammas_at_once(stream, new_generators(stream), shape, bits, draws)
    assert stats.kstest(draws, stats.gamma(shape).cdf).pvalue > FALSE_ALARM
    # What the ziggurat's base and the squeeze's bounds could spoil: the tails.
    for prob in (1e-5, 1e-3):
        for beyond in (
            draws < stats.gamma(shape).ppf(prob),
            draws > stats.gamma(shape).isf(prob),
        ):
            count = int(beyond.sum())
            assert stats.binomtest(count, draws.size, prob).pvalue > FALSE_ALARM


def test_squeeze_is_below_the_probability_of_acceptance():
    for shape in (1.0, 1.5, 5.0, 500.0):
        d = shape - 1 / 3
        y = np.linspace(-0.5, 20, 200_001)
        squeeze = -0.75 * d * y**4 * (1 + 1.6 * np.maximum(-y, 0))
        log_probability = 3 * d * (np.log1p(y) - y + y**2 / 2 - y**3 / 3)
        assert np.all(squeeze <= log_probability + 1e-12 * (1 + d * np.abs(y) ** 3))
