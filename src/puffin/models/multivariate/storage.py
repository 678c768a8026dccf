"""Fitted models of many assets on disk."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.factor_sv.sampler import FactorDraws
from puffin.inference.settings import Settings
from puffin.models.multivariate.fitted import FittedMultivariate
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior.saving import Groups, legible, read_file, write_file
from puffin.records import as_record
from puffin.validation import PricePanel, ReturnSeries

__all__ = ["Arguments", "load", "save"]

_KIND = "MultivariateSV"
_SINGLE = ("h", "factors")


@dataclass(frozen=True)
class Arguments:
    """What a model was made with."""

    factors: int
    mean: str
    priors: VolatilityPriors
    loading_sd: float
    distribution: str = "normal"


@dataclass(frozen=True)
class _Facts:
    """What a file says beside its arrays."""

    arguments: Arguments
    settings: Settings
    thin: int
    names: list[str]
    notes: dict[str, str]
    numbered: bool
    index_name: str | None
    timezone: str | None
    unit: str | None


def save(path: str | os.PathLike[str], arguments: Arguments, fitted: FittedMultivariate) -> None:
    """Write a fitted model."""
    draws, index = vars(fitted.draws).copy(), fitted.panel.index
    thin = draws.pop("thin")
    labels = ReturnSeries(fitted.panel.values[:, 0], index, "").labels
    facts = _Facts(
        arguments,
        fitted.settings,
        thin,
        fitted.names,
        fitted.notes,
        numbered=isinstance(index, pd.RangeIndex),
        index_name=None if index.name is None else str(index.name),
        timezone=ReturnSeries(fitted.panel.values[:, 0], index, "").timezone,
        unit=getattr(index, "unit", None),
    )
    observed = {
        "returns": fitted.panel.values,
        "time": labels.astype(np.str_) if labels.dtype.hasobject else labels,
    }
    groups = {"posterior": draws, "observed_data": observed}
    write_file(path, _KIND, groups, dataclasses.asdict(facts))


def load(path: str | os.PathLike[str]) -> tuple[Arguments, FittedMultivariate]:
    """Return the arguments and the fit of a file that `save` wrote.

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    """
    groups, found = read_file(path, _KIND)
    with legible(os.fspath(path)):
        facts = as_record(_Facts, found)
        returns = groups["observed_data"]["returns"]
        posterior = {"nu": _of_normal_errors(groups), **groups["posterior"]}
        draws = FactorDraws(**posterior, thin=facts.thin)
        _check_shapes(draws, facts, returns.shape)
        panel = PricePanel(returns, _index(groups, facts), tuple(facts.names))
        return facts.arguments, FittedMultivariate(panel, facts.settings, draws, facts.notes)


def _of_normal_errors(groups: Groups) -> Array:
    """Return degrees of freedom for a file that was written when all errors were normal."""
    return np.full_like(groups["posterior"]["mean"], np.inf)


def _index(groups: Groups, facts: _Facts) -> pd.Index:
    labels = groups["observed_data"]["time"]
    if facts.numbered:
        return pd.RangeIndex(labels.size)
    if facts.unit is None:
        return pd.Index(labels, name=facts.index_name)
    index = pd.DatetimeIndex(labels.astype(f"M8[{facts.unit}]"), name=facts.index_name)
    if facts.timezone is None:
        return index
    return index.tz_localize("UTC").tz_convert(facts.timezone)


def _check_shapes(draws: FactorDraws, facts: _Facts, shape: tuple[int, ...]) -> None:
    """Raise ValueError if the arrays are not those of one fit."""
    n_times, m = shape
    chains, samples, k = facts.settings.chains, facts.settings.draws, facts.arguments.factors
    every, kept = (chains, samples), (chains, -(-samples // facts.thin), n_times)
    shapes = {
        "mean": (*every, m), "nu": (*every, m), "loadings": (*every, k, m), "spread": (*every, k),
        "mu": (*every, m + k), "phi": (*every, m + k), "sigma": (*every, m + k),
        "h_last": (*every, m + k), "h": (*kept, m + k), "factors": (*kept, k),
        "acceptance": (chains, m + k),
    }  # fmt: skip
    for name, expected in shapes.items():
        array = getattr(draws, name)
        kind = np.float32 if name in _SINGLE else np.float64
        if array.shape != expected or array.dtype != kind:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not {expected}")
    if len(facts.names) != m:
        raise ValueError(f"{len(facts.names)} names are of {m} assets")
