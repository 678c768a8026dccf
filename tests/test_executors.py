"""The same seed gives the same draws whatever runs the call: threads, processes, an event loop."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import joblib
import numpy as np
import pytest

from puffin import StochasticVolatilityModel, bayesian_sharpe

RETURNS = np.random.default_rng(4).standard_t(5, 80) * 0.01
SEEDS = (1, 2, 1)


def drawn(seed):
    """Return draws of a Sharpe ratio and of a volatility model."""
    settings = {"samples": 64, "chains": 2, "cores": 2, "random_seed": seed}
    sharpe = bayesian_sharpe(RETURNS, **settings).draws
    volatility = StochasticVolatilityModel().fit(RETURNS, **settings).posterior.flat("mu")
    return sharpe.tobytes(), volatility.tobytes()


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def expected():
    first, second, again = (drawn(seed) for seed in SEEDS)
    assert first == again != second
    return [first, second, again]


def test_threads(expected):
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(drawn, SEEDS)) == expected


def test_event_loop(expected):
    async def at_once():
        return await asyncio.gather(*(asyncio.to_thread(drawn, seed) for seed in SEEDS))

    assert asyncio.run(at_once()) == expected


@pytest.mark.slow
@pytest.mark.parametrize("start", multiprocessing.get_all_start_methods())
def test_processes(expected, start):
    with ProcessPoolExecutor(2, multiprocessing.get_context(start)) as pool:
        assert list(pool.map(drawn, SEEDS)) == expected


@pytest.mark.slow
def test_pool_whose_workers_are_daemons(expected):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(drawn, SEEDS) == expected


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_joblib(expected, backend):
    found = joblib.Parallel(2, backend=backend)(joblib.delayed(drawn)(seed) for seed in SEEDS)
    assert found == expected
