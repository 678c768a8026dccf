"""Which strategies are modelled together, and on which of their returns."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.validation import ReturnSeries, shared_rows
from puffin.validation.flat import flat_value, repeated_value

__all__ = ["Group", "apart", "in_groups", "with_hurdles"]


@dataclass(frozen=True)
class Group:
    """Strategies modelled together: excess returns of shape (n_active, n_strategies).

    A strategy that is flat at times is alone in its group, with its active returns only: those of
    its `labels` where it is `active`; otherwise its excess return is `flat`.
    """

    names: tuple[str, ...]
    excess: Array
    labels: NDArray[Any]
    active: NDArray[np.bool_]
    flat: float | None = None

    @property
    def observations(self) -> int:
        """The number of all periods, active or flat."""
        return self.active.size

    @property
    def model(self) -> str:
        """What the strategies are modelled by, in words."""
        if self.flat is not None:
            share = 1.0 - len(self.excess) / self.observations
            return f"hurdle Student-t (flat on {share:.0%} of periods)"
        return "Student-t" if len(self.names) == 1 else "joint Student-t"

    @property
    def everything(self) -> Array:
        """The excess returns of all periods: shape (n_observations, n_strategies)."""
        whole = np.full((self.observations, len(self.names)), self.flat or 0.0)
        whole[self.active] = self.excess
        return whole


def in_groups(
    series: Sequence[ReturnSeries],
    rate: float,
    min_overlap: int,
    flat_return: Callable[[Array], float | None] = flat_value,
) -> tuple[list[Group], str]:
    """Return the groups, and why the strategies share too little to be compared day by day.

    Those never flat are one group, on the dates that they share, unless there are too few.
    """
    shared_rows(series)
    often_flat = [one for one in series if flat_return(one.values) is not None]
    others = [one for one in series if flat_return(one.values) is None]
    alone = [_flat_group(one, rate) for one in often_flat]
    if not others:
        return alone, ""
    shared, index = shared_rows(others)
    needed = min(min_overlap, *(one.values.size for one in others))
    if len(shared) >= needed and _all_vary(shared):
        names = tuple(one.name for one in others)
        labels = ReturnSeries(shared[:, 0], index, names[0]).labels
        return [_group(names, shared - rate, labels), *alone], ""
    reason = (
        f"The strategies share only {len(shared)} dates, fewer than min_overlap={min_overlap}"
        if len(shared) < needed
        else f"Not all strategies move on the {len(shared)} dates they share"
    )
    note = f"{reason}: each is modelled on its own dates, independent of the others."
    warnings.warn(note, UserWarning, stacklevel=3)
    separate = [_separate_group(one, rate) for one in others]
    return [*separate, *alone], note


def apart(groups: Sequence[Group]) -> list[Group]:
    """Return the same strategies on the same dates, each a group by itself."""
    return [
        Group((name,), group.excess[:, [k]], group.labels, group.active, group.flat)
        for group in groups
        for k, name in enumerate(group.names)
    ]


def with_hurdles(groups: Sequence[Group]) -> list[Group]:
    """Return groups of one strategy, those that are flat at times after all by their hurdle."""
    return [
        group
        if flat is None or group.flat is not None
        else Group(
            group.names,
            group.excess[group.excess[:, 0] != flat],
            group.labels,
            group.excess[:, 0] != flat,
            flat,
        )
        for group, flat in ((group, flat_value(group.everything[:, 0])) for group in groups)
    ]


def _group(names: tuple[str, ...], excess: Array, labels: NDArray[Any]) -> Group:
    return Group(names, excess, labels, np.ones(len(excess), np.bool_))


def _separate_group(one: ReturnSeries, rate: float) -> Group:
    if flat_value(one.values) is not None:
        return _flat_group(one, rate)
    return _group((one.name,), one.values[:, None] - rate, one.labels)


def _flat_group(one: ReturnSeries, rate: float) -> Group:
    flat = flat_value(one.values)
    assert flat is not None
    active = one.values != flat
    return Group((one.name,), one.values[active][:, None] - rate, one.labels, active, flat - rate)


def _all_vary(rows: Array) -> bool:
    return len(rows) > 1 and all(
        np.ptp(column) > 0.0 and repeated_value(column) is None for column in rows.T
    )
