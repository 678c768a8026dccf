"""The index of a user's data in a file: its labels as an array, and facts that make it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["IndexFacts", "index_facts", "storable"]


@dataclass(frozen=True)
class IndexFacts:
    """What a file says of an index beside its labels; the facts of a model inherit from it.

    Attributes
    ----------
    dated : bool
        Whether it is of dates.
    labelled : bool
        Whether there was one: an array has none.
    index_name : str, int, float or None
    timezone : str or None
    unit : str or None
        Of dates: "ns", "s" and so on.
    """

    dated: bool
    labelled: bool
    index_name: str | int | float | None
    timezone: str | None
    unit: str | None

    def index(self, labels: NDArray[Any]) -> pd.Index[Any] | None:
        """Return the index of these labels, None where there was none."""
        if not self.labelled:
            return None
        if not self.dated:
            plain: pd.Index[Any] = pd.Index(labels, name=self.index_name)
            return plain
        if labels.dtype.kind != "M":
            raise ValueError(f"dates are {labels.dtype}")
        index = pd.DatetimeIndex(labels.astype(f"M8[{self.unit}]"), name=self.index_name)
        if self.timezone is None:
            return index
        zoned: pd.DatetimeIndex = index.tz_localize("UTC").tz_convert(self.timezone)
        return zoned


def index_facts(index: pd.Index[Any] | None, timezone: str | None) -> IndexFacts:
    """Return the facts of an index."""
    name = None if index is None else index.name
    return IndexFacts(
        dated=isinstance(index, pd.DatetimeIndex),
        labelled=index is not None,
        index_name=name if isinstance(name, str | int | float | None) else str(name),
        timezone=timezone,
        unit=getattr(index, "unit", None),
    )


def storable(labels: NDArray[Any]) -> NDArray[Any]:
    """Return labels without Python objects: numbers and dates as they are, others as text."""
    return labels.astype(np.str_) if labels.dtype.hasobject else labels
