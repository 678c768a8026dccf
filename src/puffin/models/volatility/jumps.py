"""When returns jumped, and how far."""

from __future__ import annotations

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.laws import WithJumps
from puffin.laws.jumps import UNTIED, Jump, Tie
from puffin.models.volatility.fitted import FittedVolatility

__all__ = ["jump_table"]

_MOST_DRAWS = 2000
_COLUMNS = 32


def jump_table(fitted: FittedVolatility, law: WithJumps) -> pd.DataFrame:
    """Return the probability that each return had a jump, and its expected size if it had one.

    Given a draw of the parameters and log-variances both are known exactly (`WithJumps.jump`); with
    leverage the shock of the next log-variance says something of the return's own. They are
    averaged over the draws, or some of them, evenly spaced. Of a missing return the probability is
    kappa.

    Returns
    -------
    DataFrame
        On the returns' index: probability, size.
    """
    states, last = fitted.flat_states, fitted.posterior.variables["h_next"][:, :: fitted.thin]
    some = slice(None, None, -(-states.shape[0] // _MOST_DRAWS))
    names = fitted.draws.parameter_names()
    variables = fitted.posterior.variables
    parameters = {name: variables[name][:, :: fitted.thin].reshape(-1, 1)[some] for name in names}
    h = np.column_stack([states[some], last.ravel()[some]]).astype(np.float64)
    y, parts = fitted.observed, []
    for first in range(0, y.size, _COLUMNS):
        times = slice(first, min(first + _COLUMNS, y.size))
        following = h[:, first + 1 : times.stop + 1]
        parts.append(_averaged(_jump(y[times], h[:, times], following, parameters, law)))
    probability, size = np.concatenate(parts, axis=1)
    return pd.DataFrame({"probability": probability, "size": size}, fitted.series.index)


def _jump(
    y: Array, h: Array, following: Array, parameters: dict[str, Array], law: WithJumps
) -> Jump:
    """Return what each draw says of each return."""
    given = law.given_volatility(h, parameters)
    tie = UNTIED
    if "rho" in parameters:
        mu, rho = parameters["mu"], parameters["rho"]
        eta = (following - mu - parameters["phi"] * (h - mu)) / parameters["sigma"]
        tie = Tie(rho * eta, 1.0 - rho**2)
    found = law.jump((y - given.location) / given.spread, given.shape, tie)
    volatility, known = np.exp(0.5 * h), np.isfinite(y)
    return Jump(
        np.where(known, found.probability, parameters["kappa"]),
        np.where(known, volatility * found.size, parameters["jump_mean"]),
    )


def _averaged(jump: Jump) -> Array:
    """Return mean probability, and the mean size by probability, shape (2, n_times)."""
    total = jump.probability.sum(axis=0)
    sizes = (jump.probability * jump.size).sum(axis=0)
    return np.array([total / jump.probability.shape[0], sizes / np.maximum(total, 1e-300)])
