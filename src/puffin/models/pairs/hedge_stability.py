"""How much a hedge ratio moves, as a posterior."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.inversion import essential_grid, invert
from puffin.models.pairs.hedge_fit import HedgeFit
from puffin.models.pairs.hedging import hedge_steps
from puffin.posterior import highest_density_interval

__all__ = [
    "FEWEST_WINDOWS",
    "disjoint_windows",
    "hedge_variations",
    "stability_table",
    "variation_between_windows",
]

FEWEST_WINDOWS = 3
"""The least disjoint windows that say anything of how they differ."""

_PRIOR_SD = 0.5
_QUANTILES = 4_000


def disjoint_windows(fit: HedgeFit) -> int:
    """Return how many disjoint windows there are."""
    return -(-len(fit.hedge.mean) // fit.window)


def hedge_variations(fit: HedgeFit) -> dict[str, Array]:
    """Return draws of each hedge ratio's variation over a window, relative to its size.

    State space: of the standard deviation of its random walk over a window, given all rows.
    Rolling: `variation_between_windows`.

    Raises
    ------
    ValueError
        If there are too few windows.
    """
    hedge, window = fit.hedge, fit.window
    if hedge.filtered_mean is not None:
        steps = hedge_steps(fit.X, fit.y, window, fit.priors, fit.settings)
        variations = steps * np.sqrt(window) / np.abs(hedge.mean[:, 1:]).mean(axis=0)
        return {name: variations[:, i] for i, name in enumerate(fit.pair.hedges)}
    if disjoint_windows(fit) < FEWEST_WINDOWS:
        raise ValueError(
            f"hedge_stability needs at least {FEWEST_WINDOWS} disjoint windows; found "
            f"{disjoint_windows(fit)} of {window} rows. Use a shorter window."
        )
    mean, sd = hedge.mean[::window, 1:], hedge.sd[::window, 1:]
    return {
        name: variation_between_windows(mean[:, i], sd[:, i])
        for i, name in enumerate(fit.pair.hedges)
    }


def variation_between_windows(mean: Array, sd: Array) -> Array:
    r"""Return posterior quantiles of how much hedge ratios differ between disjoint windows.

    A random-effects model: each window's hedge ratio is :math:`N(B, \tau^2)`, known up to its
    posterior sd, B flat, and the variation :math:`v = \tau / |\bar b|` relative to the size of the
    hedge ratios is HalfNormal(0.5).

    Parameters
    ----------
    mean, sd : ndarray of shape (n_windows,)
        Posterior of the hedge ratio in each; at least two.

    Returns
    -------
    ndarray of shape (n_quantiles,)
        Quantiles of v at evenly spaced levels.
    """
    size = max(float(np.abs(np.average(mean, weights=sd**-2.0))), float(sd.min()) * 1e-3)

    def log_density(log_v: Array) -> Array:
        v = np.exp(log_v)
        precision = 1.0 / (sd**2 + (size * v[:, None]) ** 2)
        total = precision.sum(axis=1)
        centre = (precision * mean).sum(axis=1) / total
        squares = (precision * (mean - centre[:, None]) ** 2).sum(axis=1)
        likelihood = 0.5 * (np.log(precision).sum(axis=1) - np.log(total) - squares)
        return np.asarray(likelihood - 0.5 * (v / _PRIOR_SD) ** 2 + log_v)

    grid = essential_grid(log_density, np.log(1e-8), np.log(10.0 * _PRIOR_SD))
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return np.asarray(np.exp(invert(grid, log_density(grid), levels)))


def stability_table(
    variations: Mapping[str, Array], tolerance: float, hdi_prob: float
) -> pd.DataFrame:
    """Return median and interval of the variation, and the probability that it is tolerable."""
    rows = {}
    for name, draws in variations.items():
        low, high = highest_density_interval(draws, hdi_prob)
        rows[name] = {
            "variation": float(np.median(draws)),
            "hdi_low": float(low),
            "hdi_high": float(high),
            "prob_stable": float(np.mean(draws < tolerance)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("hedge")
