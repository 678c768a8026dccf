"""What a pair is like, in a few numbers."""

from __future__ import annotations

import numpy as np
import pytest

import puffin as pf
from puffin.strategies.hedge import half_life, hedge_variation, slope
from tests.strategies.random_walks import cointegrated

pytestmark = pytest.mark.filterwarnings("ignore:.*revert by themselves:UserWarning")


def test_half_life_is_the_median_of_both_hypotheses():
    stream = np.random.default_rng(1)
    spread = np.zeros(500)
    for t in range(1, 500):
        spread[t] = 0.9 * spread[t - 1] + stream.standard_normal()
    known = pf.mean_reversion(spread)
    assert known.prob_mean_reverting > 0.99
    assert half_life(spread) == pytest.approx(known.half_life, rel=0.02)
    walk = np.cumsum(stream.standard_normal(500))
    assert pf.mean_reversion(walk).prob_mean_reverting < 0.5
    assert half_life(walk) == np.inf
    doubtful = next(
        series
        for seed in range(200)
        if 0.55
        < pf.mean_reversion(series := cointegrated(seed, 100, phi=0.95)["pair"]).prob_mean_reverting
        < 0.75
    )
    known = pf.mean_reversion(doubtful)
    share = np.mean(known.draws < half_life(doubtful.to_numpy())) * known.prob_mean_reverting
    assert share == pytest.approx(0.5, abs=1e-3)


def test_variation_is_that_of_the_model():
    """Disjoint windows of `BayesianPairsTrading` with AR(1) errors, and its random effects."""
    prices = np.log(cointegrated(2)[["pair", "w2"]])
    y, x = prices["pair"], prices["w2"]
    model = pf.BayesianPairsTrading(errors="ar1")
    model.fit_dynamic_hedge(y, x, 200)
    expected = model.hedge_stability().loc["w2", "variation"]
    found = hedge_variation(y.to_numpy(), x.to_numpy(), 200)
    assert found == pytest.approx(expected, rel=1e-9)
    short = hedge_variation(y.to_numpy()[:300], x.to_numpy()[:300], 200)
    assert short == hedge_variation(y.to_numpy()[:300], x.to_numpy()[:300], 100)
    broken = np.where(np.arange(800) < 400, y, 3.0 * x)
    assert hedge_variation(broken, x.to_numpy(), 200) > 2.0 * found


def test_a_window_that_stands_still_is_left_out():
    prices = np.log(cointegrated(3)[["pair", "w2"]].to_numpy())
    y, x = prices[:, 0].copy(), prices[:, 1].copy()
    x[200:400] = x[200]
    assert np.isfinite(hedge_variation(y, x, 200))
    x[:600] = x[0]
    assert hedge_variation(y, x, 200) == np.inf


def test_slope_by_hand():
    x = np.array([0.0, 1.0, 2.0, 5.0])
    assert slope(3.0 - 2.0 * x, x) == pytest.approx(-2.0)
    assert slope(np.array([1.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0])) == pytest.approx(1.5)
