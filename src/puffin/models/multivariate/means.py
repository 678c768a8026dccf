"""Means of returns that whatever moves their volatility leaves unbiased."""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.settings import Settings

__all__ = ["bootstrap_means"]


def bootstrap_means(returns: Array, settings: Settings) -> Array:
    r"""Return posterior draws of the means by the Bayesian bootstrap.

    Each draw weighs the rows anew, :math:`w \sim \operatorname{Dirichlet}(1, \dots, 1)`, the same
    for all assets: the posterior of a mean when nothing is assumed of the returns' law but that
    rows are exchangeable, and the prior has no weight. It is centred on the sample mean (exactly,
    here), with a variance of the sample's divided by n + 1, and joint over assets.

    Source: Rubin (1981), "The Bayesian bootstrap", Annals of Statistics 9.

    Parameters
    ----------
    returns : ndarray of shape (n_times, n_assets)
        NaN where there is none; a mean is of those of its asset that there are.
    settings : Settings

    Returns
    -------
    ndarray of shape (n_chains, n_draws, n_assets)
    """
    there = np.isfinite(returns)
    sample = np.nanmean(returns, axis=0)
    errors = np.where(there, returns - sample, 0.0)
    known = there.astype(np.float64)
    means = np.empty((settings.chains, settings.draws, returns.shape[1]))
    for chain, stream in zip(
        means, streams(settings.seed, settings.chains, purpose=Purpose.MEANS), strict=True
    ):
        for draw in range(settings.draws):
            weights = stream.standard_exponential(len(returns))
            chain[draw] = weights @ errors / (weights @ known)
    return np.asarray(sample + means - means.mean(axis=(0, 1)))
