"""Draws of a stochastic volatility model, in the units of the returns."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.ewma import sample_ewma
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.next_state import draw_next_state
from puffin.inference.settings import Settings
from puffin.inference.stochastic_volatility import (
    StochasticVolatility,
    sample_stochastic_volatility,
)
from puffin.laws import LAWS, Law
from puffin.models.volatility.drawn import VolatilityDraws
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.states import States
from puffin.models.volatility.ties import dither_ties, resolution
from puffin.posterior import SAMPLING_FAILURES, FallbackWarning

__all__ = ["Specification", "draw_volatility", "unit_of"]


@dataclass(frozen=True)
class Specification:
    """Which model of the family, its priors, and what draws from it."""

    law: Law
    leverage: bool
    mean: str
    priors: VolatilityPriors
    engine: str

    @property
    def on_scaled_returns(self) -> StochasticVolatility:
        """The model for the samplers."""
        return StochasticVolatility(
            self.law, self.leverage, self.mean == "constant",
            float(self.priors.mu_sd), self.priors.on_scaled_returns,
        )  # fmt: skip


def draw_volatility(
    y: Array,
    specification: Specification,
    settings: Settings,
    *,
    thin: int,
    start: Start | None = None,
) -> VolatilityDraws:
    """Draw from the engine; if it fails, from an EWMA, with a warning.

    Parameters
    ----------
    y : ndarray of shape (n_times,)
        Returns; NaN where one is missing.
    start : Start, optional
        Of an earlier fit.
    """
    step = resolution(y)
    y = dither_ties(y, step)
    scale = unit_of(y, specification.priors)
    shift = 2.0 * np.log(scale)
    law = specification.law
    try:
        scaled_start = None if start is None else _rescale(start, 1.0 / scale, specification)
        draws, states, found = _sample(
            y / scale, specification, settings, thin, shift, scaled_start
        )
    except SAMPLING_FAILURES as error:
        warnings.warn(
            f"Sampling failed ({error}); the result is an exponentially weighted volatility with "
            "intervals of its own effective sample size, without parameters.",
            FallbackWarning,
            stacklevel=4,
        )
        centre = float(np.nanmean(y)) if specification.mean == "constant" else 0.0
        draws = sample_ewma((y - centre) / scale, settings, thin)
        states, found, law = draws.variables["h"] + np.float32(shift), None, LAWS["normal"]
    moved = {"mu", "h_last", "h_next"}
    variables = {
        name: values + shift if name in moved else values
        for name, values in draws.variables.items()
        if name != "h"
    }
    if "mean" in variables:
        variables["mean"] = variables["mean"] * scale
    report = dict(draws.report)
    if "log_marginal_likelihood" in report:
        report["log_marginal_likelihood"] -= np.isfinite(y).sum() * np.log(scale)
    return VolatilityDraws(
        Draws(variables, draws.method, draws.statistics, report),
        States(states),
        thin,
        scale,
        step,
        None if found is None else _rescale(found, scale, specification),
        law,
    )


def unit_of(y: Array, priors: VolatilityPriors) -> float:
    """Return what the priors take for one, in the units of the returns."""
    return float(np.nanstd(y)) if priors.scale == "data" else float(priors.scale)


def _rescale(start: Start, factor: float, specification: Specification) -> Start:
    """Return the start for returns that are `factor` times as large."""
    point = start.point.copy()
    if specification.mean == "constant":
        point[0] *= factor
    return Start(point, start.states + 2.0 * np.log(factor))


def _sample(
    y: Array,
    specification: Specification,
    settings: Settings,
    thin: int,
    shift: float,
    start: Start | None,
) -> tuple[Draws, Array, Start | None]:
    """Return draws with `h_next`, the states, to which `shift` is added, and a start."""
    model = specification.on_scaled_returns
    if specification.engine == "pymc":
        from puffin.models._pymc.stochastic_volatility import (
            sample_stochastic_volatility as sample_by_pymc,
        )

        draws = sample_by_pymc(y, model, settings)
        variables = dict(draws.variables)
        states = (variables.pop("h")[:, ::thin] + shift).astype(np.float32)
        variables["h_last"] = draws.variables["h"][..., -1]
        found = None
    else:
        sample = sample_stochastic_volatility(
            y, model, settings, thin=thin, shift=shift, start=start
        )
        draws, found = sample.draws, sample.start
        variables = dict(draws.variables)
        states = variables.pop("h")
    [stream] = streams(settings.seed, 1, purpose=Purpose.NEXT_STATE)
    variables["h_next"] = draw_next_state(
        variables["h_last"], variables, specification.law, float(y[-1]), stream
    )
    return Draws(variables, draws.method, draws.statistics, draws.report), states, found
