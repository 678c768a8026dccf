"""Buy once, and hold."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.validation import DataLike, as_prices, finite_number

__all__ = ["BuyAndHold"]


@dataclass(frozen=True)
class BuyAndHold:
    """Buy assets in given proportions when all have a price, and leave them alone.

    Attributes
    ----------
    allocation : mapping of asset to weight, optional
        Fractions of equity; equal parts of all assets by default.

    Examples
    --------
    >>> import puffin as pf
    >>> prices = pf.datasets.load_equities().loc["2015":]
    >>> weights = pf.strategies.BuyAndHold({"KO": 0.6, "PEP": 0.4}).weights(prices)
    """

    allocation: Mapping[Hashable, float] | None = None

    def __post_init__(self) -> None:
        if self.allocation is None:
            return
        if not isinstance(self.allocation, Mapping):
            raise TypeError(
                f"allocation must map assets to weights; found {type(self.allocation).__name__}."
            )
        if not self.allocation:
            raise ValueError("allocation names no asset.")
        for asset, weight in self.allocation.items():
            finite_number(f"allocation[{asset!r}]", weight)

    def weights(self, prices: DataLike) -> pd.DataFrame:
        """Return the allocation in the first row where all its assets have prices, NaN elsewhere.

        Raises
        ------
        ValueError
            If `prices` lacks an asset of the allocation.
        """
        panel = as_prices(prices, minimum=1)
        frame = panel.frame
        allocation = self.allocation
        if allocation is None:
            allocation = dict.fromkeys(panel.names, 1.0 / len(panel.names))
        unknown = [asset for asset in allocation if asset not in panel.names]
        if unknown:
            listed = ", ".join(map(repr, unknown))
            raise ValueError(f"allocation has assets that prices lacks: {listed}.")
        bought = frame[list(allocation)].notna().all(axis=1).to_numpy()
        weights = pd.DataFrame(np.nan, frame.index, frame.columns)
        if bought.any():
            first = int(bought.argmax())
            weights.iloc[first] = [float(allocation.get(asset, 0.0)) for asset in panel.names]
        return weights
