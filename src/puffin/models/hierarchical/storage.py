"""Fitted hierarchical models on disk."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass

import numpy as np

from puffin.models.hierarchical.arguments import HierarchicalArguments
from puffin.models.hierarchical.fitted import FittedHierarchy
from puffin.models.hierarchical.unit import AlphaUnit
from puffin.posterior import Posterior
from puffin.posterior.saving import Groups, legible, read_file, write_file
from puffin.records import as_record
from puffin.validation import choice

__all__ = ["load", "save"]

_KIND = "BayesianHierarchical"
_COORDS = ("asset", "group", "factor")


@dataclass(frozen=True)
class _Facts:
    """What a file says beside its arrays: see `FittedHierarchy`."""

    arguments: HierarchicalArguments
    method: str
    report: dict[str, float]
    dims: dict[str, list[str]]
    periods_per_year: float
    n_common: int
    rejected: dict[str, str]
    copies: dict[str, str]


def save(
    path: str | os.PathLike[str], arguments: HierarchicalArguments, fitted: FittedHierarchy
) -> None:
    """Write a fitted model."""
    posterior = fitted.posterior
    groups: Groups = {
        "posterior": dict(posterior.variables),
        "observed_data": dict(posterior.observed),
        "sample_stats": dict(posterior.statistics),
        "coords": {name: np.array(posterior.coords[name], np.str_) for name in _COORDS},
    }
    facts = _Facts(
        arguments=arguments,
        method=posterior.method,
        report=dict(posterior.report),
        dims={name: list(dims) for name, dims in posterior.dims.items()},
        periods_per_year=fitted.periods_per_year,
        n_common=fitted.n_common,
        rejected=fitted.rejected,
        copies=fitted.copies,
    )
    write_file(path, _KIND, groups, dataclasses.asdict(facts))


def load(path: str | os.PathLike[str]) -> tuple[HierarchicalArguments, FittedHierarchy]:
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
        coords = {name: groups["coords"][name].tolist() for name in _COORDS}
        _check_shapes(groups, facts, {name: len(labels) for name, labels in coords.items()})
        arguments = facts.arguments
        fitted = FittedHierarchy(
            posterior=Posterior(
                variables=groups["posterior"],
                method=facts.method,
                engine=choice("engine", arguments.engine, ("native", "pymc")),
                dims=facts.dims,
                coords=coords,
                observed=groups["observed_data"],
                statistics=groups.get("sample_stats", {}),
                report=facts.report,
            ),
            unit=AlphaUnit(arguments.unit, bool(coords["factor"])),
            hdi_prob=arguments.hdi_prob,
            periods_per_year=facts.periods_per_year,
            n_common=facts.n_common,
            rejected=facts.rejected,
            copies=facts.copies,
        )
    return arguments, fitted


def _check_shapes(groups: Groups, facts: _Facts, sizes: dict[str, int]) -> None:
    """Raise ValueError if the arrays are not those of one fit."""
    chains = groups["posterior"]["alpha"].shape[:2]
    for name, draws in groups["posterior"].items():
        if draws.shape != (*chains, *(sizes[dim] for dim in facts.dims[name])):
            raise ValueError(f"{name} is of shape {draws.shape}")
    for name, values in groups["observed_data"].items():
        if values.shape != (sizes["asset"],):
            raise ValueError(f"{name} is of shape {values.shape}")
    if not np.isin(groups["observed_data"]["group_of"], np.arange(sizes["group"])).all():
        raise ValueError("an asset is in a group that is not there")
