"""The filtered path: what was known at the time."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from puffin.models.volatility import filtering
from puffin.models.volatility.observed import observe
from tests.models.volatility.kinds import ALL_AT_LENGTH, returns_of


@ALL_AT_LENGTH
def test_filtered_path_ends_where_the_smoothed_does(fits, distribution, leverage):
    """At the last period both know all returns; the filter uses 64 draws of the parameters."""
    model = fits[distribution, leverage]
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    sd = np.exp(0.5 * model.posterior.flat("h")[:, -1]).std()
    error = sd / np.sqrt(64)
    assert abs(filtered["mean"].iloc[-1] - smoothed["mean"].iloc[-1]) < 4.0 * error


@ALL_AT_LENGTH
def test_filtered_path_knows_less_before(fits, distribution, leverage, monkeypatch):
    """The filter is late, its intervals are wider. By 64 draws of the parameters that is noisy."""
    monkeypatch.setattr(filtering, "_PARAMETERS_USED", 256)
    model = fits[distribution, leverage]
    filtered, smoothed = model.volatility("filtered"), model.volatility()
    width = np.log(filtered["hdi_high"] / filtered["hdi_low"])
    smooth_width = np.log(smoothed["hdi_high"] / smoothed["hdi_low"])
    assert width.iloc[10:-10].mean() > 1.1 * smooth_width.iloc[10:-10].mean()


def test_filtered_path_knows_the_past_only(fits):
    """The same parameters and another future: what came before keeps its distribution."""
    model = fits["normal", False]
    before = model.volatility("filtered")
    other = copy.copy(model)
    values = returns_of().to_numpy(copy=True)
    values[80:] *= 10.0
    series = dataclasses.replace(model.fitted.series, values=values)
    other._fitted = dataclasses.replace(
        model.fitted, data=model.fitted.data._replace(series=series), taken=observe(values)
    )
    after = other.volatility("filtered")
    sd = np.exp(0.5 * model.posterior.flat("h")).std(axis=0)
    # From there on the streams differ: two Monte Carlo errors of 64 filters each.
    shift = (after["mean"] - before["mean"]).to_numpy() / (sd * np.sqrt(2.0 / 64))
    assert np.abs(shift[:80]).max() < 4.0
    assert shift[85:].min() > 4.0
