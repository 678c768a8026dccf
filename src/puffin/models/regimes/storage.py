"""Fitted regime-switching models on disk."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.inference.settings import Settings
from puffin.models.regimes.draws import RegimeDraws
from puffin.models.regimes.fitted import FittedRegimes
from puffin.models.regimes.specification import Specification
from puffin.models.settings import ENGINES
from puffin.models.volatility.observed import observe
from puffin.posterior.saved_index import IndexFacts, index_facts, storable
from puffin.posterior.saving import Groups, legible, read_file, write_file
from puffin.records import as_record
from puffin.validation import ReturnSeries, choice, positive_integer, positive_number

__all__ = ["load", "save"]


@dataclass(frozen=True)
class _Facts(IndexFacts):
    """What a file says beside its arrays: see `FittedRegimes` and `RegimeDraws`."""

    specification: Specification
    settings: Settings
    missing: str
    scale: float
    step: float
    n_fitted: int
    name: str
    method: str
    checks: dict[str, dict[str, float]]
    report: dict[str, float]
    one_regime: float | None = None


def save(path: str | os.PathLike[str], kind: str, fitted: FittedRegimes) -> None:
    """Write a fitted model; `kind` is the name of its class."""
    draws, series = fitted.sampled, fitted.series
    groups: dict[str, dict[str, NDArray[Any]]] = {
        "posterior": dict(draws.variables),
        "filter": {"ahead": draws.ahead},
        "observed_data": {
            "returns": series.values,
            "time": storable(series.labels),
        },
    }
    if draws.statistics:
        groups["sample_stats"] = dict(draws.statistics)
    if draws.log_weights is not None:
        groups["weights"] = {"log_weight": draws.log_weights}
    facts = _Facts(
        specification=fitted.specification,
        settings=fitted.settings,
        missing=fitted.missing,
        scale=draws.scale,
        step=draws.step,
        n_fitted=draws.n_fitted,
        name=series.name,
        **vars(index_facts(series.index, series.timezone)),
        method=draws.method,
        checks={parameter: dict(row) for parameter, row in fitted.checks.items()},
        report=dict(draws.report),
        one_regime=fitted.one_regime,
    )
    write_file(path, kind, groups, dataclasses.asdict(facts))


def load(path: str | os.PathLike[str], kind: str) -> FittedRegimes:
    """Return the fit of a file that `save` wrote.

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    """
    groups, found = read_file(path, kind)
    with legible(os.fspath(path)):
        facts = as_record(_Facts, found)
        choice("engine", facts.specification.engine, ENGINES)
        _check_shapes(groups, facts)
        observed = groups["observed_data"]
        index = facts.index(observed["time"])
        series = ReturnSeries(observed["returns"], index, facts.name)
        return FittedRegimes(
            series=series,
            taken=observe(series.values),
            specification=facts.specification,
            settings=facts.settings,
            missing=choice("missing", facts.missing, ("raise", "skip")),
            sampled=_draws(groups, facts),
            checks=facts.checks,
            one_regime=facts.one_regime,
        )


def _draws(groups: Groups, facts: _Facts) -> RegimeDraws:
    return RegimeDraws(
        groups["posterior"],
        facts.method,
        groups.get("sample_stats", {}),
        facts.report,
        facts.specification.law,
        positive_number("scale", facts.scale),
        facts.step,
        positive_integer("n_fitted", facts.n_fitted),
        groups["filter"]["ahead"],
        groups.get("weights", {}).get("log_weight"),
    )


def _check_shapes(groups: Groups, facts: _Facts) -> None:
    """Raise ValueError if the arrays are not those of one fit."""
    draws, k = (facts.settings.chains, facts.settings.draws), facts.specification.n_regimes
    own = (k,) if facts.specification.shape == "own" else ()
    shapes = {"mean": (k,), "sd": (k,), "transition": (k, k)}
    shapes |= dict.fromkeys(facts.specification.law.shape_names, own)
    posterior = groups["posterior"]
    if posterior.keys() != shapes.keys():
        raise ValueError(f"draws of {', '.join(sorted(posterior))} are of another model")
    for name, shape in shapes.items():
        _check(posterior[name], name, (*draws, *shape))
    _check(groups["filter"]["ahead"], "ahead", (*draws, k))
    for name, array in groups.get("weights", {}).items():
        _check(array, name, draws)
    for name, array in groups.get("sample_stats", {}).items():
        if array.shape != draws:
            raise ValueError(f"{name} is of shape {array.shape}, not {draws}")
    returns, labels = groups["observed_data"]["returns"], groups["observed_data"]["time"]
    _check(returns, "returns", (returns.size,))
    if labels.shape != returns.shape or facts.n_fitted > returns.size:
        raise ValueError(f"{labels.size} labels are of other returns")


def _check(array: NDArray[Any], name: str, shape: tuple[int, ...]) -> None:
    if array.dtype != np.float64 or array.shape != shape or array.size == 0:
        raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not {shape}")
