"""From data to a fit: the first, one from where the last was, or the last one's draws by weight."""

from __future__ import annotations

import dataclasses
import math
import warnings

import numpy as np

from puffin.inference.chains import fixed_seed
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Settings
from puffin.models.settings import check_engine
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.kept_states import thinning
from puffin.models.volatility.observed import LONG_GAP, observe
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.sampling import Specification, sample_volatility
from puffin.models.volatility.updating import add_returns
from puffin.posterior import summarise
from puffin.validation import row_label

__all__ = ["LEAST_RETURNS", "fit_data", "warn_of_a_guess", "with_more_returns"]

LEAST_RETURNS = 5


def fit_data(
    data: VolatilityData,
    specification: Specification,
    settings: Settings,
    missing: str,
    keep_states: str | int,
    start: Start | None = None,
) -> FittedVolatility:
    """Draw, and look at the draws.

    Parameters
    ----------
    data, specification, settings
        Of what, which model, and how often.
    missing, keep_states
        As the user gave them, for updates.
    start : Start, optional
        Of an earlier fit.
    """
    engine = check_engine(specification.engine)
    taken = observe(data.series.values)
    thin = thinning(keep_states, settings, taken.values.size)
    draws = sample_volatility(taken.values, data, specification, settings, thin=thin, start=start)
    checks = {} if draws.is_fallback else summarise(draws.scalars(), 0.94)
    return FittedVolatility(data, taken, settings, missing, keep_states, engine, draws, checks)


def with_more_returns(
    fitted: FittedVolatility, data: VolatilityData, priors: VolatilityPriors
) -> FittedVolatility | None:
    """Return the fit's draws by their weights given longer data, None where too few would count."""
    taken = observe(data.series.values)
    if fitted.thin != thinning(fitted.keep_states, fitted.settings, taken.values.size):
        return None
    longer = add_returns(
        fitted.sampled, fitted.observed, taken.values, data.measures, data.regressors.design,
        priors, fixed_seed(fitted.settings.seed),
    )  # fmt: skip
    if longer is None:
        return None
    return dataclasses.replace(fitted, data=data, taken=taken, sampled=longer)


def warn_of_a_guess(fitted: FittedVolatility) -> None:
    """Say so where what the last known returns said of volatility has half faded since."""
    known = np.flatnonzero(~np.isnan(fitted.series.values))
    missing = fitted.series.values.size - 1 - int(known[-1])
    phi = fitted.sampled.variables.get("phi")
    half_life = (
        LONG_GAP if phi is None else math.log(0.5) / math.log(max(float(np.median(phi)), 0.5))
    )
    if missing <= max(half_life, LEAST_RETURNS):
        return
    place = known[-1] if fitted.series.index is None else row_label(fitted.series.index[known[-1]])
    warnings.warn(
        f"the last {missing} returns are missing, after {place}: what comes next is a guess from "
        "how volatility usually is.",
        UserWarning,
        stacklevel=5,
    )
