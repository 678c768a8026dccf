"""From returns to draws: the engine, or its fallback."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.draws import Draws
from puffin.inference.ewma import sample_ewma
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.measures import Measure
from puffin.inference.next_state import draw_next_state
from puffin.inference.regressors import NO_COEFFICIENTS, Coefficients, Design
from puffin.inference.settings import Settings
from puffin.inference.stochastic_volatility import (
    StochasticVolatility,
    sample_stochastic_volatility,
)
from puffin.laws import LAWS, Law
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.draws import VolatilityDraws
from puffin.models.volatility.kept_states import KeptStates
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.ties import dither_ties, resolution
from puffin.models.volatility.unit import Unit
from puffin.posterior import SAMPLING_FAILURES, FallbackWarning

__all__ = ["Specification", "sample_volatility"]


@dataclass(frozen=True)
class Specification:
    """Which model of the family, its priors, and what draws from it."""

    law: Law
    leverage: bool
    mean: str
    priors: VolatilityPriors
    engine: str
    measures: tuple[Measure, ...] = ()
    coefficients: Coefficients = NO_COEFFICIENTS

    @property
    def constant_mean(self) -> bool:
        """Whether the returns' mean is estimated."""
        return self.mean == "constant"

    @property
    def on_scaled_returns(self) -> StochasticVolatility:
        """The model for the samplers."""
        return StochasticVolatility(
            self.law, self.leverage, self.constant_mean,
            float(self.priors.mu_sd), self.priors.on_scaled_returns, self.measures,
            self.coefficients,
        )  # fmt: skip


def sample_volatility(
    returns: Array,
    data: VolatilityData,
    specification: Specification,
    settings: Settings,
    *,
    thin: int,
    start: Start | None = None,
) -> VolatilityDraws:
    """Draw from the engine; if it fails, from an EWMA, with a warning.

    Parameters
    ----------
    returns : ndarray of shape (n_times,)
        Those of `data` that count as observed; NaN where one is missing.
    data : VolatilityData
    start : Start, optional
        Of an earlier fit.
    """
    step = resolution(returns)
    y = dither_ties(returns, step)
    unit = Unit.of(y, specification.priors, data.measures, data.regressors.spreads)
    log_measures = data.measures.values - np.array(list(unit.levels.values()))
    parameters = specification.on_scaled_returns.parameters
    if start is not None:
        start = unit.scaled_start(start, parameters)
    try:
        scaled_data = _Scaled(y / unit.scale, log_measures, data.regressors.standardised)
        draws, found = _sample(scaled_data, specification, settings, thin, start)
        is_fallback = False
    except SAMPLING_FAILURES as error:
        warnings.warn(
            f"Sampling failed ({error}); the result is an exponentially weighted volatility with "
            "intervals of its own effective sample size, without parameters.",
            FallbackWarning,
            stacklevel=5,
        )
        centre = float(np.nanmean(y)) if specification.constant_mean else 0.0
        draws, found = sample_ewma((y - centre) / unit.scale, settings, thin), None
        is_fallback = True
    scaled = dict(draws.variables)
    states = KeptStates(scaled.pop("h"), unit.log_variance)
    return VolatilityDraws(
        unit.variables(scaled),
        draws.method,
        draws.statistics,
        unit.report(draws.report, int(np.isfinite(y).sum())),
        states=states,
        thin=thin,
        law=LAWS["normal"] if is_fallback else specification.law,
        unit=unit,
        measures=specification.measures,
        coefficients=NO_COEFFICIENTS if is_fallback else specification.coefficients,
        step=step,
        start=None if found is None else unit.start(found, parameters),
        is_fallback=is_fallback,
    )


class _Scaled(NamedTuple):
    """Returns, measures and regressors, as samplers take them."""

    y: Array
    log_measures: Array
    design: Design


def _sample(
    data: _Scaled,
    specification: Specification,
    settings: Settings,
    thin: int,
    start: Start | None,
) -> tuple[Draws, Start | None]:
    """Return draws of scaled returns, with the states `h` of every `thin`, and the next start."""
    model, (y, log_measures, design) = specification.on_scaled_returns, data
    if specification.engine == "pymc":
        from puffin.models._pymc.stochastic_volatility import (
            sample_stochastic_volatility as sample_by_pymc,
        )

        draws, found = (
            sample_by_pymc(y, model, settings, log_measures=log_measures, design=design),
            None,
        )
        h = draws.variables["h"]
        known = {"h": h[:, ::thin].astype(np.float32), "h_last": h[..., -1]}
    else:
        sample = sample_stochastic_volatility(
            y, model, settings, log_measures=log_measures, design=design, thin=thin, start=start
        )
        draws, found, known = sample.draws, sample.start, {}
    variables = {**draws.variables, **known}
    [stream] = streams(settings.seed, 1, purpose=Purpose.NEXT_STATE)
    variables["h_next"] = draw_next_state(
        variables["h_last"], variables, specification.law, float(y[-1]), stream,
        explained=model.coefficients.explained_at(-1, design, variables),
    )  # fmt: skip
    _explain(variables, model.coefficients, design, thin)
    return dataclasses.replace(draws, variables=variables), found


def _explain(
    variables: Mapping[str, Array], coefficients: Coefficients, design: Design, thin: int
) -> None:
    """Add to the states of every `thin` draws, in place, what regressors explain."""
    if not coefficients.of_variance:
        return
    for chain, states in enumerate(variables["h"]):
        some = {name: variables[name][chain, ::thin] for name in coefficients.names}
        np.add(
            states, coefficients.explained(design, some).log_variance, states, casting="same_kind"
        )
