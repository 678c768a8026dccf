"""A year at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.findings.rolling import (
    Band,
    rolling_regression,
    rolling_sharpe,
    rolling_volatility,
    window_length,
)

RANDOM = np.random.default_rng(7)
DATES = pd.bdate_range("2015-01-01", periods=700)
RETURNS = pd.Series(RANDOM.normal(0.0006, 0.01, 700), DATES)
MARKET = pd.Series(RANDOM.normal(0.0004, 0.008, 700), DATES)


def exact_draws(values, size=400_000):
    """Draws of mean over standard deviation, and of the latter, given the reference prior."""
    random, n = np.random.default_rng(1), values.size
    root = np.sqrt(random.chisquare(n - 1, size) / (n - 1))
    sd = values.std(ddof=1) / root
    return values.mean() / sd + random.normal(size=size) / np.sqrt(n), sd


def test_sharpe_is_the_exact_posterior_of_a_window():
    """Monte Carlo error of the 3% quantile of 400,000 draws: 0.03 sds at six standard errors."""
    values = RETURNS.to_numpy()[-60:] - (1.02 ** (1 / 252) - 1)
    draws, _ = exact_draws(values)
    last = rolling_sharpe(RETURNS, 60, 252, 0.02).table.iloc[-1]
    sd = draws.std() * np.sqrt(252)
    assert last["mean"] == pytest.approx(np.sqrt(252) * draws.mean(), abs=0.01 * sd)
    low, high = np.sqrt(252) * np.quantile(draws, [0.03, 0.97])
    assert last["low"] == pytest.approx(low, abs=0.03 * sd)
    assert last["high"] == pytest.approx(high, abs=0.03 * sd)


def test_dependence_widens_the_sharpe_ratio_about_its_mean():
    plain, wide = (
        rolling_sharpe(RETURNS, 252, 252, widening=factor).table for factor in (1.0, 1.5)
    )
    assert wide["mean"].to_numpy() == pytest.approx(plain["mean"].to_numpy())
    ratio = (wide["high"] - wide["low"]) / (plain["high"] - plain["low"])
    assert ratio.to_numpy() == pytest.approx(1.5)


def test_volatility_of_normal_returns_is_the_posterior_of_a_window():
    """The window's own kurtosis, 0 give or take 0.3, moves the interval by a tenth of it."""
    _, sd = exact_draws(RETURNS.to_numpy()[-252:])
    last = rolling_volatility(RETURNS, 252, 252).table.iloc[-1]
    low, high = np.sqrt(252) * np.quantile(sd, [0.03, 0.97])
    assert last["low"] == pytest.approx(low, abs=0.15 * (high - low))
    assert last["high"] == pytest.approx(high, abs=0.15 * (high - low))


def test_volatility_is_less_sure_where_tails_are_fat():
    """The interval holds the truth: standard deviations of 252 Student-t(5) returns, 400 times.

    The share of them has a standard error of 0.015; kurtosis is underestimated in short windows.
    """
    values = np.random.default_rng(4).standard_t(5, 252 * 400) * np.sqrt(3 / 5)
    held = [
        table["low"].iloc[-1] <= np.sqrt(252) <= table["high"].iloc[-1]
        for one in values.reshape(-1, 252)
        for table in [rolling_volatility(pd.Series(one), 252, 252).table]
    ]
    assert 0.85 < np.mean(held) < 0.98


def test_alpha_and_beta_are_least_squares_with_their_errors():
    strategy = 1.3 * MARKET + RANDOM.normal(0, 0.004, 700)
    rate = 1.05 ** (1.0 / 252) - 1.0
    found = rolling_regression(strategy, MARKET, 100, 252, 0.05)
    x, y = MARKET.to_numpy()[-100:] - rate, strategy.to_numpy()[-100:] - rate
    (beta, alpha), covariance = np.polyfit(x, y, 1, cov=True)
    for i, (band, value, year) in enumerate(zip(found, (alpha, beta), (252, 1), strict=True)):
        last = band.table.iloc[-1]
        assert last["mean"] == pytest.approx(year * value)
        # the 97% quantile of t with 98 degrees
        reach = year * 1.9018 * np.sqrt(covariance[1 - i, 1 - i])
        assert last["high"] - last["mean"] == pytest.approx(reach, rel=1e-3)


def test_beta_needs_rows_that_both_have():
    _, band = rolling_regression(RETURNS, MARKET.iloc[::2], 50, 252)
    assert set(band.table.index) <= set(MARKET.index[::2])


def test_no_more_windows_than_a_figure_shows():
    table = rolling_sharpe(RETURNS, 252, 252).table
    assert 150 <= len(table) <= 160
    assert table.index[0] == DATES[251]
    assert table.index[-1] == DATES[-1]


def test_flat_windows_have_none():
    returns = RETURNS.copy()
    returns.iloc[:300] = 0.0
    assert rolling_sharpe(returns, 252, 252).table.index[0] > DATES[290]


@pytest.mark.parametrize(("count", "expected"), [(300, None), (378, 252), (5000, 252)])
def test_window_is_a_year(count, expected):
    assert window_length(count, 252) == expected


def test_window_of_few_periods_a_year():
    assert window_length(40, 4) == 12


def test_share_of_windows_with_a_value():
    band = Band(pd.DataFrame({"mean": [1, 2], "low": [0, 1.5], "high": [2, 3]}), 10)
    assert band.share_with(1.0) == 0.5
