"""What is known of a number."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.findings.quantity import Quantity, SignedQuantity, SkewedQuantity
from puffin.posterior import highest_density_interval

DRAWS = np.random.default_rng(1).gamma(3.0, size=2000) - 1.0


def test_mean_and_shortest_interval():
    known = Quantity.of(DRAWS, 0.9)
    assert known.mean == DRAWS.mean()
    assert (known.low, known.high) == highest_density_interval(DRAWS, 0.9)
    doubled = known.times(2.0)
    assert (doubled.mean, doubled.low, doubled.high) == (
        2.0 * known.mean,
        2.0 * known.low,
        2.0 * known.high,
    )


def test_sign():
    known, around = SignedQuantity.of(DRAWS, 0.9), Quantity.of(DRAWS, 0.9)
    assert (known.mean, known.low, known.high) == (around.mean, around.low, around.high)
    assert known.std == pytest.approx(np.std(DRAWS, ddof=1))
    assert known.prob_positive == np.count_nonzero(DRAWS > 0.0) / DRAWS.size
    assert known.draws is DRAWS
    assert SignedQuantity.of(DRAWS[:1], 0.9).std == 0.0


def test_of_a_function_with_a_long_tail():
    known = SkewedQuantity.of(np.exp, DRAWS, 0.9)
    expected = np.quantile(np.exp(DRAWS), [0.5, 0.05, 0.95])
    assert (known.median, known.low, known.high) == pytest.approx(tuple(expected), rel=1e-3)
