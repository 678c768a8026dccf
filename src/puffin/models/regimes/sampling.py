"""From returns to draws: the engine, and the way between its unit and that of the returns."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from puffin.arrays import Array
from puffin.inference.draws import Draws
from puffin.inference.failure import SamplingError
from puffin.inference.regimes.likelihood import filter_likelihood
from puffin.inference.regimes.sampler import sample_regimes
from puffin.inference.settings import Settings
from puffin.models.regimes.draws import RegimeDraws, parameters_of
from puffin.models.regimes.specification import Specification
from puffin.models.volatility.ties import dither_ties, resolution

__all__ = ["evidence_of_regimes", "sample"]

_DRAWS, _CHAINS = 500, 2


def sample(
    returns: Array,
    specification: Specification,
    settings: Settings,
    *,
    scale: float | None = None,
    step: float | None = None,
) -> RegimeDraws:
    """Return draws given returns, NaN where one is missing.

    Parameters
    ----------
    scale, step : float, optional
        Those of an earlier fit, which is gone on with.

    Raises
    ------
    SamplingError
    """
    step = resolution(returns) if step is None else step
    y = dither_ties(returns, step)
    if scale is None:
        given = specification.priors.scale
        scale = float(np.nanstd(y)) if given == "data" else float(given)
    drawn = _draw(y / scale, specification, settings)
    variables = dict(drawn.variables)
    variables["mean"], variables["sd"] = scale * variables["mean"], scale * variables["sd"]
    report = dict(drawn.report)
    if "log_marginal_likelihood" in report:
        report["log_marginal_likelihood"] -= int(np.isfinite(y).sum()) * math.log(scale)
    law = specification.law
    ahead = filter_likelihood(y, parameters_of(variables, law), law).ahead
    return RegimeDraws(
        variables, drawn.method, drawn.statistics, report, law, scale, step, y.size,
        ahead.reshape(variables["mean"].shape),
    )  # fmt: skip


def evidence_of_regimes(
    n_regimes: int,
    returns: Array,
    draws: RegimeDraws,
    specification: Specification,
    settings: Settings,
) -> float | None:
    """Return the log evidence of another number of regimes, in the unit of the draws' priors.

    From few draws of its own: independent weights leave little error. None where there is none to
    compare it with, or where it could not be found.
    """
    if draws.n_regimes == n_regimes or "log_marginal_likelihood" not in draws.report:
        return None
    other = dataclasses.replace(specification, n_regimes=n_regimes)
    few = dataclasses.replace(settings, draws=_DRAWS, chains=_CHAINS, progressbar=False)
    try:
        found = sample(returns, other, few, scale=draws.scale, step=draws.step)
    except SamplingError:
        return None
    return found.report.get("log_marginal_likelihood")


def _draw(y: Array, specification: Specification, settings: Settings) -> Draws:
    if specification.engine == "native":
        return sample_regimes(y, specification.coordinates, settings)
    from puffin.models._pymc.regime_switching import sample_regimes as sample_with_pymc

    return sample_with_pymc(y, specification.coordinates, settings)
