r"""The returns that a Sharpe ratio's model would expect to see.

With draws of mean, standard deviation and shape from the posterior, the predictive density of one
return is the average of the law's densities. Where the model is an AR(1) the return before is not
known, so the centre of each is moved by a simulated past, :math:`\sum_k \rho^k e_{t-k}`. Where the
strategy is often flat, it is the density of the returns of active periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.laws import Law, Shape
from puffin.models.sharpe import SharpePosterior
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["ExpectedReturns", "expected_returns"]

_DRAWS = 1000
_PAST = 60


@dataclass(frozen=True)
class ExpectedReturns:
    """Distributions of one return, one a draw, and the returns that they are for.

    Attributes
    ----------
    centre, deviation : ndarray of shape (n_draws,)
        Mean and standard deviation.
    law : Law
        Of errors.
    shape : mapping of str to ndarray of shape (n_draws,)
        Its shape parameters.
    observed : ndarray of shape (n_observations,)
        Simple returns; of active periods only, where the model is a hurdle.
    share_active : float
        1 unless the model is a hurdle.
    """

    centre: Array
    deviation: Array
    law: Law
    shape: Shape
    observed: Array
    share_active: float

    def density(self, at: Array) -> Array:
        """Return the predictive density, shape of `at`."""
        error = (at[:, None] - self.centre) / self.deviation
        density = np.exp(self.law.log_density(error, self.shape)) / self.deviation
        return np.asarray(density.mean(axis=1))

    def counts(self, edges: Array, prob: float, seed: int) -> tuple[Array, Array]:
        """Return the interval that the number of returns in each bin should be in.

        Parameters
        ----------
        edges : ndarray of shape (n_bins + 1,)
        prob : float
        seed : int

        Returns
        -------
        low, high : ndarray of shape (n_bins,)
        """
        error = (edges[:, None] - self.centre) / self.deviation
        shares = np.clip(np.diff(self.law.cdf(error, self.shape), axis=0), 0.0, 1.0)
        simulated = np.random.default_rng(seed).binomial(self.observed.size, shares)
        tail = (1.0 - prob) / 2.0
        low, high = np.quantile(simulated, [tail, 1.0 - tail], axis=1)
        return low, high


def expected_returns(sharpe: SharpePosterior, seed: int) -> ExpectedReturns:
    """Return the predictive distribution of the returns behind a Sharpe ratio."""
    rate = period_risk_free_rate(sharpe["risk_free_rate"], sharpe["periods_per_year"])
    posterior = sharpe.posterior
    size = posterior.flat("mu").size
    chosen = np.unique(np.linspace(0, size - 1, min(size, _DRAWS)).astype(int))
    law = sharpe.law
    centre, deviation = (posterior.flat(name)[chosen] for name in ("mu", "sd"))
    shape = {name: posterior.flat(name)[chosen] for name in law.shape_names}
    if "rho" in posterior.variables:
        rho = posterior.flat("rho")[chosen]
        deviation = deviation * np.sqrt(1.0 - rho**2)
        centre = centre + deviation * _simulated_past(rho, law, shape, seed)
    excess = posterior.observed["excess_returns"]
    flat = sharpe["flat"]
    active = excess if flat is None else excess[excess != flat - rate]
    return ExpectedReturns(
        centre=centre + rate,
        deviation=deviation,
        law=law,
        shape=shape,
        observed=np.asarray(active + rate),
        share_active=active.size / excess.size,
    )


def _simulated_past(rho: Array, law: Law, shape: Shape, seed: int) -> Array:
    """Return what the errors before, of variance 1, add to the next return."""
    stream = np.random.default_rng(seed)
    past = np.zeros_like(rho)
    for _ in range(_PAST):
        past = rho * (past + law.draw(stream, rho.shape, shape))
    return past
