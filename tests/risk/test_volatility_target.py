"""Positions whose volatility is a target: hand-checked numbers, and limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puffin.risk import no_trade_band, volatility_target, volatility_target_weights
from tests.risk.constant_draws import DATES, fitted


def test_volatility_target_by_hand():
    """Daily volatility of 1% or 2%: E exp(h) = 0.00025, 25.1% a year; expected volatility 23.8%."""
    model = fitted(h_next=2.0 * np.log([0.01, 0.02]))
    size = volatility_target(model, 0.1)
    assert size.wanted == size.weight == pytest.approx(0.1 / (0.00025 * 252) ** 0.5)
    assert size.plug_in == pytest.approx(0.1 / (0.015 * 252**0.5))
    assert size.volatility == pytest.approx(0.238118, abs=1e-6)
    assert (size.volatility_low, size.volatility_high) == pytest.approx((0.158745, 0.317490))
    assert size.prob_above_target == 0.5
    assert volatility_target(model, 0.5).weight == 1.0
    assert volatility_target(model, 0.5, max_leverage=1.5).weight == 1.5
    weekly = volatility_target(model, 0.1, periods_per_year=52)
    assert weekly.weight == pytest.approx(size.weight * (252 / 52) ** 0.5)
    # In the mean over the posterior, the position's variance is on target.
    variance = np.mean(size.weight**2 * np.exp(model.posterior.flat("h_next")) * 252)
    assert variance == pytest.approx(0.01)


def test_band_keeps_what_is_held():
    model = fitted(h_next=2.0 * np.log([0.01, 0.02]))
    wanted = volatility_target(model, 0.1).wanted
    for held, weight in ((1.09 * wanted, 1.09 * wanted), (1.11 * wanted, wanted), (0.0, wanted)):
        size = volatility_target(model, 0.1, held=held, band=0.1)
        assert size.weight == pytest.approx(weight)
        assert size.wanted == wanted
    kept = no_trade_band([1.0, 1.05, 0.95, 1.2, 1.1, 1.0], 0.1)
    assert kept.tolist() == [1.0, 1.0, 1.0, 1.2, 1.2, 1.0]
    assert no_trade_band([0.3, 0.3001, 0.2], 0.0).tolist() == [0.3, 0.3001, 0.2]


def test_the_cap_is_on_what_is_held_too():
    """1.034 is within 10% of 1, and is no position under a cap of 1."""
    model = fitted(h_next=2.0 * np.log(0.001))
    for held, weight in ((1.034, 1.0), (0.95, 0.95), (-7.0, 1.0)):
        size = volatility_target(model, 0.1, max_leverage=1.0, held=held, band=0.1)
        assert (size.weight, size.wanted) == (weight, 1.0)
    assert volatility_target(model, 0.1, held=-3.0, band=5.0).weight == -1.0
    assert volatility_target(model, 0.1, max_leverage=2.0, held=1.9, band=0.1).weight == 1.9


def test_weights_through_time():
    volatility = pd.Series([0.01, 0.02, 0.021, 0.001], DATES[:4])
    weights = volatility_target_weights(volatility, 0.1)
    wanted = np.minimum(0.1 / (volatility * 252**0.5), 1.0)
    np.testing.assert_allclose(weights, wanted)
    assert weights.index.equals(volatility.index)
    banded = volatility_target_weights(volatility, 0.1, max_leverage=2.0, band=0.1)
    np.testing.assert_allclose(banded, [wanted.iloc[0], wanted.iloc[1], wanted.iloc[1], 2.0])


@given(
    st.lists(st.floats(1e-6, 10.0), min_size=1, max_size=20),
    st.floats(0.01, 1.0),
    st.floats(0.1, 3.0),
    st.floats(0.0, 0.5),
    st.integers(1, 20),
)
def test_weights_know_the_past_only(volatility, target, cap, band, cut):
    options = {"max_leverage": cap, "band": band}
    weights = volatility_target_weights(volatility, target, **options)
    shorter = volatility_target_weights(volatility[:cut], target, **options)
    np.testing.assert_array_equal(weights[:cut], shorter)
    assert ((weights > 0) & (weights <= cap)).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda m: volatility_target(1, 0.1),
            TypeError,
            "Model does; found int",
        ),
        (lambda m: volatility_target(m, 0.0), ValueError, "target_volatility must be above zero"),
        (lambda m: volatility_target(m, 0.1, band=-0.1), ValueError, "band must be a share of at"),
        (lambda m: volatility_target(m, 0.1, max_leverage=0), ValueError, "max_leverage must be"),
        (lambda m: volatility_target(m, 0.1, held=np.nan), ValueError, "held must be finite"),
        (lambda m: volatility_target_weights([0.0], 0.1), ValueError, "volatility must be above"),
        (lambda m: volatility_target_weights([], 0.1), ValueError, "volatility needs at least 1"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call(fitted(50))
