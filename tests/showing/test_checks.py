"""Whether a posterior can be relied on."""

from __future__ import annotations

import math

import pytest

from puffin.showing.checks import draws_are_fine, draws_doubts, gap_in_deviations, is_at_odds


@pytest.mark.parametrize(
    ("ess", "r_hat", "fine"),
    [
        (400.0, 1.009, True),
        (399.0, 1.0, False),
        (4000.0, 1.01, False),
        (4000.0, math.inf, False),
        (math.nan, math.nan, False),
        (None, 1.0, False),
        (4000.0, None, False),
    ],
)
def test_draws(ess, r_hat, fine):
    assert draws_are_fine(ess, r_hat) is fine


def test_gap_is_in_deviations_of_the_posterior():
    sharpe = {"sample_sharpe": 0.2, "mean": 1.0, "std": 0.4}
    assert gap_in_deviations(sharpe) == pytest.approx(-2.0)
    assert is_at_odds(sharpe)
    assert not is_at_odds(sharpe | {"std": 0.9})
    assert gap_in_deviations(sharpe | {"std": 0.0}) == 0.0


def test_doubts_of_draws_say_how_many_there_are():
    assert draws_doubts(4000.0, 1.0) == []
    [doubt] = draws_doubts(61.3, 1.0214, "KO")
    assert doubt.startswith("KO: 61 effective draws, R-hat 1.021: too few")
    assert draws_doubts(None, None)[0].startswith("– effective draws, R-hat –: too few")
