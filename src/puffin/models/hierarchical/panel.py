"""The returns of many assets, factors beside them, and the groups that assets are in."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.residual_factors import fit_residual_factors
from puffin.models.hierarchical.estimates import MORE_ROWS
from puffin.models.hierarchical.oddities import warn_of_oddities
from puffin.reading import periods_per_year
from puffin.validation import (
    DataLike,
    as_panel,
    check_explain,
    no_regressors,
    regressors_at,
)
from puffin.validation.risk_free_rate import period_risk_free_rate
from puffin.validation.values import check_finite, constant_rows

__all__ = ["ALL", "AssetPanel", "as_asset_panel"]

ALL = "all"
"""The name of the group where none are given."""

_MOST_NAMED = 3
_LEAST_LEFT = 1e-6
_LEAST_CONDITION = 1e-10


@dataclass(frozen=True)
class AssetPanel:
    """Clean excess returns, assets in the order of their groups and names.

    Attributes
    ----------
    returns : ndarray of shape (n_periods, n_assets)
        NaN where an asset has none.
    assets : tuple of str
    factors : ndarray of shape (n_periods, n_factors)
    factor_names : tuple of str
    groups : ndarray of int of shape (n_assets,)
        Each asset's place in `group_names`.
    group_names : tuple of str
    periods_per_year : float
    rejected : dict of str to str
        Assets left out, and why.
    """

    returns: Array
    assets: tuple[str, ...]
    factors: Array
    factor_names: tuple[str, ...]
    groups: NDArray[np.intp]
    group_names: tuple[str, ...]
    periods_per_year: float
    rejected: dict[str, str]

    def only(self, places: NDArray[np.intp]) -> AssetPanel:
        """Return the panel of some of the assets."""
        return replace(
            self,
            returns=self.returns[:, places],
            assets=tuple(self.assets[place] for place in places),
            groups=self.groups[places],
        )


def as_asset_panel(
    returns: DataLike,
    factors: DataLike | None,
    groups: Mapping[str, object] | Sequence[object] | None,
    *,
    date: str | None,
    annual_rate: float,
    periods: float | None,
) -> AssetPanel:
    """Return what a user has as an `AssetPanel`; assets that cannot be fitted are left out.

    Raises
    ------
    TypeError, ValueError
        If a table or its dates cannot be read, a factor lacks a date or explains nothing, an asset
        has no group, or no asset is left.

    Warns
    -----
    UserWarning
        Of assets left out.
    OddReturnsWarning
        If a column looks odd: see `warn_of_oddities`.
    """
    table = as_panel(returns, argument="returns", date=date)
    names = [str(name) for name in table.names]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"returns has more than one asset named {repeated!r}; rename one.")
    some = np.flatnonzero((~np.isnan(table.values)).any(axis=1))
    values, index = table.values[some], table.index[some]
    if not len(values):
        raise ValueError("returns holds no returns.")
    check_finite("returns", np.where(np.isnan(values), 0.0, values), index)
    dated = None if isinstance(table.index, pd.RangeIndex) else table.index
    n_rows = len(table.values)
    beside = no_regressors(n_rows)
    if factors is not None:
        beside = regressors_at("factors", factors, dated, n_rows, date=date)
    beside = replace(beside, values=beside.values[some])
    if beside.names:
        check_explain("factors", beside)
    reasons = _unfit(values, beside.values)
    rejected = {names[place]: why for place, why in sorted(reasons.items())}
    fit = [place for place in range(len(names)) if place not in reasons]
    _report(rejected, len(fit))
    warn_of_oddities(
        pd.DataFrame(values[:, fit], index, [names[place] for place in fit]),
        pd.DataFrame(beside.values, index, list(beside.names)),
    )
    labels = _labels(groups, names)
    order = sorted(fit, key=lambda place: (labels[place], names[place]))
    group_names = tuple(sorted({labels[place] for place in order}))
    found = periods_per_year(None if dated is None else index) if periods is None else periods
    return AssetPanel(
        returns=values[:, order] - period_risk_free_rate(annual_rate, found),
        assets=tuple(names[place] for place in order),
        factors=beside.values,
        factor_names=beside.names,
        groups=np.array([group_names.index(labels[place]) for place in order], np.intp),
        group_names=group_names,
        periods_per_year=found,
        rejected=rejected,
    )


def _unfit(values: Array, factors: Array) -> dict[int, str]:
    """Return the places of assets of which there is no estimate, and why."""
    present, X = ~np.isnan(values), np.column_stack([np.ones(len(factors)), factors])
    least, counts = X.shape[1] + MORE_ROWS, present.sum(axis=0)
    needed = f"with {factors.shape[1]} factors at least {least} are needed"
    reasons = {
        int(place): f"{counts[place]} returns; {needed}" for place in np.flatnonzero(counts < least)
    }
    still = constant_rows(_filled(values).T)
    blurred = _condition(present, X) < _LEAST_CONDITION
    for which, why in (
        (still, "it never moves"),
        (blurred, "in its periods the factors cannot be told apart"),
    ):
        for place in np.flatnonzero(which & (counts >= least)):
            reasons.setdefault(int(place), why)
    left = np.setdiff1d(np.arange(len(counts)), list(reasons))
    known = np.where(present, values, 0.0)[:, left]
    unexplained = fit_residual_factors(known, present[:, left], X, 0).squares
    for place in left[unexplained < _LEAST_LEFT**2 * np.sum(known**2, axis=0)]:
        reasons[int(place)] = "the factors explain it altogether: it is made of them"
    return reasons


def _condition(present: NDArray[np.bool_], X: Array) -> Array:
    """Return how far the factors are from being collinear in each asset's own periods."""
    scaled = X / np.sqrt(np.mean(X**2, axis=0))
    products = (scaled[:, :, None] * scaled[:, None, :]).reshape(len(X), -1)
    normal = (present.T.astype(np.float64) @ products).reshape(-1, X.shape[1], X.shape[1])
    return np.asarray(np.linalg.eigvalsh(normal)[:, 0] / np.maximum(present.sum(axis=0), 1))


