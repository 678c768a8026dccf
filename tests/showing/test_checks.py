"""Whether a posterior can be relied on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.posterior import highest_density_interval
from puffin.showing import checks
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
    assert doubt.endswith("more samples say the same.")
    [doubt] = draws_doubts(61.3, 1.0214, samples=1000)
    assert doubt.endswith("more samples say the same. Fit again with 14,000 samples.")
    [doubt] = draws_doubts(390.0, 1.0, samples=1000)
    assert doubt.endswith("Fit again with 4,000 samples.")
    for few in (6.0, 0.0, math.nan):
        [doubt] = draws_doubts(few, 1.4, samples=200)
        assert doubt.endswith("Fit again with 5,000 samples, or a simpler model.")
    assert draws_doubts(None, None)[0].startswith("– effective draws, R-hat –: too few")


def test_another_seed_moves_what_is_printed_by_what_is_said():
    """Of 200 seeds each: a standard deviation known to 5%, and a tolerance of five times that."""
    stream = np.random.default_rng(3)
    for draws in (
        stream.normal(0.5, 0.4, (200, 8000)),
        0.4 * stream.standard_t(6, (200, 8000)) / 1.5**0.5,
    ):
        low, high = highest_density_interval(draws, 0.94)
        spread = (np.std(low) + np.std(high)) / 2.0
        said = checks._END_ERROR * 0.4 / 8000 ** (1 / 3)
        assert said == pytest.approx(spread, rel=0.25)
    one = {"std": 0.4, "ess": 8000.0, "prob_positive": 0.9}
    assert checks.seed_note([one]) == [
        "Another seed moves the ends of intervals by about 0.02 and P(>0) by 0.3%; more draws "
        "(--samples) by less."
    ]
    assert checks.seed_note([{**one, "ess": None}]) == []
