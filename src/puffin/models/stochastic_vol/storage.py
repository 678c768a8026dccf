"""Fitted volatility models on disk."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import pandas as pd

from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Settings
from puffin.models.stochastic_vol.fitted import FittedVolatility
from puffin.posterior import Posterior
from puffin.posterior.saving import read_file, write_file
from puffin.validation import ReturnSeries

__all__ = ["load", "save"]

_KIND = "StochasticVolatilityModel"


def save(
    path: str | os.PathLike[str], specification: dict[str, Any], fitted: FittedVolatility
) -> None:
    """Write a fitted model; `specification` is what makes its class again."""
    import xarray as xr

    posterior, series = fitted.posterior, fitted.series
    scalars = {
        name: (("chain", "draw"), values)
        for name, values in posterior.variables.items()
        if name != "h"
    }
    groups = {
        "posterior": xr.Dataset(scalars),
        "sample_stats": xr.Dataset(
            {name: (("chain", "draw"), values) for name, values in posterior.statistics.items()}
        ),
        "states": xr.Dataset({"h": (("chain", "kept", "time"), fitted.states)}),
        "observed_data": xr.Dataset(
            {"returns": ("time", series.values), "time": ("time", series.labels)}
        ),
    }
    if fitted.start is not None:
        groups["start"] = xr.Dataset(
            {"point": ("dim", fitted.start.point), "states": ("time", fitted.start.states)}
        )
    settings = dataclasses.asdict(fitted.settings)
    facts = {
        "specification": specification,
        "settings": settings,
        "missing": fitted.missing,
        "keep_states": fitted.keep_states,
        "thin": fitted.thin,
        "name": series.name,
        "dated": isinstance(series.index, pd.DatetimeIndex),
        "labelled": series.index is not None,
        "index_name": None if series.index is None else series.index.name,
        "timezone": series.timezone,
        "method": posterior.method,
        "report": dict(posterior.report),
    }
    write_file(path, _KIND, groups, facts)


def load(path: str | os.PathLike[str]) -> tuple[dict[str, Any], FittedVolatility]:
    """Return the specification and the fit of a file that `save` wrote."""
    groups, facts = read_file(path, _KIND)
    returns = groups["observed_data"]["returns"].to_numpy()
    labels = groups["observed_data"]["time"].to_numpy()
    series = ReturnSeries(returns, _index(labels, facts), facts["name"])
    states = groups["states"]["h"].to_numpy()
    variables = {str(name): array.to_numpy() for name, array in groups["posterior"].items()}
    if facts["thin"] == 1:
        variables["h"] = states
    statistics = {str(name): array.to_numpy() for name, array in groups["sample_stats"].items()}
    posterior = Posterior(
        variables=variables,
        method=facts["method"],
        engine=facts["specification"]["engine"],
        dims={"h": ["time"], "returns": ["time"]},
        coords={"time": series.labels},
        observed={"returns": returns},
        statistics=statistics,
        report=facts["report"],
    )
    start = groups.get("start")
    fitted = FittedVolatility(
        series=series,
        settings=Settings(**facts["settings"]),
        missing=facts["missing"],
        keep_states=facts["keep_states"],
        posterior=posterior,
        states=states,
        thin=facts["thin"],
        start=None
        if start is None
        else Start(start["point"].to_numpy(), start["states"].to_numpy()),
    )
    return facts["specification"], fitted


def _index(labels: Any, facts: dict[str, Any]) -> pd.Index[Any] | None:
    if not facts["labelled"]:
        return None
    name = facts["index_name"]
    if not facts["dated"]:
        plain: pd.Index[Any] = pd.Index(labels, name=name)
        return plain
    index = pd.DatetimeIndex(labels, name=name)
    timezone = facts["timezone"]
    if timezone is None:
        return index
    zoned: pd.DatetimeIndex = index.tz_localize("UTC").tz_convert(timezone)
    return zoned
