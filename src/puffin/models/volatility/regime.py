"""Whether volatility is low, normal or high."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.settings import Seed
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.validation import positive_number

__all__ = ["HIGH", "LOW", "REGIMES", "estimate_volatility_regime", "regime_probabilities"]

REGIMES = ("low", "normal", "high")
LOW, HIGH = 0.75, 1.5
"""Where a regime ends, as multiples of the typical volatility."""

_ROWS = 64


def estimate_volatility_regime(
    returns: Any,
    samples: int = 1000,
    *,
    low: float = LOW,
    high: float = HIGH,
    hdi_prob: float = 0.94,
    model: StochasticVolatilityModel | None = None,
    engine: str = "native",
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    progressbar: bool = False,
    missing: str = "raise",
    date: str | None = None,
) -> pd.DataFrame:
    r"""Return each period's volatility, and the regime that it is in.

    Volatility is compared with its typical level :math:`e^{\mu/2}`, draw by draw, so that the
    uncertainty of both counts: low is below `low` times that level, high above `high` times.
    `regime` is the most probable of the three.

    Volatility moves by itself here, and regimes are cuts through its level, the same share of it
    for every series. Where the question is which of a few hidden regimes it is, each with a mean
    and a volatility of its own, how long it lasts and what comes after it, or how many there are,
    use `BayesianRegimeSwitching`.

    Parameters
    ----------
    returns : array-like, pandas Series, or polars Series or DataFrame
    samples : int, default 1000
        Draws of each chain.
    low, high : float, default 0.75 and 1.5
        The regimes' bounds, as multiples of the typical volatility.
    hdi_prob : float, default 0.94
    model : StochasticVolatilityModel, optional
        Which model to fit; by default the one of `puffin vol` and the report, Student-t errors
        without leverage. With normal errors each large return would be a day of high volatility.
    engine : {"native", "pymc"}
        What draws, where no model is given.
    tune, chains, cores, random_seed, progressbar, missing, date
        As in `StochasticVolatilityModel.fit`.

    Returns
    -------
    DataFrame
        On the returns' index: volatility (posterior mean), vol_lower, vol_upper (highest-density
        interval), regime, prob_low, prob_normal, prob_high. Smoothed: all returns are used for
        every period.
    """
    low, high = positive_number("low", low), positive_number("high", high)
    if not low < high:
        raise ValueError(f"low must be below high; found {low} and {high}.")
    if model is None:
        model = StochasticVolatilityModel("student", engine=engine)
    elif not isinstance(model, StochasticVolatilityModel):
        raise TypeError(f"model must be a StochasticVolatilityModel; found {type(model).__name__}.")
    fresh = model.unfitted()
    fresh.fit(
        returns, samples, tune, chains=chains, cores=cores, random_seed=random_seed,
        progressbar=progressbar, missing=missing, date=date,
    )  # fmt: skip
    table = fresh.volatility(hdi_prob=hdi_prob)
    probabilities = regime_probabilities(fresh.fitted, low, high)
    most = np.argmax(probabilities, axis=0)
    columns: dict[str, Any] = {
        "volatility": table["mean"].to_numpy(),
        "vol_lower": table["hdi_low"].to_numpy(),
        "vol_upper": table["hdi_high"].to_numpy(),
        "regime": pd.Categorical(np.array(REGIMES)[most], list(REGIMES), ordered=True),
    }
    columns |= {f"prob_{name}": probabilities[row] for row, name in enumerate(REGIMES)}
    result = pd.DataFrame(columns, index=table.index)
    result.attrs["method"] = fresh.method
    return result


def regime_probabilities(fitted: FittedVolatility, low: float = LOW, high: float = HIGH) -> Array:
    """Return the probability of each regime at each time, shape (3, n_times), in their order.

    A fallback has no typical level of its own: the standard deviation of all returns stands in.
    """
    if fitted.is_fallback:
        level = np.full(1, 2.0 * np.log(np.nanstd(fitted.series.values)))
    else:
        level = fitted.posterior.variables["mu"][:, :: fitted.thin].ravel()
    return _shares(fitted.flat_states, level, low, high)


def _shares(states: Array, level: Array, low: float, high: float) -> Array:
    """Return the share of draws in each regime, shape (3, n_times)."""
    levels = np.broadcast_to(level, states.shape[0]).astype(np.float32)[:, None]
    below, above = np.zeros(states.shape[1]), np.zeros(states.shape[1])
    lower, upper = np.float32(2.0 * np.log(low)), np.float32(2.0 * np.log(high))
    for first in range(0, states.shape[0], _ROWS):
        relative = states[first : first + _ROWS] - levels[first : first + _ROWS]
        below += np.count_nonzero(relative < lower, axis=0)
        above += np.count_nonzero(relative > upper, axis=0)
    below, above = below / states.shape[0], above / states.shape[0]
    return np.array([below, 1.0 - below - above, above])
