"""One asset of a panel: all that its posterior is a function of, beside the settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from puffin.validation import Labels

__all__ = ["Asset", "seed_of"]

_SIGN = 1


@dataclass(frozen=True)
class Asset:
    """What a model is fitted to.

    Attributes
    ----------
    name : str
    y : Series of float
        Returns or, of pairs, prices. NaN where there is none.
    beside : mapping of str to DataFrame
        Arguments of the fit that go with the rows, such as `X` or `measures`, on y's index.
    """

    name: str
    y: pd.Series[float]
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def lifetime(self) -> Asset:
        """From the first value of y to the last: before and after it did not exist."""
        present = np.flatnonzero(self.y.notna().to_numpy())
        rows = slice(int(present[0]), int(present[-1]) + 1) if present.size else slice(0)
        beside = {name: frame.iloc[rows] for name, frame in self.beside.items()}
        return Asset(self.name, self.y.iloc[rows], beside)

    def followed_by(self, later: Asset) -> Asset:
        """Return the asset with later rows at its end.

        Raises
        ------
        ValueError
            If they are not later, have dates where these have none, or other columns.
        """
        numbered = isinstance(self.y.index, pd.RangeIndex)
        # A row of a table without dates, as `iloc[-1]` returns it, has its number as its name.
        row = numbered and is_integer_dtype(later.y.index.dtype)
        if numbered != (row or isinstance(later.y.index, pd.RangeIndex)):
            raise ValueError("has dates in one of the two only; give both dates, or neither.")
        if not numbered and self.y.size and later.y.size:
            _check_later(self.y.index, later.y.index)
        return Asset(
            self.name,
            pd.concat([self.y, later.y], ignore_index=numbered).rename(self.name),
            {
                name: pd.concat([frame, _alike(later, name, frame)], ignore_index=numbered)
                for name, frame in self.beside.items()
            },
        )

    def digest(self) -> str:
        """Return a text that is the same for the same rows, and for no others."""
        digest = hashlib.blake2b(digest_size=16)
        index = self.y.index
        if isinstance(index, pd.DatetimeIndex):
            digest.update(f"{index.tz}".encode())
            digest.update(index.as_unit("ns").asi8.tobytes())
        elif not isinstance(index, pd.RangeIndex):
            digest.update("\0".join(map(str, index)).encode(errors="surrogatepass"))
        digest.update(np.ascontiguousarray(self.y.to_numpy(), np.float64).tobytes())
        for argument, frame in self.beside.items():
            digest.update("\0".join([argument, *map(str, frame.columns)]).encode())
            digest.update(np.ascontiguousarray(frame.to_numpy(), np.float64).tobytes())
        return digest.hexdigest()


def seed_of(seed: int, name: str) -> int:
    """Return the seed of an asset: of its name and the panel's seed, and of nothing else."""
    digest = hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> _SIGN  # a signed number has room for 63 bits


def _check_later(before: Labels, after: Labels) -> None:
    last, first = before[-1], after[0]
    try:
        later = bool(first > last)
    except TypeError:
        raise ValueError(
            f"goes on at {first} after {last}: give both the same kind of dates, with a timezone "
            "or without."
        ) from None
    if not later:
        raise ValueError(f"goes on at {first}, which is not after its last row, {last}.")


def _alike(later: Asset, argument: str, before: pd.DataFrame) -> pd.DataFrame:
    frame: Any = later.beside.get(argument)
    if frame is None or list(frame.columns) != list(before.columns):
        found = "none" if frame is None else ", ".join(map(str, frame.columns))
        raise ValueError(
            f"has {argument} of {', '.join(map(str, before.columns))} before and {found} in its "
            "new rows; give the same."
        )
    return pd.DataFrame(frame)