def _filled(values: Array) -> Array:
    """Return the values with an asset's first one where it has none; 0 if it has none at all."""
    first = values[np.argmin(np.isnan(values), axis=0), np.arange(values.shape[1])]
    return np.nan_to_num(np.where(np.isnan(values), first, values))


def _report(rejected: Mapping[str, str], n_left: int) -> None:
    """Warn of assets left out; raise ValueError if none is left."""
    if not rejected:
        return
    some = "; ".join(f"{name}: {why}" for name, why in list(rejected.items())[:_MOST_NAMED])
    more = len(rejected) - _MOST_NAMED
    said = f"{some}{f'; and {more} more (see rejected)' if more > 0 else ''}."
    if not n_left:
        raise ValueError(f"returns has no asset that can be fitted. {said}")
    warnings.warn(f"Left out: {said}", UserWarning, stacklevel=4)


def _labels(
    groups: Mapping[str, object] | Sequence[object] | None, names: Sequence[str]
) -> list[str]:
    """Return the group of each asset.

    Raises
    ------
    TypeError, ValueError
        If an asset has none, or there are as many labels as assets are not.
    """
    if groups is None:
        return [ALL] * len(names)
    if isinstance(groups, str):
        raise TypeError("groups must say which group each asset is in; found text.")
    if isinstance(groups, pd.Series) and not groups.index.is_unique:
        repeated = groups.index[groups.index.duplicated()][0]
        raise ValueError(f"groups has asset {repeated!r} more than once.")
    if isinstance(groups, Mapping | pd.Series):
        known = {str(name): label for name, label in groups.items()}
        missing = [name for name in names if name not in known]
        if missing:
            raise ValueError(
                f"groups lacks {len(missing)} of the {len(names)} assets, first {missing[0]!r}."
            )
        labels = [known[name] for name in names]
    else:
        labels = list(groups)
        if len(labels) != len(names):
            raise ValueError(
                f"groups has {len(labels)} labels for {len(names)} assets; give one for each "
                "column, or a dict of names to groups."
            )
    empty = [name for name, label in zip(names, labels, strict=True) if pd.isna(label)]  # type: ignore[call-overload]
    if empty:
        raise ValueError(f"groups has none for {len(empty)} assets, first {empty[0]!r}.")
    return [str(label) for label in labels]
