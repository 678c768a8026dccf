"""Exponentially weighted volatility against its recursion."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.inference.ewma import DECAY, sample_ewma
from puffin.inference.settings import Settings

SETTINGS = Settings(draws=20_000, tune=0, chains=2, cores=1, seed=4, progressbar=False)


def test_ewma_is_its_plain_recursion():
    """Medians at each time; a false alarm has probability 1e-5."""
    y = np.array([0.5, -1.0, np.nan, 2.0, 0.1, -0.3])
    y = y - np.nanmean(y)
    draws = sample_ewma(y, SETTINGS)
    variances, sizes = [np.nanvar(y)], [4.0]
    squares = 1 / sizes[0]
    for value in y:
        level = variances[-1]
        if not np.isnan(value):
            level = DECAY * level + (1 - DECAY) * value**2
            squares = DECAY**2 * squares + (1 - DECAY) ** 2
        variances.append(level)
        sizes.append(1 / squares)
    assert draws.variables["h"].shape == (2, 20_000, 6)
    assert draws.variables["h"].dtype == np.float32
    h = np.concatenate(
        [draws.variables["h"].reshape(-1, 6), draws.variables["h_next"].reshape(-1, 1)], axis=1
    )
    for t, (variance, size) in enumerate(zip(variances, sizes, strict=True)):
        chi_square = size * variance / np.exp(h[:, t].astype(np.float64))
        assert stats.kstest(chi_square, stats.chi2(size).cdf).pvalue > 1e-5 / 7


def test_ewma_interval_is_that_of_its_weights():
    """The weights (1 - decay) decay^k are worth 1 / sum of squares observations."""
    weights = (1 - DECAY) * DECAY ** np.arange(5000)
    size = (1 + DECAY) / (1 - DECAY)
    assert 1 / np.sum(weights**2) == pytest.approx(size, rel=1e-9)
    h = sample_ewma(np.random.default_rng(5).normal(size=500), SETTINGS).variables["h_next"]
    assert h.std() == pytest.approx(math.sqrt(2 / size), rel=0.05)
