"""Whether volatility is low, normal or high."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
    estimate_volatility_regime,
)
from puffin.models.volatility import kept_states
from tests.models.volatility.kinds import returns_of


@pytest.mark.parametrize(("low", "high"), [(0.75, 1.5), (0.9, 1.1)])
def test_regimes_follow_their_rules(low, high):
    returns = returns_of()
    table = estimate_volatility_regime(
        returns, 500, low=low, high=high, hdi_prob=0.9, random_seed=1
    )
    model = StochasticVolatilityModel("student").fit(returns, 500, random_seed=1)
    h = model.posterior.flat("h").astype(np.float64)
    ratio = np.exp(0.5 * (h - model.posterior.flat("mu")[:, None]))
    shares = {
        "low": (ratio < low).mean(axis=0),
        "normal": ((ratio >= low) & (ratio <= high)).mean(axis=0),
        "high": (ratio > high).mean(axis=0),
    }
    for name, share in shares.items():
        # One draw in 2,000 may lie on a bound, in single precision.
        np.testing.assert_allclose(table[f"prob_{name}"], share, atol=0.0011)
    best = table.filter(like="prob_").to_numpy().argmax(axis=1)
    assert list(table["regime"]) == list(np.array(["low", "normal", "high"])[best])
    assert table["regime"].cat.ordered
    np.testing.assert_array_equal(table["volatility"], model.volatility_path)
    intervals = model.volatility(hdi_prob=0.9)
    np.testing.assert_array_equal(table["vol_lower"], intervals["hdi_low"])
    np.testing.assert_array_equal(table["vol_upper"], intervals["hdi_high"])
    assert table.attrs["method"] == model.method


def test_regimes_find_what_there_is():
    stream = np.random.default_rng(5)
    calm, wild = 0.005 * stream.standard_normal(150), 0.04 * stream.standard_normal(60)
    table = estimate_volatility_regime(np.r_[calm, wild, calm], 400, random_seed=1)
    assert (table["regime"].iloc[170:195] == "high").all()
    assert (table["regime"].iloc[20:130] != "high").all()


def test_regimes_of_a_given_model_leave_it_alone(fits):
    model = fits["student", True]
    path = model.volatility_path.copy()
    table = estimate_volatility_regime(returns_of(60, 9), 200, model=model, random_seed=1)
    fresh = StochasticVolatilityModel("student", True).fit(returns_of(60, 9), 200, random_seed=1)
    np.testing.assert_array_equal(table["volatility"], fresh.volatility_path)
    np.testing.assert_array_equal(model.volatility_path, path)


def test_regimes_from_states_of_some_draws(monkeypatch):
    monkeypatch.setattr(kept_states, "_MOST_STATES", 4 * 100 * 120)
    returns = returns_of()
    table = estimate_volatility_regime(returns, 1000, random_seed=1)
    model = StochasticVolatilityModel("student").fit(returns, 1000, random_seed=1)
    assert model.fitted.thin == 10
    level = model.posterior.variables["mu"][:, ::10].ravel()[:, None]
    high = (model.fitted.flat_states - level > 2 * np.log(1.5)).mean(axis=0)
    np.testing.assert_allclose(table["prob_high"], high, atol=0.003)
