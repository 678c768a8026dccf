"""Fitted volatility models on disk."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import pandas as pd

from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Settings
from puffin.laws import find_law
from puffin.models.volatility.draws import VolatilityDraws
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.kept_states import KeptStates
from puffin.models.volatility.unit import Unit
from puffin.posterior.saving import read_file, write_file
from puffin.validation import ReturnSeries

__all__ = ["load", "save"]

_KIND = "StochasticVolatilityModel"


def save(
    path: str | os.PathLike[str], specification: dict[str, Any], fitted: FittedVolatility
) -> None:
    """Write a fitted model; `specification` is what makes its class again."""
    import xarray as xr

    draws, series = fitted.sampled, fitted.series
    scalars = {name: (("chain", "draw"), values) for name, values in draws.variables.items()}
    groups = {
        "posterior": xr.Dataset(scalars),
        "sample_stats": xr.Dataset(
            {name: (("chain", "draw"), values) for name, values in draws.statistics.items()}
        ),
        "states": xr.Dataset({"h": (("chain", "kept", "time"), draws.states.array)}),
        "observed_data": xr.Dataset(
            {"returns": ("time", series.values), "time": ("time", series.labels)}
        ),
    }
    if draws.start is not None:
        groups["start"] = xr.Dataset(
            {"point": ("dim", draws.start.point), "states": ("time", draws.start.states)}
        )
    if draws.log_weights is not None:
        groups["weights"] = xr.Dataset({"log_weight": (("chain", "draw"), draws.log_weights)})
    settings = dataclasses.asdict(fitted.settings)
    facts = {
        "specification": specification,
        "settings": settings,
        "missing": fitted.missing,
        "keep_states": fitted.keep_states,
        "thin": draws.thin,
        "scale": draws.unit.scale,
        "step": draws.step,
        "law": draws.law.name,
        "is_fallback": draws.is_fallback,
        "name": series.name,
        "dated": isinstance(series.index, pd.DatetimeIndex),
        "labelled": series.index is not None,
        "index_name": None if series.index is None else series.index.name,
        "timezone": series.timezone,
        "unit": getattr(series.index, "unit", None),
        "method": draws.method,
        "checks": fitted.checks,
        "report": dict(draws.report),
    }
    write_file(path, _KIND, groups, facts)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, Any], FittedVolatility]:
    """Return the specification and the fit of a file that `save` wrote."""
    groups, facts = read_file(path, _KIND)
    returns = groups["observed_data"]["returns"].to_numpy()
    labels = groups["observed_data"]["time"].to_numpy()
    series = ReturnSeries(returns, _index(labels, facts), facts["name"])
    start, weights = groups.get("start"), groups.get("weights")
    sampled = VolatilityDraws(
        {str(name): array.to_numpy() for name, array in groups["posterior"].items()},
        facts["method"],
        {str(name): array.to_numpy() for name, array in groups["sample_stats"].items()},
        facts["report"],
        states=KeptStates(groups["states"]["h"].to_numpy()),
        thin=facts["thin"],
        law=find_law(facts["law"]),
        unit=Unit(facts["scale"]),
        step=facts["step"],
        start=(
            None if start is None else Start(start["point"].to_numpy(), start["states"].to_numpy())
        ),
        is_fallback=facts["is_fallback"],
        log_weights=None if weights is None else weights["log_weight"].to_numpy(),
    )
    fitted = FittedVolatility(
        series=series,
        settings=Settings(**facts["settings"]),
        missing=facts["missing"],
        keep_states=facts["keep_states"],
        engine=facts["specification"]["engine"],
        sampled=sampled,
        checks=facts["checks"],
    )
    return facts["specification"], fitted


def _index(labels: Any, facts: dict[str, Any]) -> pd.Index[Any] | None:
    if not facts["labelled"]:
        return None
    name = facts["index_name"]
    if not facts["dated"]:
        plain: pd.Index[Any] = pd.Index(labels, name=name)
        return plain
    index = pd.DatetimeIndex(labels, name=name).as_unit(facts["unit"])
    timezone = facts["timezone"]
    if timezone is None:
        return index
    zoned: pd.DatetimeIndex = index.tz_localize("UTC").tz_convert(timezone)
    return zoned
