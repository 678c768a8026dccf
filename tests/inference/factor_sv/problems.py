"""A small panel, and a chain somewhere in its posterior."""

from __future__ import annotations

import numpy as np

from puffin.inference.factor_sv.chain import Chain, FactorPrior, Panel

PRIOR = FactorPrior(mean_sd=0.5, mu_sd=2.0, spread_sd=0.8, phi_a=12.0, phi_b=2.0, sigma_sd=0.5)


def small_panel(prior=PRIOR, n_times=14, n_assets=7, n_factors=2, seed=1):
    """Return a panel with returns missing, of which one is exactly zero; nine columns."""
    stream = np.random.default_rng(seed)
    returns = stream.standard_normal((n_times, n_assets))
    returns[2:5, 1] = returns[:6, 3] = np.nan
    returns[7, 0] = 0.0
    return Panel.of(returns, n_factors, prior)


def some_chain(panel, seed=2):
    """Return a chain whose log-variances differ from day to day."""
    stream = np.random.default_rng(seed)
    chain = Chain.start(panel, stream)
    chain.h[:] += 0.5 * stream.standard_normal(chain.h.shape)
    chain.precision[:] = panel.present * np.exp(-chain.h)
    chain.steps[1] = 0.05
    return chain


def copied(chain):
    return Chain(*(array.copy() for array in chain))
