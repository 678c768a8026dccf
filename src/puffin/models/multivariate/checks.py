"""What returns have to have for a fit to be possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.showing.numbers import decimal
from puffin.validation import PricePanel, as_panel
from puffin.validation.returns import later_labels

__all__ = [
    "LEAST_RETURNS",
    "check_enough_returns",
    "check_factors",
    "later_returns",
    "missed_correlation",
]

_ALLOWED, _ERRORS = 0.2, 4.0

LEAST_RETURNS = 5
"""Of each asset."""


def check_factors(count: int, n_assets: int) -> None:
    """Refuse as many factors as assets."""
    if count >= n_assets and count > 0:
        raise ValueError(
            f"factors={count} is not fewer than the {n_assets} assets; take fewer factors, or "
            "more assets."
        )


def check_enough_returns(panel: PricePanel, among: str = "") -> None:
    """Refuse an asset with too few returns.

    Parameters
    ----------
    among : str
        Which rows these are, and what else there is to do, if they are not all.
    """
    counts = np.isfinite(panel.values).sum(axis=0)
    if (counts < LEAST_RETURNS).any():
        first = int(np.argmax(counts < LEAST_RETURNS))
        raise ValueError(
            f"returns has fewer than {LEAST_RETURNS} returns of {panel.names[first]!r}"
            f"{among or '; leave it out'}."
        )


def missed_correlation(panel: PricePanel, covariance: Array) -> list[str]:
    """Return a sentence on the pair of assets whose correlation the factors miss, if they miss one.

    Too few factors, and what two assets share beyond them is taken for their own. The correlation
    of the returns is compared with that of the model's covariances averaged over time; a fifth
    apart is allowed for, and four standard errors of that of independent normal returns.

    Parameters
    ----------
    covariance : ndarray of shape (n_assets, n_assets)
    """
    sd = np.sqrt(np.diag(covariance))
    there = np.isfinite(panel.values).astype(np.float64)
    count = np.maximum(there.T @ there, 1.0)
    of_returns = panel.frame.corr(min_periods=LEAST_RETURNS).to_numpy()
    of_model = covariance / np.outer(sd, sd)
    excess = np.abs(of_returns - of_model) - _ALLOWED - _ERRORS / np.sqrt(count)
    excess = np.where(np.triu(np.isfinite(excess), 1), excess, -np.inf)
    i, j = np.unravel_index(int(excess.argmax()), excess.shape)
    if not excess[i, j] > 0.0:
        return []
    return [
        f"{panel.names[i]} and {panel.names[j]}: correlation {decimal(of_returns[i, j])} in the "
        f"returns, {decimal(of_model[i, j])} in the model, which misses what they share; take more "
        "factors."
    ]


def later_returns(
    before: PricePanel, argument: str, given: Any, *, date: str | None = None
) -> PricePanel:
    """Return new returns of the same assets, in the order of those before, if they can follow them.

    Raises
    ------
    ValueError
        If they are of other assets, or not later.
    """
    new = as_panel(given, argument=argument, date=date, minimum=1)
    if set(new.names) != set(before.names):
        names = [str(name) for name in before.names]
        raise ValueError(
            f"{argument} must have the assets that were fitted: "
            f"{', '.join(names[:5])}{', ...' * (len(names) > 5)}."
        )
    values, index = new.frame[list(before.names)].to_numpy(), new.index
    numbered = isinstance(before.index, pd.RangeIndex)
    if numbered != isinstance(index, pd.RangeIndex):
        raise ValueError(f"{argument} must have dates if those fitted have some, else none.")
    if not numbered:
        index = later_labels(argument, index, before.index)
    return PricePanel(values, index, before.names)
