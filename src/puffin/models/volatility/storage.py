"""Fitted volatility models on disk."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import pandas as pd

from puffin.inference.draws import Draws
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Settings
from puffin.laws import find_law
from puffin.models.volatility.drawn import VolatilityDraws
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.states import States
from puffin.posterior.saving import read_file, write_file
from puffin.validation import ReturnSeries

__all__ = ["load", "save"]

_KIND = "StochasticVolatilityModel"


def save(
    path: str | os.PathLike[str], specification: dict[str, Any], fitted: FittedVolatility
) -> None:
    """Write a fitted model; `specification` is what makes its class again."""
    import xarray as xr

    drawn, series = fitted.drawn, fitted.series
    draws = drawn.draws
    scalars = {name: (("chain", "draw"), values) for name, values in draws.variables.items()}
    groups = {
        "posterior": xr.Dataset(scalars),
        "sample_stats": xr.Dataset(
            {name: (("chain", "draw"), values) for name, values in draws.statistics.items()}
        ),
        "states": xr.Dataset({"h": (("chain", "kept", "time"), drawn.states.array)}),
        "observed_data": xr.Dataset(
            {"returns": ("time", series.values), "time": ("time", series.labels)}
        ),
    }
    if drawn.start is not None:
        groups["start"] = xr.Dataset(
            {"point": ("dim", drawn.start.point), "states": ("time", drawn.start.states)}
        )
    if drawn.log_weights is not None:
        groups["weights"] = xr.Dataset({"log_weight": (("chain", "draw"), drawn.log_weights)})
    settings = dataclasses.asdict(fitted.settings)
    facts = {
        "specification": specification,
        "settings": settings,
        "missing": fitted.missing,
        "keep_states": fitted.keep_states,
        "thin": drawn.thin,
        "scale": drawn.scale,
        "step": drawn.step,
        "law": drawn.law.name,
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
    drawn = VolatilityDraws(
        Draws(
            {str(name): array.to_numpy() for name, array in groups["posterior"].items()},
            facts["method"],
            {str(name): array.to_numpy() for name, array in groups["sample_stats"].items()},
            facts["report"],
        ),
        States(groups["states"]["h"].to_numpy()),
        facts["thin"],
        facts["scale"],
        facts["step"],
        None if start is None else Start(start["point"].to_numpy(), start["states"].to_numpy()),
        find_law(facts["law"]),
        None if weights is None else weights["log_weight"].to_numpy(),
    )
    fitted = FittedVolatility(
        series=series,
        settings=Settings(**facts["settings"]),
        missing=facts["missing"],
        keep_states=facts["keep_states"],
        engine=facts["specification"]["engine"],
        drawn=drawn,
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
