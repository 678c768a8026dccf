"""From a spread to the weights of both legs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin import BayesianPairsTrading, backtest
from puffin.strategies.pairs_strategy import PairsStrategy

DATES = pd.bdate_range("2020-01-01", periods=260)


def cointegrated(seed=1, noise=1.0):
    """Two prices whose spread, y - 2 x, is an AR(1)."""
    stream = np.random.default_rng(seed)
    x = 50.0 + np.cumsum(stream.normal(0.0, 0.5, DATES.size))
    spread = np.zeros(DATES.size)
    for t in range(1, DATES.size):
        spread[t] = 0.8 * spread[t - 1] + noise * stream.normal()
    return pd.DataFrame({"y": 20.0 + 2.0 * x + spread, "x": x, "other": 1.0}, DATES)


def model_of(prices, **options):
    model = BayesianPairsTrading(**options)
    with pytest.warns(UserWarning, match="autocorrelation"):
        model.fit_dynamic_hedge(prices["y"], prices["x"], 40)
    return model


def test_legs_are_sized_by_the_hedge_ratio():
    """For each share of y so many shares of x, and the sizes add up to the gross exposure."""
    prices = cointegrated()
    weights = PairsStrategy("y", "x", window=40, gross=1.5, rebalance="daily").weights(prices)
    model = model_of(prices)
    signals, ratio = model.generate_signals(), model.hedge["hedge_ratio_mean"]
    assert set(signals) == {-1, 0, 1}
    held = signals != 0
    assert (weights[~held] == 0.0).to_numpy().all()
    np.testing.assert_allclose(weights[held].abs().sum(axis=1), 1.5)
    np.testing.assert_array_equal(np.sign(weights["y"]), signals)
    shares = weights[["y", "x"]][held] / prices[["y", "x"]][held]
    np.testing.assert_allclose(shares["x"] / shares["y"], -ratio[held])


def test_log_prices_are_a_ratio_of_values():
    prices = cointegrated()
    strategy = PairsStrategy("y", "x", window=40, log_prices=True, rebalance="daily")
    weights = strategy.weights(prices)
    model = model_of(prices, log_prices=True)
    held = model.generate_signals() != 0
    ratio = model.hedge["hedge_ratio_mean"][held]
    np.testing.assert_allclose(weights["x"][held] / weights["y"][held], -ratio)


def test_decides_only_where_the_signal_changes():
    prices = cointegrated()
    weights = PairsStrategy("y", "x", window=40).weights(prices)
    signals = model_of(prices).generate_signals()
    changed = (signals != signals.shift(1)).to_numpy()
    assert changed[0]
    np.testing.assert_array_equal(weights.notna().all(axis=1), changed)
    np.testing.assert_array_equal(np.sign(weights["y"][changed]), signals[changed])


def test_a_spread_that_returns_pays_before_costs():
    """The mean of 20 gross returns' Sharpe ratios is above zero by four standard errors."""
    found = []
    for seed in range(20):
        prices = cointegrated(seed)[["y", "x"]]
        result = backtest.run(PairsStrategy("y", "x", window=40).weights(prices), prices)
        found.append(result.summary().loc["sharpe", "gross"])
    assert np.mean(found) > 4.0 * np.std(found, ddof=1) / np.sqrt(len(found))


@pytest.mark.parametrize("rebalance", ["signal", "daily"])
@pytest.mark.parametrize("method", ["rolling", "state-space"])
def test_a_later_price_changes_nothing_before(method, rebalance):
    prices = cointegrated(3)
    strategy = PairsStrategy("y", "x", window=40, method=method, rebalance=rebalance)
    whole = strategy.weights(prices)
    for cut in (60, 101, 200):
        pd.testing.assert_frame_equal(
            strategy.weights(prices.iloc[:cut]),
            whole.iloc[:cut],
            check_exact=True,
            check_freq=False,
        )


def test_several_hedges():
    prices = cointegrated().assign(other=lambda table: table["x"] * 0.1 + np.sin(range(260)))
    weights = PairsStrategy("y", ("x", "other"), window=40, rebalance="daily").weights(prices)
    assert list(weights) == ["y", "x", "other"]
    held = weights["y"] != 0.0
    assert held.any()
    np.testing.assert_allclose(weights[held].abs().sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": "y"}, "different columns"),
        ({"gross": 0.0}, "gross must be above zero"),
        ({"rebalance": "weekly"}, "rebalance must be one of"),
        ({"method": "magic"}, "method must be one of"),
        ({"errors": "ma"}, "errors must be one of"),
    ],
)
def test_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        PairsStrategy(**({"y": "y", "x": "x"} | changes))


def test_names_missing_columns():
    with pytest.raises(ValueError, match=r"no columns \['z'\]"):
        PairsStrategy("y", "z").weights(cointegrated())
