"""A strategy at a volatility that is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.strategies import (
    BuyAndHold,
    Momentum,
    VolatilityTarget,
    rolling_volatility,
)
from tests.strategies.random_prices import NAN, random_prices


@dataclass(frozen=True)
class Fixed:
    """Weights that are given."""

    rows: dict[int, list[float]] = field(hash=False)

    def weights(self, prices):
        weights = prices * NAN
        for row, values in self.rows.items():
            weights.iloc[row] = values
        return weights


def test_overlay_by_hand():
    """The forecast is 1% after bar 3, 4% after bar 5: 16% and 64% a year of 256 bars."""
    prices = pd.DataFrame({"A": [1.0, 1, 1, 1, 1.5, 1.5, 1.5, 1.5, 1.5], "B": 1.0})

    def forecaster(past):
        assert past.index[-1] == len(past)  # the latest return is that of the deciding bar
        return NAN if len(past) < 3 else 0.01 if len(past) < 6 else 0.04

    overlay = VolatilityTarget(
        Fixed({1: [0.5, 0.5], 7: [0.0, 1.0]}), 0.32, forecaster, 10.0, 0.1, periods_per_year=256
    )
    expected = np.full((9, 2), NAN)
    expected[3] = [1.0, 1.0]  # factor 0.32 / 0.16
    # Bar 4, 5: the factor is the same. Bar 6: a half, of 0.5 that became 0.6 as A rose by half.
    expected[6] = [0.3, 0.2]
    expected[7] = [0.0, 0.5]  # a decision of the strategy's
    np.testing.assert_allclose(overlay.weights(prices), expected)
    capped = VolatilityTarget(
        Fixed({1: [0.5, 0.5]}), 0.32, forecaster, 0.25, periods_per_year=256
    ).weights(prices)
    np.testing.assert_allclose(capped.dropna(), [[0.125, 0.125]])


def test_overlay_knows_the_risk_of_a_new_position():
    """After a time without positions it looks at what the new ones did then."""
    stream = np.random.default_rng(1)
    prices = pd.DataFrame({"A": np.exp(np.cumsum(0.03 * stream.standard_normal(300)))})
    strategy = Fixed({0: [0.0], 250: [1.0]})
    overlay = VolatilityTarget(strategy, 0.1, partial(rolling_volatility, window=100))
    weights = overlay.weights(prices)["A"].dropna()
    assert weights.iloc[0] == 0.0
    spread = prices["A"].pct_change().iloc[151:251].std()
    assert weights.loc[250] == pytest.approx(0.1 / (np.sqrt(252) * spread))


def test_overlay_reaches_its_target():
    prices = pf.datasets.load_equities().loc["2000":"2012"]
    for strategy in (BuyAndHold(), Momentum()):
        overlay = VolatilityTarget(strategy, 0.08, max_leverage=5.0)
        result = pf.backtest.run(overlay.weights(prices), prices)
        assert result.summary().loc["annual_volatility", "net"] == pytest.approx(0.08, rel=0.08)


def test_overlay_with_what_has_no_past_is_flat():
    prices = random_prices(3, rows=60, assets=2)
    prices.iloc[:50, 1] = NAN
    overlay = VolatilityTarget(Fixed({0: [1.0, 0.0], 52: [0.5, 0.5]}))
    weights = overlay.weights(prices)
    assert weights.iloc[:20].isna().all().all()
    assert weights.iloc[20, 0] > 0.0  # twenty returns are what the forecast needs
    assert weights.iloc[52].tolist() == [0.0, 0.0]


class Trained(Momentum):
    def fit(self, prices):
        return Fixed({5: [1.0, 0, 0, 0]})


def test_overlay_is_fitted_where_its_strategy_is():
    assert not hasattr(VolatilityTarget(Momentum()), "fit")
    overlay = VolatilityTarget(Trained())
    fitted = overlay.fit(random_prices(4))
    assert fitted.strategy == Fixed({5: [1.0, 0, 0, 0]})
    assert fitted.target == overlay.target
    result = pf.backtest.walk_forward(overlay, random_prices(4), train=40, test=10)
    assert (result.targets.dropna()[["B", "C", "D"]] == 0.0).all().all()


@pytest.mark.parametrize("answer", [-0.01, np.inf, "much", None])
def test_overlay_refuses_what_is_no_volatility(answer):
    overlay = VolatilityTarget(BuyAndHold(), forecaster=lambda past: answer)
    with pytest.raises(ValueError, match="forecaster must return a volatility"):
        overlay.weights(random_prices(5))
