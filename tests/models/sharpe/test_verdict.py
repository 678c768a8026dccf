"""One strategy in one breath."""

from __future__ import annotations

import math

import numpy as np
import pytest

from puffin.models.sharpe import SharpePosterior
from puffin.models.sharpe import verdict as words
from puffin.posterior import Posterior


def sharpe(mean, sd, years=5.0, **changes):
    """A posterior that no model has made: normal, with as many draws as quantiles need."""
    draws = mean + sd * np.random.default_rng(1).normal(size=(4, 5000))
    draws = mean + sd * (draws - draws.mean()) / draws.std()
    posterior = Posterior.__new__(Posterior)
    object.__setattr__(posterior, "variables", {"sharpe": draws})
    summary = {
        "mean": mean, "std": sd, "hdi_prob": 0.94, "hdi_low": mean - 1.88 * sd,
        "hdi_high": mean + 1.88 * sd, "prob_positive": float((draws > 0).mean()), "ess": 5000.0,
        "r_hat": 1.0, "sample_sharpe": mean, "n_observations": round(252 * years),
        "periods_per_year": 252.0, "model": "made up",
    }  # fmt: skip
    return SharpePosterior(posterior, "x", summary | changes, np.zeros(1))


def test_says_all_of_it_in_one_breath():
    assert words.verdict("x", sharpe(0.9, 0.32)).startswith(
        "x: Sharpe ratio 0.90, 94% between 0.30 and 1.50; almost certainly positive (99."
    )


def test_years_follow_from_the_posterior_s_spread():
    """sd falls with the root of time: 0.9 - 1.645 sd = 0.5 needs sd = 0.243."""
    expected = 5.0 * ((1.6449 * 0.32 / 0.4) ** 2 - 1.0)
    assert words.more_years(sharpe(0.9, 0.32)) == (
        f"At this rate it takes {expected:.1f} more years to be 95% sure that it beats 0.5."
    )


@pytest.mark.parametrize(
    ("mean", "sd", "start", "end"),
    [
        (0.4, 0.5, "At this rate it takes 16.1 more years", "is above zero."),
        (0.3, 0.1, "More years like these are not likely", "% now)."),
        (-0.1, 0.4, "More years like these are not likely", "% now)."),
        (0.51, 0.2, "Whether it beats 0.5 is nearly even (", "to settle it."),
        (0.6, 0.35, "Whether it beats 0.5 is open (", "to settle it."),
        (0.2, 0.3, "At this rate it takes 25 more years", "is above zero."),
        (0.95, 0.28, "At this rate it takes 3 more months", "beats 0.5."),
    ],
)
def test_next_hurdle(mean, sd, start, end):
    said = words.more_years(sharpe(mean, sd))
    assert said.startswith(start)
    assert said.endswith(end)


def test_nothing_is_left_to_wait_for():
    assert words.more_years(sharpe(3.0, 0.3)) == ""
    assert words.verdict("x", sharpe(3.0, 0.3)).endswith("above zero).")


def test_bad_draws_allow_no_verdict():
    for bad in ({"r_hat": 1.3}, {"ess": 20.0}, {"ess": None, "r_hat": None}):
        said = words.verdict("x", sharpe(3.0, 0.3, **bad))
        assert "no Sharpe ratio to rely on yet" in said
        assert "positive" not in said
        assert "more years" not in said


def test_a_model_at_odds_with_the_sample_allows_none_either():
    said = words.verdict("x", sharpe(1.0, 0.3, sample_sharpe=0.2))
    assert "1.00 by the model, 0.20 by mean over" in said
    assert "positive" not in said


def test_few_returns_are_said_with_it():
    assert ", on 25 returns only;" in words.verdict("x", sharpe(1.0, 0.3, n_observations=25))


def test_never_is_when_the_posterior_says_infinity():
    one = sharpe(0.3, 0.1)
    assert math.isinf(one.years_until(0.5))
    assert "not likely to show" in words.more_years(one)
