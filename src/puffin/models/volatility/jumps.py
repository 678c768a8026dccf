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
    some = slice(None, None, -(-fitted.flat_states.shape[0] // _MOST_DRAWS))
    draws, names = fitted.draws, (*fitted.draws.parameter_names(), "h_next")
    variables = {name: draws.variables[name][:, :: fitted.thin].ravel()[some] for name in names}
    states = fitted.flat_states[some].astype(np.float64)
    explained = draws.coefficients.explained(fitted.regressors.design, variables)
    chain = np.column_stack([states - explained.log_variance, variables["h_next"]])
    parameters = {name: values[:, None] for name, values in variables.items()}
    y, parts = fitted.observed - explained.mean, []
    for first in range(0, y.shape[-1], _COLUMNS):
        times = slice(first, min(first + _COLUMNS, y.shape[-1]))
        eta = _shocks(chain[:, first : times.stop + 1], parameters)
        parts.append(_averaged(_jump(y[..., times], states[:, times], eta, parameters, law)))
    probability, size = np.concatenate(parts, axis=1)
    return pd.DataFrame({"probability": probability, "size": size}, fitted.series.index)


def _shocks(chain: Array, parameters: dict[str, Array]) -> Array:
    """Return those of the log-variance after each, less what regressors explain."""
    mu, phi, sigma = (parameters[name] for name in ("mu", "phi", "sigma"))
    return np.asarray((chain[:, 1:] - mu - phi * (chain[:, :-1] - mu)) / sigma)


def _jump(y: Array, h: Array, eta: Array, parameters: dict[str, Array], law: WithJumps) -> Jump:
    """Return what each draw says of each return."""
    given = law.given_volatility(h, parameters)
    tie = UNTIED
    if "rho" in parameters:
        rho = parameters["rho"]
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
