"""Weights by what a few draws find best."""

from __future__ import annotations

import numpy as np

from puffin.portfolio import Constraints, probability_weights, thompson_weights
from tests.portfolio.crafted import sharpes


def test_one_draw_backs_the_best_up_to_its_bound():
    weights = thompson_weights(sharpes([3, 1, 2]), random_seed=1)
    np.testing.assert_allclose(weights, [1, 0, 0])
    weights = thompson_weights(sharpes([3, 1, 2]), Constraints(max_weights=0.6), random_seed=1)
    np.testing.assert_allclose(weights, [0.6, 0, 0.4])


def test_many_draws_match_the_probabilities():
    """Within five standard errors of 400 draws: false-alarm rate below 1e-5."""
    many = sharpes(*np.random.default_rng(1).normal([0.5, 0.0, 0.2], 1.0, (4000, 3)))
    drawn = thompson_weights(many, draws=400, random_seed=2)
    expected = probability_weights(many)
    assert (abs(drawn - expected) < 5 * np.sqrt(expected * (1 - expected) / 400)).all()


def test_same_seed_same_weights():
    many = sharpes(*np.random.default_rng(1).normal(size=(100, 3)))
    picks = [thompson_weights(many, random_seed=seed).idxmax() for seed in range(30)]
    assert picks == [thompson_weights(many, random_seed=seed).idxmax() for seed in range(30)]
    assert set(picks) == {"a", "b", "c"}


def test_cash_and_short():
    bad = sharpes([-1, -2, -3])
    assert thompson_weights(bad, Constraints(total=None), random_seed=1).sum() == 0.0
    short = Constraints(min_weights=-1, total=None, gross_exposure=1)
    np.testing.assert_allclose(thompson_weights(bad, short, random_seed=1), [0, 0, -1])
