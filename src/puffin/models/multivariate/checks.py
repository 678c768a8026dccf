"""What returns have to have for a fit to be possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from puffin.validation import PricePanel, as_panel
from puffin.validation.returns import later_labels

__all__ = ["LEAST_RETURNS", "check_enough_returns", "check_factors", "later_returns"]

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
