"""Estimates of many Sharpe ratios with correlated errors."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.selection.estimates import TrialEstimates
from puffin.models.sharpe.frequentist import SharpeEstimate


@pytest.fixture(scope="module")
def excess():
    stream = np.random.default_rng(1)
    common = stream.standard_normal((1000, 1))
    return 0.05 + 0.8 * common + 0.6 * stream.standard_normal((1000, 6))


def test_one_trial_is_as_the_textbook_has_it(excess):
    found = TrialEstimates.of(excess, 252.0)
    alone = SharpeEstimate.of(0.01 * excess[:, 2], periods_per_year=252)
    assert found.sharpe[2] == pytest.approx(alone.sharpe, rel=1e-3)
    error = np.sqrt(found.error_variance * (found.vectors[2] ** 2 @ found.variances))
    assert error == pytest.approx(alone.standard_error(), rel=0.1)


def test_errors_correlate_as_returns_do(excess):
    correlation = TrialEstimates.of(excess, 252.0).correlation
    assert correlation == pytest.approx(np.corrcoef(excess.T), abs=0.05)


def test_what_is_common_is_a_correlation_with_the_average(excess):
    found = TrialEstimates.of(excess, 252.0)
    average = excess.mean(axis=1)
    expected = [np.corrcoef(average, one)[0, 1] for one in excess.T]
    assert found.vectors @ found.common == pytest.approx(expected, abs=0.02)


def test_trials_that_are_nearly_one_are_not_apart(excess):
    close = np.column_stack([excess[:, 0], excess[:, 0] + 1e-6 * excess[:, 1], excess[:, 2]])
    assert TrialEstimates.of(close, 252.0).apart.sum() == 2
