r"""Whole histories that the model of a Sharpe ratio would expect.

Each history has parameters of its own, a draw of the posterior, and returns

.. math:: r_t = \mu + \sigma e_t, \qquad e_t = \rho e_{t-1} + \sqrt{1 - \rho^2} \, u_t

with errors u of the law. :math:`\rho` is that of the model if it is an AR(1). If not, it is the one
by which the sum of many returns varies :math:`f` times as much as that of independent ones,
:math:`f^2 = (1 + \rho) / (1 - \rho)`, with f the posterior's `dependence_factor`. Periods without a
position are as often as in the draw. Volatility is constant: calms and storms are not in it.
"""

from __future__ import annotations

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.models.sharpe import SharpePosterior
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["simulated_returns"]


def simulated_returns(
    sharpe: SharpePosterior, n_periods: int, n_histories: int, seed: int
) -> Array:
    """Return simple returns, shape (n_periods, n_histories).

    No loss is larger than everything.
    """
    [stream] = streams(seed, 1, purpose=Purpose.HISTORIES)
    posterior = sharpe.posterior
    size = posterior.flat("mu").size
    chosen = np.linspace(0, size - 1, n_histories).astype(int)
    drawn = {name: posterior.flat(name)[chosen] for name in posterior.variables}
    errors = sharpe.law.draw(stream, (n_periods, n_histories), drawn)
    rho = drawn["rho"] if "rho" in drawn else _persistence(sharpe["dependence_factor"])
    returns = drawn["mu"] + drawn["sd"] * _linked(errors, np.broadcast_to(rho, (n_histories,)))
    if "prob_active" in drawn:
        active = stream.random(returns.shape) < drawn["prob_active"]
        returns = np.where(active, returns, sharpe.flat_excess)
    rate = period_risk_free_rate(sharpe["risk_free_rate"], sharpe["periods_per_year"])
    return np.asarray(np.maximum(returns + rate, -1.0))


def _persistence(dependence_factor: float) -> float:
    square = dependence_factor**2
    return (square - 1.0) / (square + 1.0)


def _linked(errors: Array, rho: Array) -> Array:
    """Return stationary errors of variance 1, each following on from the one before."""
    if not rho.any():
        return errors
    linked, fresh = np.empty_like(errors), np.sqrt(1.0 - rho**2)
    linked[0] = errors[0]
    for t in range(1, len(errors)):
        linked[t] = rho * linked[t - 1] + fresh * errors[t]
    return linked
