"""What two estimates of a Sharpe ratio say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.special import ndtr, ndtri

from puffin.models.monitoring.change_model import (
    Gaussian,
    live_given_both,
    months_to_know,
    prob_lower,
)


def test_by_hand():
    """Variances 1/4 and 3/4 add up to 1, and c = 1 halves: z = 2 sqrt(1/2)."""
    backtest, live = Gaussian(1.5, 0.5), Gaussian(-0.5, 0.75**0.5)
    assert prob_lower(backtest, live, 1.0) == pytest.approx(ndtr(2.0**0.5))
    assert prob_lower(backtest, live, 1e9) == pytest.approx(ndtr(2.0))
    # Precisions 1 / (1/4 + 1) = 0.8 and 4/3: mean (1.2 - 2/3) / (0.8 + 4/3) = 0.25.
    known = live_given_both(backtest, live, 1.0)
    assert (known.mean, known.sd) == pytest.approx((0.25, (0.8 + 4 / 3) ** -0.5))
    assert known.prob_negative == pytest.approx(ndtr(-0.25 / known.sd))
    assert known.interval(0.9) == pytest.approx(
        (0.25 - 1.6448536 * known.sd, 0.25 + 1.6448536 * known.sd)
    )


def test_is_bayes_theorem():
    """Against the joint density of both Sharpe ratios, integrated numerically."""
    backtest, live, c = Gaussian(0.8, 0.4), Gaussian(-0.7, 0.9), 0.6

    def joint(since, before):
        scores = (
            (before - backtest.mean) / backtest.sd,
            (since - before) / c,
            (live.mean - since) / live.sd,
        )
        return np.exp(-0.5 * np.square(scores).sum())

    whole = integrate.dblquad(joint, -3, 4, -5, 5)[0]
    lower = integrate.dblquad(joint, -3, 4, -5, lambda before: before)[0]
    negative = integrate.dblquad(joint, -3, 4, -5, 0)[0]
    assert prob_lower(backtest, live, c) == pytest.approx(lower / whole, rel=1e-6)
    found = live_given_both(backtest, live, c).prob_negative
    assert found == pytest.approx(negative / whole, rel=1e-6)


GAUSSIANS = st.builds(Gaussian, st.floats(-4, 4), st.floats(0.05, 5))


@given(GAUSSIANS, GAUSSIANS, st.floats(0.1, 5), st.floats(1, 60), st.floats(0.6, 0.99))
def test_months_are_when_the_probability_passes(backtest, live, change_sd, months, certainty):
    """A little later than said the question is settled, and just before that it is not."""
    known = live_given_both(backtest, live, change_sd)

    def state(more):
        share = months / (months + more)
        then = Gaussian(known.mean + (live.mean - known.mean) * share, live.sd * np.sqrt(share))
        return (
            prob_lower(backtest, then, change_sd),
            live_given_both(backtest, then, change_sd).prob_negative,
        )

    def settled(probability):
        return abs(probability - 0.5) > certainty - 0.5

    for question, found in enumerate(months_to_know(backtest, live, change_sd, months, certainty)):
        assert 0.0 <= found.low <= found.high
        if found.expected == 0.0:
            assert settled(state(1e-9)[question]) or settled(state(0.0)[question])
        elif np.isfinite(found.expected):
            if found.expected > 1e9:
                continue
            probabilities = [state(found.expected * factor)[question] for factor in (0.999, 1.001)]
            assert [settled(p) for p in probabilities] == [False, True]
            earlier = [state(found.expected * f)[question] for f in np.linspace(0, 0.999, 50)]
            assert not any(settled(p) for p in earlier)
        else:
            later = [state(months * factor)[question] for factor in np.geomspace(0.01, 1e6, 60)]
            assert not any(settled(p) for p in later)


def test_never_where_the_backtest_says_too_little():
    """With s_b = 1, c = 1 and a difference of 1, z stays below sqrt(1/2) for ever."""
    change, sign = months_to_know(Gaussian(1.0, 1.0), Gaussian(0.0, 0.5), 1.0, 12.0, 0.95)
    assert change.expected == np.inf
    assert np.isfinite(sign.low)


def test_by_hand_of_a_known_backtest():
    """A backtest known for sure at 1, any change possible, live -1 with sd 2 after a year.

    The mean S' is -1 (the prior is flat), so z = 2 / (2 sqrt(y)) passes 1.96 at y = 1 / 1.96^2:
    a further 12 (1.96^2 - 1) months.
    """
    z = float(ndtri(0.975))
    change, sign = months_to_know(Gaussian(1.0, 1e-9), Gaussian(-1.0, 2.0), 1e9, 12.0, 0.975)
    assert change.expected == pytest.approx(12.0 * (z**2 - 1.0), rel=1e-6)
    assert sign.expected == pytest.approx(12.0 * (4.0 * z**2 - 1.0), rel=1e-6)
    assert change.low < change.expected < change.high
