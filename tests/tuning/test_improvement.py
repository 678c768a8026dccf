"""The expected improvement is what a run would bring on average."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from puffin.tuning.cube import Cube
from puffin.tuning.improvement import Improvement
from puffin.tuning.likeness import Likeness

CUBE = Cube.of({name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in "ab"})
STREAM = np.random.default_rng(1)
TRIED, RATIOS = STREAM.random((8, 2)), STREAM.standard_normal(8)
ALL = np.ones(8, dtype=bool)


def test_is_the_mean_of_what_runs_would_bring():
    """Each run's ratio is drawn given the others, and what is known is worked out again."""
    likeness = Likeness(CUBE, np.array([0.3, 0.6]), 0.2, 1.5)
    improvement = Improvement.of(likeness, TRIED, ALL, RATIOS)
    place = np.array([[0.4, 0.6]])
    everywhere = np.vstack([TRIED, place])
    observed = likeness.among(everywhere)
    smooth = observed - 0.2 * np.eye(9)
    joint = np.linalg.solve(observed[:8, :8], observed[:8, 8])
    mean = improvement.level + joint @ (RATIOS - improvement.level)
    sd = improvement.sd * np.sqrt(observed[8, 8] - joint @ observed[:8, 8])
    draws = mean + sd * np.random.default_rng(2).standard_normal(400_000)
    weights = np.linalg.solve(observed, smooth[:, 8])
    known = improvement.level + weights[:8] @ (RATIOS - improvement.level)
    known = known + weights[8] * (draws - improvement.level)
    gains = np.maximum(known - improvement.known.max(), 0.0)
    error = gains.std() / np.sqrt(gains.size)
    assert improvement(place)[0] == pytest.approx(gains.mean(), abs=4.5 * error)


def test_level_and_size_are_those_of_generalised_least_squares():
    likeness = Likeness(CUBE, np.array([0.3, 0.6]), 0.01, 0.5)
    improvement = Improvement.of(likeness, TRIED, ALL, RATIOS)
    inverse = np.linalg.inv(likeness.among(TRIED))
    level = (inverse @ RATIOS).sum() / inverse.sum()
    assert improvement.level == pytest.approx(level)
    assert improvement.sd**2 == pytest.approx((RATIOS - level) @ inverse @ (RATIOS - level) / 8)


def test_what_was_tried_is_not_tried_again():
    likeness = Likeness(CUBE, np.array([0.3, 0.6]), 1e-6, 0.5)
    improvement = Improvement.of(likeness, TRIED, ALL, RATIOS)
    assert (improvement(TRIED) < 0.0).all()
    assert (improvement(CUBE.random(50, STREAM)) >= 0.0).all()


def test_where_nothing_could_be_backtested_less_is_expected():
    likeness = Likeness(CUBE, np.array([0.5, 0.5]), 1e-6, 2.5)
    could = TRIED[:, 0] < np.median(TRIED[:, 0])
    some = Improvement.of(likeness, TRIED, could, RATIOS[could])
    free = Improvement.of(likeness, TRIED[could], ALL[:4], RATIOS[could])
    beside = TRIED[~could] + 1e-3
    assert (some(beside) < 0.01 * free(beside)).all()
    assert free(beside).max() > 0.01
    assert some.known.max() == pytest.approx(free.known.max(), abs=1e-4)
    assert set(map(tuple, some.best(8))) == set(map(tuple, TRIED[could]))
