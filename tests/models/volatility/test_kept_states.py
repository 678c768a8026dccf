"""Log-variances that are kept: how many, and what they stand for."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from puffin.inference.settings import Settings
from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
)
from puffin.models.volatility import kept_states
from puffin.models.volatility.kept_states import KeptStates, WithStates
from tests.models.volatility.kinds import DATES, returns_of


def test_states_of_some_draws():
    returns = returns_of()
    every = StochasticVolatilityModel().fit(returns, 1000, random_seed=1)
    some = StochasticVolatilityModel().fit(returns, 1000, random_seed=1, keep_states=7)
    assert "h" not in some.idata["posterior"].data_vars
    states = some.idata["states"]["h"]
    assert states.shape == (4, 143, 120)
    assert list(states["draw"].to_numpy()[:3]) == [0, 7, 14]
    assert states["time"].to_index().equals(DATES.rename("time"))
    assert some.diagnostics["states_kept_every"] == 7
    h = every.posterior.variables["h"].astype(np.float64)[:, ::7]
    mean = every.posterior.variables["mean"][:, ::7]
    np.testing.assert_allclose(some.volatility_path, np.exp(0.5 * h).mean(axis=(0, 1)), rtol=1e-5)
    exact = (returns.to_numpy() - mean[..., None]) * np.exp(-0.5 * h)
    np.testing.assert_allclose(some.residuals(), exact.mean(axis=(0, 1)), rtol=1e-6, atol=1e-9)
    assert some.volatility_forecast == every.volatility_forecast
    pd.testing.assert_frame_equal(some.volatility("filtered"), every.volatility("filtered"))
    pd.testing.assert_frame_equal(some.forecast(3).returns, every.forecast(3).returns)
    some.plot_volatility()
    # Of as many draws as there are, no more.
    assert StochasticVolatilityModel().fit(
        returns, 60, random_seed=1, keep_states=10**9
    ).fitted.states.shape == (4, 1, 120)


@pytest.mark.parametrize(
    ("draws", "n_times"), [(2000, 5030), (2000, 100_000), (10, 10), (1, 10**8)]
)
def test_states_stay_below_200_mb(draws, n_times):
    settings = Settings(draws, 0, 4, 1, 1, False)
    thin = kept_states.thinning("auto", settings, n_times)
    assert 1 <= thin <= draws
    kept = 4 * (-(-draws // thin)) * n_times * 4
    assert kept <= 200e6 or thin == draws
    assert kept_states.thinning("all", settings, n_times) == 1


def test_states_are_what_they_stand_for():
    stream = np.random.default_rng(1)
    base = stream.normal(size=(2, 150, 4)).astype(np.float32)
    one, two = stream.normal(size=(2, 2, 150)).astype(np.float32)
    taken = stream.integers(150, size=(2, 2, 150))
    rows = np.arange(2)[:, None]
    exact = np.concatenate([base, one[..., None]], axis=2)
    longer = KeptStates(base).extend(one)
    chosen = longer.take(taken[0])
    assert chosen.shape == longer.shape == (2, 150, 5)
    np.testing.assert_array_equal(chosen.array, exact[rows, taken[0]])
    assert chosen.array is chosen.array
    np.testing.assert_array_equal(longer.array, exact)
    further = chosen.extend(two).take(taken[1])
    exact = np.concatenate([exact[rows, taken[0]], two[..., None]], axis=2)[rows, taken[1]]
    np.testing.assert_array_equal(further.array, exact)
    fewer = longer.take(taken[0][:, :9])
    assert fewer.shape == fewer.array.shape == (2, 9, 5)
    assert KeptStates(base).array is base
    variables = WithStates({"mu": one}, KeptStates(base))
    assert list(variables) == ["mu", "h"]
    assert len(variables) == 2
    assert variables["h"] is base
    with pytest.raises(KeyError):
        variables["nu"]


def test_states_are_moved_into_the_returns_unit_once_for_all_that_were_made_of_them():
    stream = np.random.default_rng(2)
    sampled = stream.normal(size=(2, 150, 4)).astype(np.float32)
    following, taken = stream.normal(size=(2, 150)), stream.integers(150, size=(2, 150))
    exact = sampled + np.float32(-9.0)
    states = KeptStates(sampled, -9.0)
    longer = states.extend(following).take(taken)
    copy = pickle.loads(pickle.dumps(states))
    for _ in range(2):
        np.testing.assert_array_equal(longer.array[..., :4], exact[np.arange(2)[:, None], taken])
        np.testing.assert_array_equal(states.array, exact)
        np.testing.assert_array_equal(copy.array, exact)
    assert states.array is sampled
    # In their own unit already: what came after the sampler.
    last = following.astype(np.float32)[np.arange(2)[:, None], taken]
    np.testing.assert_array_equal(longer.array[..., 4], last)


def test_states_that_several_threads_read_at_once_are_moved_once():
    states = KeptStates(np.zeros((4, 500, 2000), np.float32), 1.0)
    with ThreadPoolExecutor(8) as pool:
        for array in pool.map(lambda _: states.array, range(8)):
            assert (array == 1.0).all()
