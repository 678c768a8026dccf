r"""The average of known distributions, one for each draw.

Given a draw of the parameters and of the path up to the last step, the return has a known mean m
and standard deviation s, and its error a known law. To average those distributions over the draws,
rather than to simulate one return from each, is the Rao-Blackwell estimate of the predictive
distribution (Gelfand & Smith 1990): smooth, and good far out in the tails, where few simulated
returns fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.laws import Law, Shape
from puffin.posterior.predictive import Average, Predictive, predictive_card
from puffin.showing.card import Card
from puffin.showing.shown import Shown

__all__ = ["PredictiveReturn"]

_ROUGH_DRAWS = 512
_NODES = 24


@dataclass(frozen=True, repr=False)
class PredictiveReturn(Shown, Predictive):
    r"""The average of distributions of one law, one for each draw.

    .. math::

        p(y) = \frac{1}{n} \sum_i \frac{1}{s_i} f\left(\frac{y - m_i}{s_i}; \theta_i\right)

    with f the law's density and :math:`\theta_i` the draw of its shape.

    Attributes
    ----------
    location, spread : ndarray of shape (n_chains, n_draws) or (n_chains, n_draws, n_series)
        Mean and standard deviation given each draw; of the return over all periods, if the errors
        of all but the last are known to the draw.
    law : Law
        Of the standardised error.
    shape : mapping of str to ndarray of the same shape
        The law's shape parameters.
    before : ndarray of shape (n_chains, n_draws, n_periods - 1[, n_series]), optional
        The draws' returns of the periods before the last, where there are some.
    seed : int
        Of what is simulated.
    mean_exists : bool
    index : Index, optional
    """

    location: Array
    spread: Array
    law: Law
    shape: Shape
    before: Array | None = None
    seed: int = 0
    mean_exists: bool = True
    index: pd.Index[Any] | None = None

    def _card(self) -> Card:
        return predictive_card(self)

    @property
    def draws(self) -> Array:
        """A simulated return of each draw and period."""
        [stream] = streams(self.seed, 1, purpose=Purpose.LAST_PERIOD)
        before = self.location[:, :, None][:, :, :0] if self.before is None else self.before
        error = self.law.draw(stream, self.location.shape, self.shape)
        last = self.location - before.sum(axis=2) + self.spread * error
        return np.concatenate([before, last[:, :, None]], axis=2)

    def conditional_cdf(self, y: float | Array) -> Array:
        """Return the probability of a return up to `y` given each draw."""
        return self.law.cdf(self._error(y), self.shape)

    def conditional_log_density(self, y: float | Array) -> Array:
        """Return the log density at `y` given each draw."""
        return np.asarray(self.law.log_density(self._error(y), self.shape) - np.log(self.spread))

    def conditional_tail_expectation(self, y: float | Array) -> Array:
        r"""Return :math:`m F(z) + s T(z)` given each draw.

        F and T are the law's distribution function and partial expectation, z = (y - m) / s.
        """
        tail = self.law.tail_expectation(self._error(y), self.shape)
        return np.asarray(self.location * self.conditional_cdf(y) + self.spread * tail)

    def nodes(self) -> tuple[Array, Array]:
        """Return returns, shape (n_chains, n_draws, n_nodes), and weights of the nodes.

        Gauss-Hermite in the error's Gaussian shock; of what the law mixes over there is one draw
        each.
        """
        [stream] = streams(self.seed, 1, purpose=Purpose.QUADRATURE)
        shocks, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        mixing = self.law.mixing(stream, self.location.shape, self.shape)
        by_node = {name: values[..., None] for name, values in self.shape.items()}
        errors = self.law.error(shocks, mixing[..., None], by_node)
        returns = self.location[..., None] + self.spread[..., None] * errors
        return returns, weights / weights.sum()

    def at_posterior_mean(self) -> PredictiveReturn:
        """Return one distribution, as often as there are draws (of what its law mixes over)."""
        return PredictiveReturn(
            _averaged(self.location),
            _averaged(self.spread),
            self.law,
            {name: _averaged(values) for name, values in self.shape.items()},
            seed=self.seed,
        )

    def _near_quantile(self, prob: float) -> Average:
        """Return the quantile of some of the draws, evenly spaced over all chains."""
        every = self.location.shape[0] * self.location.shape[1] // _ROUGH_DRAWS
        if every <= 2:
            return super()._near_quantile(prob)
        shape = {name: _some(values, every) for name, values in self.shape.items()}
        location, spread = _some(self.location, every), _some(self.spread, every)
        return PredictiveReturn(location, spread, self.law, shape).quantile(prob)

    def _error(self, y: float | Array) -> Array:
        """Return the error that a return of y is, given each draw."""
        return np.asarray((y - self.location) / self.spread)


def _averaged(values: Array) -> Array:
    return np.broadcast_to(values.mean(axis=(0, 1)), values.shape)


def _some(values: Array, every: int) -> Array:
    return values.reshape(1, -1, *values.shape[2:])[:, ::every]
