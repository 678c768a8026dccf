"""The Sharpe ratio's posterior on real returns: where the data are, and as sure as it may be."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.models.sharpe import bayesian_sharpe


@pytest.fixture(scope="module")
def real_returns(equity_returns, sp500_returns):
    return {**{name: equity_returns[name] for name in equity_returns}, "index": sp500_returns}


def check(returns, sharpe, deviations):
    assert abs(sharpe["mean"] - sharpe["sample_sharpe"]) < deviations * sharpe["std"]
    active = returns if sharpe["flat"] is None else returns[returns != sharpe["flat"]]
    assert sharpe.posterior.flat("sd").mean() == pytest.approx(active.std(), rel=0.15)


@pytest.mark.slow
def test_of_decades_the_posterior_is_at_the_sample(real_returns):
    """Every equity and the index: within half a posterior deviation, the sd within 15%."""
    for returns in real_returns.values():
        check(returns, bayesian_sharpe(returns, 1000, random_seed=1), 0.5)


@pytest.mark.slow
def test_of_five_years_too(real_returns):
    """Of windows of 1,260 days: within three quarters of a posterior deviation."""
    for returns in real_returns.values():
        for start in range(0, len(returns) - 1260, 2520):
            window = returns.iloc[start : start + 1260]
            check(window, bayesian_sharpe(window, 500, random_seed=1), 0.75)


def blocks(series, size, mean_block, stream):
    """A stationary bootstrap of a series: its true Sharpe ratio is the series' own."""
    starts, fresh = stream.integers(series.size, size=size), stream.random(size) < 1 / mean_block
    fresh[0] = True
    begun = np.maximum.accumulate(np.where(fresh, np.arange(size), 0))
    return series[(starts[begun] + np.arange(size) - begun) % series.size]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["JPM", "index", "GE"])
def test_intervals_cover_the_truth_in_worlds_of_real_returns(name, real_returns):
    """94% intervals in 80 samples of 2,500 days; at 91%, fewer than 62 come up in 1 of 10,000.

    A Student-t of independent returns has 57 to 62% of them, about 48.
    """
    series = real_returns[name].to_numpy()
    truth = np.sqrt(252) * series.mean() / series.std()
    held = 0
    for seed in range(80):
        world = blocks(series, 2500, 60, np.random.default_rng([seed, len(name)]))
        found = bayesian_sharpe(
            world, 500, periods_per_year=252, chains=2, cores=1, random_seed=seed
        )
        held += found["hdi_low"] <= truth <= found["hdi_high"]
    assert held >= 62
