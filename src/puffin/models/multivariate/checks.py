"""What returns have to have for a fit to be possible."""

from __future__ import annotations

import numpy as np

from puffin.validation import PricePanel

__all__ = ["LEAST_RETURNS", "check_enough_returns", "check_factors"]

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
