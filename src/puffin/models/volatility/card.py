"""What is shown of a fitted volatility model, of an average of them, and of a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from puffin.arrays import Array
from puffin.models.volatility.fitted import FittedVolatility
from puffin.posterior import highest_density_interval
from puffin.posterior.intervals import weighted_density_interval
from puffin.showing.card import Card, Table
from puffin.showing.numbers import decimal, percent, probability, significant, significant_interval
from puffin.showing.pictures import Sparkline
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.models.volatility.average_results import AverageResults
    from puffin.models.volatility.forecast import VolatilityForecast

__all__ = ["average_card", "forecast_card", "volatility_card"]

_PROB = 0.94
_MOST_DRAWS, _MOST_TIMES = 200, 240
_MOST_ROWS, _MOST_DOUBTS = 8, 3
_SHOWN = 0.005


def volatility_card(title: str, fitted: FittedVolatility | None) -> Card:
    """Return volatility in the next period, and the parameters; the title of a model not fitted."""
    if fitted is None:
        return Card(title)
    labels = {"volatility_forecast": "volatility of the next period"}
    parameters = {labels.get(name, name): x.ravel() for name, x in fitted.draws.scalars().items()}
    rows = sorted(parameters.items(), key=lambda row: row[0] not in labels.values())
    return Card(
        title,
        [f"{_of(fitted)}. {_next(fitted)}", *filter(None, [fitted.taken.note])],
        fitted.doubts,
        Table(
            ("", "mean", f"{percent(_PROB, 0)} interval"),
            [(name, *_mean_and_interval(draws)) for name, draws in rows],
        ),
        Sparkline(_rough_path(fitted), f"Volatility of {fitted.series.name} through time"),
    )


def average_card(average: AverageResults, evidences: bool) -> Card:
    """Return which models count, and volatility in the next period by all of them."""
    if not evidences:
        return Card(f"AveragedVolatilityModel({list(average.models)})")
    table = average.evidence.sort_values("probability", ascending=False)
    weights = {str(name): float(one) for name, one in table["probability"].items()}
    fitted = {name: average.models[name].fitted for name, one in weights.items() if one >= _SHOWN}
    first = next(iter(fitted.values()))
    rows = [
        (
            name,
            decimal(row["log_evidence"]),
            decimal(row["error"]),
            probability(row["probability"]),
        )
        for name, row in zip(weights, table.to_dict("records"), strict=True)
    ]
    shown = ", ".join(f"{name} {weights[name]:.0%}" for name in fitted)
    label = f"Volatility of {first.series.name} through time, by the most probable model"
    return Card(
        f"AveragedVolatilityModel({len(weights)} models: {shown})",
        [f"{_of(first)}. {_coming(average.volatility_forecast, *_interval(fitted, weights))}"],
        average.doubts[:_MOST_DOUBTS],
        Table(("model", "log evidence", "± error", "P(model)"), rows),
        Sparkline(_rough_path(first), label),
    )


def _interval(
    fitted: Mapping[str, FittedVolatility], weights: Mapping[str, float]
) -> tuple[float, float]:
    """Return the interval of volatility in the next period, models averaged too."""
    draws = [np.exp(0.5 * one.posterior.variables["h_next"]).ravel() for one in fitted.values()]
    shares = [
        np.full(one.size, weights[name] / one.size) for name, one in zip(fitted, draws, strict=True)
    ]
    together = np.concatenate(shares)
    return weighted_density_interval(np.concatenate(draws), together / together.sum(), _PROB)


def forecast_card(forecast: VolatilityForecast) -> Card:
    """Return volatility and return in some of the periods, the last among them."""
    levels = np.asarray(forecast.volatility.columns, dtype=float)
    low, middle, high = 0, int(np.abs(levels - 0.5).argmin()), levels.size - 1
    centre = "median" if levels[middle] == 0.5 else f"{levels[middle]:.3g} quantile"
    ends = f"{100 * levels[low]:.3g}% to {100 * levels[high]:.3g}% quantile"
    steps = np.unique(np.linspace(1, forecast.horizon, _MOST_ROWS).round().astype(int))
    volatility, returns = forecast.volatility.to_numpy(), forecast.returns.to_numpy()
    rows = [
        (f"{step}", *(
            text
            for values in (volatility[step - 1], returns[step - 1])
            for text in (
                significant(values[middle], max(abs(values[low]), abs(values[high]))),
                significant_interval(values[low], values[high]),
            )
        ))
        for step in steps
    ]  # fmt: skip
    said = [
        f"{'The next period' if step == 1 else f'{step} periods ahead'}: volatility {row[1]}, "
        f"{row[2]}; return {row[4]}"
        for step, row in ((steps[0], rows[0]), (steps[-1], rows[-1]))[: min(2, steps.size)]
    ]
    return Card(
        "VolatilityForecast",
        [f"{'. '.join(said)} ({centre}; {ends})."],
        forecast.doubts,
        Table(("periods ahead", "volatility", ends, "return", ends), rows),
        Sparkline(volatility[:, middle], f"Volatility to come, {centre}")
        if forecast.horizon > 2
        else None,
    )


def _of(fitted: FittedVolatility) -> str:
    """Return which returns a model was fitted to."""
    known, index = int(np.isfinite(fitted.taken.values).sum()), fitted.series.index
    last = "" if index is None else f" up to {row_label(index[-1])}"
    return f"{known:,} returns of {fitted.series.name}{last}"


def _next(fitted: FittedVolatility) -> str:
    """Return volatility in the next period, or what it depends on."""
    coming = fitted.draws.scalars().get("volatility_forecast")
    if coming is None:
        names = ", ".join(fitted.regressors.variance.given.names)
        return f"Volatility of the next period depends on {names} then: see forecast."
    low, high = highest_density_interval(coming.ravel(), _PROB)
    return _coming(float(coming.mean()), float(low), float(high))


def _coming(mean: float, low: float, high: float) -> str:
    return (
        f"Volatility of the next period {significant(mean, high)}, {percent(_PROB, 0)} between "
        f"{significant(low, high)} and {significant(high)}, in the returns' unit."
    )


def _mean_and_interval(draws: Array) -> tuple[str, str]:
    low, high = (float(bound) for bound in highest_density_interval(draws, _PROB))
    return significant(float(draws.mean()), max(abs(low), abs(high))), significant_interval(
        low, high
    )


def _rough_path(fitted: FittedVolatility) -> Array:
    """Return the mean of volatility, over some of the draws and at some of the times."""
    states = fitted.flat_states
    draws, times = (
        max(1, size // most)
        for size, most in zip(states.shape, (_MOST_DRAWS, _MOST_TIMES), strict=True)
    )
    return np.asarray(np.exp(0.5 * states[::draws, ::times].astype(float)).mean(axis=0))
