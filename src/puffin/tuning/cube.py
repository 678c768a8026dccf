"""Settings as points of a unit cube, where near ones are to be compared with each other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.extras import require

__all__ = ["Cube"]

_NARROWEST, _WIDEST = -2.5, -0.5
"""Steps to a neighbour, as powers of ten of a side of the cube."""
_MOVED = 0.7


class _Axis(Protocol):
    """One setting, from 0 to 1."""

    @property
    def size(self) -> float:
        """How many values it has."""

    def all(self) -> Array:
        """Return the places of all values, if they can be counted."""

    def nearest(self, places: Array) -> Array:
        """Return the places of the values nearest to these."""

    def place(self, value: Any) -> float:
        """Return where a value is."""

    def value(self, place: float) -> Any:
        """Return the value that is there."""

    def coordinates(self, places: Array) -> Array:
        """Return columns whose distances say how far apart values are."""


@dataclass(frozen=True)
class _Number:
    """Whole or real numbers from low to high, in steps or not, even in themselves or their logs."""

    low: float
    high: float
    step: float | None
    log: bool
    whole: bool

    @property
    def size(self) -> float:
        if self.high == self.low:
            return 1
        return np.inf if self.step is None else round((self.high - self.low) / self.step) + 1

    def all(self) -> Array:
        return self._places(self.low + (self.step or 0.0) * np.arange(self.size, dtype=float))

    def nearest(self, places: Array) -> Array:
        return self._places(self._values(places))

    def place(self, value: Any) -> float:
        return float(self._places(np.array([value], dtype=float))[0])

    def value(self, place: float) -> Any:
        value = self._values(np.array([place]))[0]
        return int(value) if self.whole else float(value)

    def coordinates(self, places: Array) -> Array:
        return places[:, None]

    def _values(self, places: Array) -> Array:
        if self.log:
            values = self.low * (self.high / self.low) ** places
        else:
            values = self.low + places * (self.high - self.low)
        if self.step is not None:
            values = self.low + self.step * np.round((values - self.low) / self.step)
        return np.asarray(np.clip(values, self.low, self.high))

    def _places(self, values: Array) -> Array:
        if self.high == self.low:
            return np.zeros(values.shape)
        if self.log:
            return np.asarray(np.log(values / self.low) / np.log(self.high / self.low))
        return np.asarray((values - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class _Choice:
    """One of several, all as far from each other."""

    choices: Sequence[Any]

    @property
    def size(self) -> float:
        return len(self.choices)

    def all(self) -> Array:
        return np.arange(self.size) / self.size

    def nearest(self, places: Array) -> Array:
        return np.asarray(self._index(places) / self.size)

    def place(self, value: Any) -> float:
        # 1 equals True, but they are two choices.
        off = [(one != value, type(one) is not type(value)) for one in self.choices]
        return off.index(min(off)) / self.size

    def value(self, place: float) -> Any:
        return self.choices[int(self._index(np.array([place]))[0])]

    def coordinates(self, places: Array) -> Array:
        return np.asarray(np.sqrt(0.5) * np.eye(len(self.choices))[self._index(places).astype(int)])

    def _index(self, places: Array) -> Array:
        return np.asarray(np.clip(np.floor(places * self.size + 1e-9), 0, self.size - 1))


def _axis(distribution: Any) -> _Axis:
    kinds = require("optuna", "tune", "Tuning a strategy").distributions
    if isinstance(distribution, kinds.CategoricalDistribution):
        return _Choice(distribution.choices)
    return _Number(
        distribution.low,
        distribution.high,
        distribution.step,
        distribution.log,
        isinstance(distribution, kinds.IntDistribution),
    )


@dataclass(frozen=True)
class Cube:
    """The space of a search.

    Places are arrays of shape (n_points, n_settings), from 0 to 1.

    Attributes
    ----------
    axes : dict of str to _Axis
        By setting.
    """

    axes: Mapping[str, _Axis]

    @classmethod
    def of(cls, distributions: Mapping[str, Any]) -> Cube:
        """Return that of Optuna's distributions."""
        return cls({name: _axis(one) for name, one in distributions.items()})

    @property
    def size(self) -> float:
        """How many settings there are; infinite if one of them is a real number."""
        return float(np.prod([one.size for one in self.axes.values()]))

    def places(self, params: Sequence[Mapping[str, Any]]) -> Array:
        """Return where settings are."""
        rows = [[axis.place(one[name]) for name, axis in self.axes.items()] for one in params]
        return np.array(rows, dtype=float).reshape(-1, len(self.axes))

    def params(self, place: Array) -> dict[str, Any]:
        """Return the setting of a place."""
        return {
            name: axis.value(at) for (name, axis), at in zip(self.axes.items(), place, strict=True)
        }

    def all(self) -> Array:
        """Return the places of all settings, of which there are not too many."""
        return np.array(list(itertools.product(*(axis.all() for axis in self.axes.values()))))

    def random(self, count: int, stream: np.random.Generator) -> Array:
        """Return places of settings drawn evenly."""
        return self._nearest(stream.random((count, len(self.axes))))

    def near(self, places: Array, count: int, stream: np.random.Generator) -> Array:
        """Return neighbours of these, near and far, which differ in most settings or in few."""
        shape = (count, len(self.axes))
        steps = 10.0 ** stream.uniform(_NARROWEST, _WIDEST, (count, 1))
        moves = steps * stream.standard_normal(shape) * (stream.random(shape) < _MOVED)
        return self._nearest(
            np.clip(places[stream.integers(len(places), size=count)] + moves, 0.0, 1.0)
        )

    def coordinates(self, places: Array) -> tuple[Array, NDArray[np.intp]]:
        """Return columns whose distances say how far settings are apart, and whose each is."""
        columns = [
            axis.coordinates(at) for axis, at in zip(self.axes.values(), places.T, strict=True)
        ]
        owner = np.repeat(np.arange(len(columns)), [one.shape[1] for one in columns])
        return np.column_stack(columns), owner

    def _nearest(self, places: Array) -> Array:
        return np.column_stack(
            [axis.nearest(at) for axis, at in zip(self.axes.values(), places.T, strict=True)]
        )
