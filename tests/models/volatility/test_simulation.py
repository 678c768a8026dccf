"""Returns that are simulated from given parameters.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import gammaln

from puffin.models.stochastic_vol import (
    simulate,
)
from tests.models.volatility.kinds import DATES, FALSE_ALARM


@pytest.mark.parametrize("nu", [None, 5.0])
@pytest.mark.parametrize("rho", [0.0, -0.6])
def test_simulation_has_stationary_moments(nu, rho):
    """z-scores that allow for the chain's correlation; twelve of them in each case."""
    n, mu, phi, sigma, mean = 40_000, -1.0, 0.8, 0.5, 0.2
    data = simulate(n, mu=mu, phi=phi, sigma=sigma, nu=nu, rho=rho, mean=mean, random_seed=6)
    h = 2 * np.log(data["volatility"].to_numpy())
    sd, slowness = sigma / np.sqrt(1 - phi**2), (1 + phi) / (1 - phi)
    centred = (h - mu) / sd
    eta = (h[1:] - mu - phi * (h[:-1] - mu)) / sigma
    error = (data["returns"].to_numpy() - mean) / data["volatility"].to_numpy()
    tilt = rho if nu is None else rho * mean_root_tau(nu)
    scores = [
        centred.mean() / np.sqrt(slowness / n),
        (np.mean(centred**2) - 1) / np.sqrt(2 * (1 + phi**2) / (1 - phi**2) / n),
        eta.mean() * np.sqrt(n),
        (np.mean(eta**2) - 1) * np.sqrt(n / 2),
        np.mean(eta[1:] * eta[:-1]) * np.sqrt(n),
        np.mean(error[1:] * error[:-1]) * np.sqrt(n),
        np.mean(error[1:] * eta) * np.sqrt(n),
    ]
    products = error[:-1] * eta
    scores.append((products.mean() - tilt) / (products.std() / np.sqrt(n)))
    assert np.max(np.abs(scores)) < stats.norm.isf(FALSE_ALARM / 2 / 4 / len(scores))
    law = stats.norm() if nu is None else stats.t(nu, scale=np.sqrt((nu - 2) / nu))
    assert stats.kstest(error, law.cdf).pvalue > FALSE_ALARM / 16
    assert stats.kstest(eta, "norm").pvalue > FALSE_ALARM / 16


def mean_root_tau(nu):
    """Return E sqrt(tau) where tau is inverse gamma (nu / 2, (nu - 2) / 2)."""
    return np.sqrt(0.5 * (nu - 2)) * np.exp(gammaln(0.5 * (nu - 1)) - gammaln(0.5 * nu))


def test_simulations_start_in_the_stationary_distribution():
    first = [
        2 * np.log(simulate(1, mu=0.5, phi=0.95, sigma=0.4, random_seed=s)["volatility"].iloc[0])
        for s in range(2000)
    ]
    law = stats.norm(0.5, 0.4 / np.sqrt(1 - 0.95**2))
    assert stats.kstest(first, law.cdf).pvalue > FALSE_ALARM


def test_simulation_has_its_index_and_its_seed():
    data = simulate(120, index=DATES, random_seed=7)
    assert data.index.equals(DATES)
    assert list(data.columns) == ["returns", "volatility"]
    pd.testing.assert_frame_equal(data, simulate(120, index=DATES, random_seed=7))
    assert not data.equals(simulate(120, index=DATES, random_seed=8))
    assert isinstance(simulate(3).index, pd.RangeIndex)
    # A longer one begins with the shorter.
    shorter = simulate(50, random_seed=7)
    np.testing.assert_array_equal(data["returns"].to_numpy()[:50], shorter["returns"])
