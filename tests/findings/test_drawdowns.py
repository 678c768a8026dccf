"""Falls from a peak."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.drawdowns import underwater, worst_drawdowns

DATES = pd.bdate_range("2021-01-01", periods=8)
WEALTH = np.array([1.1, 0.99, 1.05, 1.1, 1.2, 0.9, 0.96, 1.08])
RETURNS = pd.Series(WEALTH / np.concatenate([[1.0], WEALTH[:-1]]) - 1.0, DATES)


def test_underwater():
    assert underwater(RETURNS).to_numpy() == pytest.approx(
        [0.0, -0.1, 1.05 / 1.1 - 1, 0.0, 0.0, -0.25, -0.2, -0.1], abs=1e-12
    )


def test_a_loss_from_the_start_counts():
    below = underwater(pd.Series([-0.1, 0.05]))
    assert below.to_numpy() == pytest.approx([-0.1, -0.055])
    [fall] = worst_drawdowns(pd.Series([-0.1, 0.05]))
    assert (fall.peak, fall.trough, fall.recovery, fall.length) == (0, 0, None, 2)


def test_deepest_first():
    worst, other = worst_drawdowns(RETURNS)
    assert worst.depth == pytest.approx(-0.25)
    assert (worst.peak, worst.trough, worst.recovery) == (DATES[4], DATES[5], None)
    assert (worst.length, worst.fall, worst.climb) == (3, 1, None)
    assert other.depth == pytest.approx(-0.1)
    assert (other.peak, other.trough, other.recovery) == (DATES[0], DATES[1], DATES[3])
    assert (other.length, other.fall, other.climb) == (3, 1, 2)


def test_no_more_than_asked_for():
    random = np.random.default_rng(1)
    returns = pd.Series(random.normal(0.001, 0.01, 2000))
    found = worst_drawdowns(returns, 4)
    assert len(found) == 4
    depths = [one.depth for one in found]
    assert depths == sorted(depths)
    assert depths[0] == pytest.approx(float(underwater(returns).min()))


def test_none_without_a_fall_or_after_a_total_loss():
    assert worst_drawdowns(pd.Series([0.01, 0.0, 0.02])) == []
    assert worst_drawdowns(pd.Series([0.01, -1.0])) == []
    assert underwater(pd.Series([0.01, -1.0])) is None
