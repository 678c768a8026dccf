"""Fitted volatility models on disk."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from puffin.inference.latent_ar1.guide import Start
from puffin.inference.measures import Measure
from puffin.inference.regressors import NO_COEFFICIENTS
from puffin.inference.settings import Settings
from puffin.laws import LAWS, Law, find_law
from puffin.models.settings import ENGINES
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.draws import VolatilityDraws
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.kept_states import KeptStates
from puffin.models.volatility.observed import observe
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.regressor_storage import (
    PartFacts,
    coefficients_of,
    facts_of,
    read_regressors,
    regressor_arrays,
)
from puffin.models.volatility.unit import Unit
from puffin.posterior.saved_index import IndexFacts, index_facts, storable
from puffin.posterior.saving import Groups, legible, read_file, write_file
from puffin.records import as_record
from puffin.validation import (
    LogMeasures,
    ReturnSeries,
    choice,
    positive_integer,
    positive_number,
)

__all__ = ["Arguments", "load", "save"]

_CLOSE = 1e-9


@dataclass(frozen=True)
class Arguments:
    """What a model was made with."""

    distribution: str
    leverage: bool
    mean: str
    engine: str
    priors: VolatilityPriors
    jumps: bool = False
    free_psi: bool | list[str] = False

    @property
    def law(self) -> Law:
        """The law of the errors."""
        return find_law(self.distribution, jumps=self.jumps)


@dataclass(frozen=True)
class _MeasureFacts:
    """A measure, and the logarithm that is zero to its priors."""

    name: str
    free: bool
    level: float


@dataclass(frozen=True)
class _Facts(IndexFacts):
    """What a file says beside its arrays: see `FittedVolatility` and `VolatilityDraws`."""

    specification: Arguments
    settings: Settings
    missing: str
    keep_states: str | int
    thin: int
    scale: float
    step: float
    law: str
    is_fallback: bool
    name: str
    method: str
    checks: dict[str, dict[str, float]]
    report: dict[str, float]
    measures: list[_MeasureFacts] | None = None
    columns: list[str] | None = None
    regressors: list[PartFacts] | None = None


def save(
    path: str | os.PathLike[str], kind: str, arguments: Arguments, fitted: FittedVolatility
) -> None:
    """Write a fitted model; `kind` is the name of its class, `arguments` make it again."""
    draws, series = fitted.sampled, fitted.series
    groups: dict[str, dict[str, NDArray[Any]]] = {
        "posterior": dict(draws.variables),
        "sample_stats": dict(draws.statistics),
        "states": {"h": draws.states.array},
        "observed_data": {"returns": series.values, "time": storable(series.labels)},
    }
    if fitted.regressors.names:
        groups["regressors"] = dict(regressor_arrays(fitted.regressors))
    if fitted.measures.names:
        groups["observed_data"]["log_measures"] = fitted.measures.values
    if draws.start is not None:
        groups["start"] = {
            name: array for name, array in vars(draws.start).items() if array is not None
        }
    if draws.log_weights is not None:
        groups["weights"] = {"log_weight": draws.log_weights}
    write_file(path, kind, groups, dataclasses.asdict(_facts(arguments, fitted)))


def _facts(arguments: Arguments, fitted: FittedVolatility) -> _Facts:
    draws, series = fitted.sampled, fitted.series
    return _Facts(
        specification=arguments,
        settings=fitted.settings,
        missing=fitted.missing,
        keep_states=fitted.keep_states,
        thin=draws.thin,
        scale=draws.unit.scale,
        step=draws.step,
        law=draws.law.name,
        is_fallback=draws.is_fallback,
        name=series.name,
        **vars(index_facts(series.index, series.timezone)),
        method=draws.method,
        checks=fitted.checks,
        report=dict(draws.report),
        measures=[
            _MeasureFacts(one.name, one.free, draws.unit.levels[one.name]) for one in draws.measures
        ],
        columns=list(fitted.measures.names),
        regressors=facts_of(fitted.regressors),
    )


def load(path: str | os.PathLike[str], kind: str) -> tuple[Arguments, FittedVolatility]:
    """Return the arguments and the fit of a file that `save` wrote.

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    """
    groups, found = read_file(path, kind)
    with legible(os.fspath(path)):
        facts = as_record(_Facts, found)
        # To read draws that PyMC made does not take PyMC.
        choice("engine", facts.specification.engine, ENGINES)
        _check_shapes(groups, facts)
        fitted = _fitted(groups, facts)
        _check_summary(fitted)
    return facts.specification, fitted


def _fitted(groups: Groups, facts: _Facts) -> FittedVolatility:
    observed, start, weights = (
        groups["observed_data"], groups.get("start"), groups.get("weights"),
    )  # fmt: skip
    measures, names = facts.measures or [], tuple(facts.columns or [])
    n_times = observed["returns"].size
    regressors = read_regressors(groups.get("regressors", {}), facts.regressors or [], n_times)
    sampled = VolatilityDraws(
        groups["posterior"],
        facts.method,
        groups.get("sample_stats", {}),
        facts.report,
        states=KeptStates(groups["states"]["h"]),
        thin=facts.thin,
        law=LAWS["normal"] if facts.is_fallback else facts.specification.law,
        unit=Unit(
            positive_number("scale", facts.scale),
            {one.name: one.level for one in measures},
            regressors.spreads,
        ),
        measures=tuple(Measure(one.name, one.free) for one in measures),
        coefficients=NO_COEFFICIENTS if facts.is_fallback else regressors.coefficients,
        step=facts.step,
        start=None
        if start is None
        else Start(start["point"], start["states"], start.get("covariance")),
        is_fallback=facts.is_fallback,
        log_weights=None if weights is None else weights["log_weight"],
    )
    series = ReturnSeries(observed["returns"], facts.index(observed["time"]), facts.name)
    log_measures = LogMeasures.none(n_times)
    if names:
        log_measures = LogMeasures(names, observed["log_measures"])
    return FittedVolatility(
        data=VolatilityData(series, log_measures, regressors),
        taken=observe(series.values),
        settings=facts.settings,
        missing=choice("missing", facts.missing, ("raise", "skip")),
        keep_states=facts.keep_states,
        engine=facts.specification.engine,
        sampled=sampled,
        checks=facts.checks,
    )


def _check_shapes(groups: Groups, facts: _Facts) -> None:
    """Raise ValueError if the arrays are not those of one fit."""
    posterior, observed = groups["posterior"], groups["observed_data"]
    returns, labels = observed["returns"], observed["time"]
    n_chains, n_draws = draws = (facts.settings.chains, facts.settings.draws)
    kept = (n_chains, -(-n_draws // positive_integer("thin", facts.thin)), returns.size)
    _check(returns, "returns", np.float64, (returns.size,))
    _check(labels, "time", labels.dtype, returns.shape)
    if facts.columns:
        size = (returns.size, len(facts.columns))
        _check(observed["log_measures"], "log_measures", np.float64, size)
    _check(groups["states"]["h"], "h", np.float32, kept)
    for name, array in {**posterior, **groups.get("weights", {})}.items():
        _check(array, name, np.float64, draws)
    for name, array in groups.get("sample_stats", {}).items():
        _check(array, name, array.dtype, draws)
    if "start" in groups:
        point, states = groups["start"]["point"], groups["start"]["states"]
        _check(point, "point", np.float64, (point.size,))
        _check(states, "states", np.float64, (min(states.size, returns.size),))
        covariance = groups["start"].get("covariance")
        if covariance is not None:  # files of earlier versions have none
            _check(covariance, "covariance", np.float64, (point.size, point.size))
    needed = {"h_next"}
    if not facts.is_fallback:
        law = facts.specification.law
        needed |= {"h_last", "mu", "phi", "sigma", *law.shape_names}
        for one in facts.measures or []:
            needed |= set(Measure(one.name, one.free).estimated)
        needed |= set(coefficients_of(facts.regressors or []).names)
        if facts.law != law.name:
            raise ValueError(f"draws with {facts.law} errors are of another model")
    if not needed <= posterior.keys():
        raise ValueError(f"{', '.join(sorted(needed - posterior.keys()))} is missing")


def _check(array: NDArray[Any], name: str, kind: Any, shape: tuple[int, ...]) -> None:
    if array.dtype != kind or array.shape != shape or array.size == 0:
        raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not {shape}")


def _check_summary(fitted: FittedVolatility) -> None:
    """Raise ValueError if draws of parameters are not those of the summary made at the fit.

    For files of version 1, which have no digest: updates change no parameter, and a changed draw
    moves its mean.
    """
    for name in fitted.sampled.parameter_names():
        known: Mapping[str, float] = fitted.checks.get(name, {})
        mean = float(fitted.sampled.variables[name].mean())
        close = _CLOSE * (abs(mean) + known.get("sd", 0.0))
        if not abs(mean - known.get("mean", mean)) <= close:
            raise ValueError(f"draws of {name} have changed")
