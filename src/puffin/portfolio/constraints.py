"""Constraints on weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.validation import finite_number, positive_number

__all__ = ["Constraints", "Limits", "limits_on"]

_ROUNDING = 1e-9

Bound = float | Mapping[str, float]


@dataclass(frozen=True)
class Constraints:
    """Constraints on weights; by default long only and fully invested.

    Attributes
    ----------
    min_weights, max_weights : float or mapping of name to float
        Bounds of every weight, or of those that are named; 0 and 1 for the others. A negative
        minimum allows selling short.
    total : float or None
        What the weights add up to. None leaves it open: the rest is cash, or borrowed.
    gross_exposure : float or None, default 1
        What the weights' sizes add up to at most: above 1 is leverage. None for no limit beside the
        bounds.

    Examples
    --------
    >>> Constraints(max_weights=0.4)
    Constraints(min_weights=0.0, max_weights=0.4, total=1.0, gross_exposure=1.0)

    As much as the objective wants, the rest in cash:

    >>> cautious = Constraints(total=None)

    As much short as long:

    >>> neutral = Constraints(min_weights=-1.0, total=0.0, gross_exposure=2.0)
    """

    min_weights: Bound = 0.0
    max_weights: Bound = 1.0
    total: float | None = 1.0
    gross_exposure: float | None = 1.0

    def __post_init__(self) -> None:
        for name in ("min_weights", "max_weights"):
            bound = getattr(self, name)
            if isinstance(bound, Mapping):
                for key, value in bound.items():
                    finite_number(f"{name}[{key!r}]", value)
            else:
                finite_number(name, bound)
        if self.total is not None:
            finite_number("total", self.total)
        if self.gross_exposure is not None:
            positive_number("gross_exposure", self.gross_exposure)

    def on(self, names: Sequence[str]) -> Limits:
        """Return the limits of these names' weights.

        Raises
        ------
        ValueError
            If a bound is of an unknown name, or no weights satisfy all.
        """
        lower = _by_name("min_weights", self.min_weights, 0.0, names)
        upper = _by_name("max_weights", self.max_weights, 1.0, names)
        _check_bounds(names, lower, upper)
        _check_total(self.total, lower, upper)
        least = _least_gross(self.total, lower, upper)
        if self.gross_exposure is not None and least > self.gross_exposure + _ROUNDING:
            raise ValueError(
                f"gross_exposure is {self.gross_exposure:g}, but min_weights, max_weights and "
                f"total need at least {least:g}; raise it, or loosen those."
            )
        return Limits(lower, upper, self.total, self.gross_exposure)


@dataclass(frozen=True)
class Limits:
    """Constraints on a given number of weights, which some weights satisfy.

    Attributes
    ----------
    lower, upper : ndarray of shape (n_weights,)
    total, gross : float or None
    """

    lower: Array
    upper: Array
    total: float | None
    gross: float | None

    @property
    def limits_gross(self) -> bool:
        """Whether the limit on the gross exposure says more than bounds and total do."""
        return self.gross is not None and self._widest_gross > self.gross

    @property
    def largest_gross(self) -> float:
        """The largest gross exposure within the limits."""
        return self._widest_gross if self.gross is None else min(self._widest_gross, self.gross)

    @property
    def _widest_gross(self) -> float:
        """The largest gross exposure within bounds and, long only, total."""
        widest = float(np.maximum(np.abs(self.lower), np.abs(self.upper)).sum())
        if (self.lower >= 0.0).all() and self.total is not None:
            return min(widest, self.total)
        return widest


def _by_name(argument: str, bound: Bound, otherwise: float, names: Sequence[str]) -> Array:
    if not isinstance(bound, Mapping):
        return np.full(len(names), float(bound))
    unknown = [key for key in bound if key not in names]
    if unknown:
        raise ValueError(
            f"{argument} has {unknown[0]!r}, which is not among {', '.join(map(repr, names))}."
        )
    return np.array([float(bound.get(name, otherwise)) for name in names])


def _check_bounds(names: Sequence[str], lower: Array, upper: Array) -> None:
    crossed = np.flatnonzero(lower > upper)
    if crossed.size:
        first = int(crossed[0])
        raise ValueError(
            f"min_weights of {names[first]!r} is {lower[first]:g}, above its max_weights, "
            f"{upper[first]:g}."
        )


def _check_total(total: float | None, lower: Array, upper: Array) -> None:
    if total is None:
        return
    count, advice = len(lower), "or total=None to leave the rest in cash"
    if upper.sum() < total - _ROUNDING:
        raise ValueError(
            f"max_weights allow {upper.sum():g} in all for {count} weights, and total is "
            f"{total:g}; raise max_weights, lower total, {advice}."
        )
    if lower.sum() > total + _ROUNDING:
        raise ValueError(
            f"min_weights need {lower.sum():g} in all for {count} weights, and total is "
            f"{total:g}; lower min_weights, or raise total."
        )


def _least_gross(total: float | None, lower: Array, upper: Array) -> float:
    """Return the smallest sum of the weights' sizes."""
    nearest = np.clip(0.0, lower, upper)
    missing = 0.0 if total is None else abs(total - nearest.sum())
    return float(np.abs(nearest).sum() + missing)


def limits_on(constraints: Constraints | None, names: Sequence[str]) -> Limits:
    """Return what constraints, or the default ones, say of these assets.

    Raises
    ------
    TypeError, ValueError
        If they are no `Constraints`, or of other assets.
    """
    if constraints is not None and not isinstance(constraints, Constraints):
        raise TypeError(f"constraints must be Constraints(...); found {constraints!r}.")
    return (constraints or Constraints()).on(names)
