"""Zeros that say nothing of volatility, and zeros that do."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from puffin.models.volatility import NotObservedWarning, StochasticVolatilityModel
from puffin.models.volatility.observed import observe

N = 1000
QUICK = {"samples": 250, "random_seed": 1}


def market(seed, n=N):
    """True volatility and log returns: phi 0.97, sigma 0.2, 1% in the middle."""
    random = np.random.default_rng(seed)
    h = np.zeros(n)
    for t in range(1, n):
        h[t] = 0.97 * h[t - 1] + 0.2 * random.normal()
    volatility = 0.01 * np.exp(0.5 * h)
    return random, volatility, volatility * random.normal(size=n)


def stale(random, returns, share):
    """Returns of the last price traded."""
    traded = random.random(returns.size) >= share
    last = np.maximum.accumulate(np.where(traded, np.arange(returns.size), 0))
    return np.diff(np.cumsum(returns)[last], prepend=0.0)


def in_ticks(volatility, returns, per_sd):
    tick = np.median(volatility) / per_sd
    level = np.cumsum(returns)
    return np.diff(np.log(np.maximum(np.round(np.exp(level - level.mean()) / tick), 1.0)))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("share", "kind"), [(0.15, "lost"), (0.15, "stale"), (0.4, "stale")])
def test_periods_without_a_trade_are_not_observed(seed, share, kind):
    """What comes after them spans them where prices were only stale: by chance not in 1 of 10."""
    random, _, returns = market(seed)
    if kind == "lost":
        returns = np.where(random.random(N) < share, 0.0, returns)
    else:
        returns = stale(random, returns, share)
    found = observe(returns)
    np.testing.assert_array_equal(found.hidden, returns == 0.0)
    np.testing.assert_array_equal(np.isnan(found.values), returns == 0.0)
    assert f"{found.hidden.sum()} of 1,000 returns are exactly zero" in found.note
    if kind == "stale":
        assert found.spans
        assert "that of all of it" in found.note


def test_what_spans_periods_is_scaled_to_one():
    random, _, returns = market(1)
    returns = stale(random, returns, 0.4)
    found = observe(returns)
    gaps = np.diff(np.flatnonzero(returns != 0.0))
    later = returns[returns != 0.0][1:]
    np.testing.assert_allclose(found.values[returns != 0.0][1:], later / np.sqrt(gaps))


def test_mondays_after_filled_weekends_stay_as_they_are():
    for seed in range(10):
        _, _, returns = market(seed)
        returns[np.arange(N) % 7 >= 5] = 0.0
        found = observe(returns)
        assert not found.spans
        np.testing.assert_array_equal(found.values[~found.hidden], returns[returns != 0.0])
        assert found.hidden.sum() == np.count_nonzero(returns == 0.0)


@pytest.mark.parametrize("per_sd", [0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0])
@pytest.mark.parametrize("n", [500, 2000])
def test_zeros_of_large_ticks_are_small_returns(per_sd, n):
    """No false alarm in 7 x 2 x 10 histories with these seeds, nor in 7 x 3 x 15 before."""
    for seed in range(10):
        _, volatility, returns = market(seed, n)
        rounded = in_ticks(volatility, returns, per_sd)
        found = observe(rounded)
        assert not found.hidden.any()
        if per_sd <= 0.5:
            np.testing.assert_array_equal(found.spread, rounded == 0.0)
            assert np.abs(found.values[found.spread]).max() <= 0.5 * np.abs(rounded).max()
            assert "large ticks" in found.note
        if per_sd >= 3.0:
            np.testing.assert_array_equal(found.values, rounded)
            assert found.note == ""


def test_a_strategy_that_is_flat_most_days_has_the_volatility_of_the_others():
    random = np.random.default_rng(5)
    active = random.random(N) < 0.35
    for cash in (0.0, 0.0001):
        found = observe(np.where(active, random.normal(0, 0.006, N), cash))
        np.testing.assert_array_equal(found.hidden, ~active)
        assert not found.spans
    assert "the same number, 0.0001" in found.note


def test_zeros_of_rounding_are_called_so():
    _, _, returns = market(5)
    returns[::3] = 9.86e-18
    assert "returns are zero but for rounding" in observe(returns).note


def test_a_strategy_that_acts_every_fourth_day_tells_nothing_of_the_days_between():
    returns = np.where(np.arange(N) % 4 == 1, market(6)[2], 0.0)
    found = observe(returns)
    np.testing.assert_array_equal(found.values[found.hidden == 0], returns[returns != 0.0])


def test_a_halt_is_not_observed_however_short_beside_the_rest():
    _, _, returns = market(2)
    returns[400:420] = 0.0
    returns[700] = 0.0
    found = observe(returns)
    assert np.flatnonzero(found.hidden).tolist() == list(range(400, 420))


def test_plain_returns_are_taken_as_they_are():
    for seed in range(20):
        _, _, returns = market(seed)
        returns[10] = np.nan
        found = observe(returns)
        assert found.note == ""
        np.testing.assert_array_equal(found.values, returns)


def test_years_of_missing_returns_hide_no_other():
    _, _, returns = market(7, 2000)
    returns[300:1600] = np.nan
    assert not observe(returns).hidden.any()


def test_too_few_returns_that_are_not_zero():
    returns = np.zeros(50)
    returns[:3] = [0.01, -0.02, 0.03]
    with pytest.raises(ValueError, match="returns are 0 in all but 3 of 50 periods"):
        observe(returns)


@pytest.mark.parametrize(("n", "share"), [(60, 0.25), (250, 0.15), (1000, 0.07), (3000, 0.07)])
def test_some_zeros_among_returns_that_are_not_rounded(n, share):
    """Found in most histories however short, and all of them then."""
    found = 0
    for seed in range(20):
        random, _, returns = market(seed, n)
        zeros = random.random(n) < share
        hidden = observe(np.where(zeros, 0.0, returns)).hidden
        found += int(np.array_equal(hidden, zeros))
    assert found >= 14


def test_later_returns_leave_what_was_observed_before():
    random, _, returns = market(3)
    returns = stale(random, returns, 0.15)
    whole = observe(returns).values
    for end in range(900, 1000, 7):
        np.testing.assert_array_equal(observe(returns[:end]).values, whole[:end])


@pytest.mark.parametrize("seed", range(3))
def test_model_with_zeros_is_that_with_missing_values_in_their_place(seed):
    random, volatility, returns = market(seed)
    zeros = np.where(random.random(N) < 0.15, 0.0, returns)
    with pytest.warns(NotObservedWarning, match="count as not observed"):
        model = StochasticVolatilityModel("student").fit(zeros, **QUICK)
    unknown = np.where(zeros == 0.0, np.nan, zeros)
    other = StochasticVolatilityModel("student").fit(unknown, missing="skip", **QUICK)
    assert other.note == ""
    if not model.fitted.taken.spans:
        np.testing.assert_array_equal(model.volatility_path, other.volatility_path)
    assert np.corrcoef(model.volatility_path, volatility)[0, 1] > 0.6


def test_volatility_of_stale_prices_is_that_of_the_market():
    """Within 15% over three years; 30% too high if what spans periods were not scaled."""
    random, volatility, returns = market(1)
    with pytest.warns(NotObservedWarning):
        model = StochasticVolatilityModel("student").fit(stale(random, returns, 0.4), **QUICK)
    assert model.volatility_path.mean() == pytest.approx(volatility.mean(), rel=0.15)
    assert np.corrcoef(model.volatility_path, volatility)[0, 1] > 0.8


def test_an_update_with_a_zero_more_is_a_period_without_a_return(tmp_path):
    random, _, returns = market(4)
    dates = pd.bdate_range("2020-01-01", periods=N)
    prices = pd.Series(np.where(random.random(N) < 0.15, 0.0, returns), dates)
    with pytest.warns(NotObservedWarning):
        model = StochasticVolatilityModel("student").fit(prices.iloc[:-1], **QUICK)
    prices.iloc[-1] = 0.0
    before = model.posterior.flat("h_next").mean()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.update(prices.iloc[-1:])
    assert model.diagnostics["returns_since_fit"] == 1
    assert np.isnan(model.fitted.observed[-1])
    assert model.posterior.flat("h_last").mean() == pytest.approx(before, abs=1e-12)
    model.save(tmp_path / "model.nc")
    again = StochasticVolatilityModel.load(tmp_path / "model.nc")
    np.testing.assert_array_equal(again.fitted.observed, model.fitted.observed)
    assert again.note == model.note
