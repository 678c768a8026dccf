"""Draws taken by weight: each as often as its weight says, in its order."""

from __future__ import annotations

import numpy as np
from scipy import stats

from puffin.inference.resampling import systematic


def test_draws_are_taken_by_weight():
    """Each as often as its weight says, but for rounding up or down, and in order."""
    stream = np.random.default_rng(1)
    log_weights = 1.5 * stream.normal(size=40) + 900.0
    log_weights[7] = -np.inf
    shares = np.exp(log_weights - log_weights.max())
    shares /= shares.sum()
    counts = np.zeros((2000, 40))
    for row in counts:
        taken = systematic(log_weights, 30, stream)
        row[:] = np.bincount(taken, minlength=40)
        assert taken.shape == (30,)
        assert np.count_nonzero(np.diff(taken) < 0) <= 1
    assert (counts >= np.floor(30 * shares)).all()
    assert (counts <= np.ceil(30 * shares)).all()
    # Rounding is unbiased: means of 2,000, and 1e-5 is the probability of a false alarm.
    errors = np.sqrt(np.maximum((30 * shares % 1) * (1 - 30 * shares % 1), 1e-12) / 2000)
    scores = (counts.mean(axis=0) - 30 * shares) / np.maximum(errors, 1e-9)
    assert np.abs(scores).max() < stats.norm.isf(1e-5 / 2 / 40)
    np.testing.assert_array_equal(systematic(np.full(3, -np.inf), 4, stream), np.zeros(4))


def test_each_draw_is_taken_by_weight():
    """States may be kept of every so many draws: each alone must have the right distribution.

    The probability of a false alarm is 1e-5.
    """
    stream, log_weights = np.random.default_rng(2), np.log(np.arange(1.0, 9.0))
    taken = np.array([systematic(log_weights, 8, stream) for _ in range(20_000)])
    for position in (0, 3, 7):
        counts = np.bincount(taken[:, position], minlength=8)
        assert stats.chisquare(counts, 20_000 * np.arange(1, 9) / 36).pvalue > 1e-5 / 3
