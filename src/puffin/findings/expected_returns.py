r"""The returns that a Sharpe ratio's model would expect to see.

With draws :math:`(\mu, \sigma, \nu)` of the posterior, the predictive density of one return is the
average of their Student-t densities. Where the model is an AR(1) the return before is not known, so
the centre of each is moved by a simulated past, :math:`\sum_k \rho^k e_{t-k}`. Where the strategy
is often flat, it is the density of the returns of active periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from puffin.arrays import Array
from puffin.models.sharpe import SharpePosterior
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["ExpectedReturns", "expected_returns"]

_DRAWS = 1000
_PAST = 60


@dataclass(frozen=True)
class ExpectedReturns:
    """Student-t distributions of one return, one a draw, and the returns that they are for.

    Attributes
    ----------
    centre, scale, tail : ndarray of shape (n_draws,)
        Location, scale and degrees of freedom.
    observed : ndarray of shape (n_observations,)
        Simple returns; of active periods only, where the model is a hurdle.
    share_active : float
        1 unless the model is a hurdle.
    """

    centre: Array
    scale: Array
    tail: Array
    observed: Array
    share_active: float

    def density(self, at: Array) -> Array:
        """Return the predictive density, shape of `at`."""
        z = (at[:, None] - self.centre) / self.scale
        log_constant = (
            special.gammaln((self.tail + 1.0) / 2.0)
            - special.gammaln(self.tail / 2.0)
            - 0.5 * np.log(np.pi * self.tail)
            - np.log(self.scale)
        )
        log_density = log_constant - (self.tail + 1.0) / 2.0 * np.log1p(z**2 / self.tail)
        return np.asarray(np.exp(log_density).mean(axis=1))

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
        z = (edges[:, None] - self.centre) / self.scale
        shares = np.clip(np.diff(special.stdtr(self.tail, z), axis=0), 0.0, 1.0)
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
    centre, scale, tail = (posterior.flat(name)[chosen] for name in ("mu", "sigma", "nu"))
    if "rho" in posterior.variables:
        centre = centre + _simulated_past(posterior.flat("rho")[chosen], scale, tail, seed)
    excess = posterior.observed["excess_returns"]
    flat = sharpe["flat"]
    active = excess if flat is None else excess[excess != flat - rate]
    return ExpectedReturns(
        centre=centre + rate,
        scale=scale,
        tail=tail,
        observed=np.asarray(active + rate),
        share_active=active.size / excess.size,
    )


def _simulated_past(rho: Array, scale: Array, tail: Array, seed: int) -> Array:
    random = np.random.default_rng(seed)
    past = np.zeros_like(rho)
    for _ in range(_PAST):
        past = rho * (past + scale * random.standard_t(tail))
    return past
