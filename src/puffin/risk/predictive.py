r"""What the return to come may be: an average of known distributions, one for each draw.

Given a draw of the parameters and of the path up to the last step, the return has a known mean m
and standard deviation s, and its error a known law. To average those distributions over the draws,
rather than to simulate one return from each, is the Rao-Blackwell estimate of the predictive
distribution (Gelfand & Smith 1990): smooth, and good far out in the tails, where few simulated
returns fall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp, ndtri

from puffin.arrays import Array
from puffin.laws import Law, Shape
from puffin.models.volatility import StochasticVolatilityModel
from puffin.validation import finite_number, positive_integer, probability

__all__ = ["PredictiveReturn", "check_model", "predictive_return"]

_ROUGH_DRAWS = 512
_CLOSE = 1e-5
_MOST_STEPS = 200
_NODES = 80
_NO_WEALTH = 40.0


@dataclass(frozen=True)
class PredictiveReturn:
    r"""The average of distributions of one law, one for each draw.

    .. math::

        p(y) = \frac{1}{n} \sum_i \frac{1}{s_i} f\left(\frac{y - m_i}{s_i}; \theta_i\right)

    with f the law's density and :math:`\theta_i` the draw of its shape.

    Attributes
    ----------
    location, spread : ndarray of shape (n_chains, n_draws)
        Mean and standard deviation given each draw.
    law : Law
        Of the standardised error.
    shape : mapping of str to ndarray of shape (n_chains, n_draws)
        The law's shape parameters.
    """

    location: Array
    spread: Array
    law: Law
    shape: Shape

    def cdf(self, y: float) -> float:
        """Return the probability of a return up to `y`."""
        return float(self.conditional_cdf(finite_number("y", y)).mean())

    def log_density(self, y: float) -> float:
        """Return the log density at `y`: the log score of this forecast if `y` comes."""
        logs = self._conditional_log_density(finite_number("y", y))
        return float(logsumexp(logs) - math.log(logs.size))

    def quantile(self, prob: float) -> float:
        """Return the return that is not reached with probability `prob`.

        Newton's method on the average distribution function, from the quantile of some hundred
        draws; bisection where Newton leaves what is known to hold the root. A quantile of each
        draw's distribution is within Cantelli's bounds, so that of the average is too.
        """
        prob = probability("prob", prob)
        below, above = math.sqrt((1.0 - prob) / prob), math.sqrt(prob / (1.0 - prob))
        low = float((self.location - below * self.spread).min())
        high = float((self.location + above * self.spread).max())
        if self.location.size > 2 * _ROUGH_DRAWS:
            y = self._some(_ROUGH_DRAWS).quantile(prob)
        else:
            y = float((self.location + ndtri(prob) * self.spread).mean())
        y = min(max(y, low), high)
        for _ in range(_MOST_STEPS):
            excess = float(self.conditional_cdf(y).mean()) - prob
            low, high = (y, high) if excess < 0.0 else (low, y)
            density = float(np.exp(self._conditional_log_density(y)).mean())
            newton = y - excess / density if density > 0.0 else math.inf
            if low <= newton <= high:
                y = newton
                # From here Newton's method doubles the digits in its last step.
                if abs(excess) <= _CLOSE * min(prob, 1.0 - prob):
                    break
            else:
                y = 0.5 * (low + high)
                if y in (low, high):
                    break
        return y

    def conditional_cdf(self, y: float) -> Array:
        """Return the probability of a return up to `y` given each draw."""
        return self.law.cdf(self._standardised(y), self.shape)

    def conditional_shortfall(self, y: float) -> Array:
        r"""Return :math:`E[(y - Y)^+]` given each draw, by its closed form.

        With F and T the law's distribution function and partial expectation, and z = (y - m) / s,
        it is :math:`(y - m) F(z) - s T(z)`.
        """
        tail = self.law.tail_expectation(self._standardised(y), self.shape)
        return np.asarray((y - self.location) * self.conditional_cdf(y) - self.spread * tail)

    def conditional_wealth_shortfall(self, y: float) -> Array:
        r"""Return :math:`E[(e^y - e^Y)^+]` given each draw.

        By parts it is :math:`\int_0^\infty e^{y - w} F(y - w) dw`: Gauss-Legendre in log(1 + w / b)
        with b the expected shortfall of Y itself below y, up to where nothing is left of wealth.
        """
        below = self._some(_ROUGH_DRAWS)
        unit = below.conditional_shortfall(y).mean() / below.conditional_cdf(y).mean()
        end = math.log1p(_NO_WEALTH / unit)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        total = np.zeros_like(self.location)
        for node, weight in zip(0.5 * end * (nodes + 1.0), 0.5 * end * weights, strict=True):
            w = unit * math.expm1(node)
            total += weight * unit * math.exp(node + y - w) * self.conditional_cdf(y - w)
        return total

    def _standardised(self, y: float) -> Array:
        """Return the error that a return of y is, given each draw."""
        return np.asarray((y - self.location) / self.spread)

    def _conditional_log_density(self, y: float) -> Array:
        density = self.law.log_density(self._standardised(y), self.shape)
        return np.asarray(density - np.log(self.spread))

    def _some(self, count: int) -> PredictiveReturn:
        """Return the average over some of the draws, evenly spaced over all chains."""
        every = max(self.location.size // count, 1)
        location, spread = (array.ravel()[::every] for array in (self.location, self.spread))
        shape = {name: values.ravel()[::every] for name, values in self.shape.items()}
        return PredictiveReturn(location, spread, self.law, shape)


def predictive_return(model: StochasticVolatilityModel, horizon: int = 1) -> PredictiveReturn:
    """Return the predictive distribution of the return over the next `horizon` periods.

    One period ahead it is exact given the draws: `h_next` is the next log-variance given all
    returns, with leverage the last of them included. Further ahead all periods but the last are
    simulated, and the last one's distribution is added.

    Parameters
    ----------
    model : StochasticVolatilityModel
        Fitted. Its returns are added up over the periods, as log returns do; simple returns would
        compound instead.
    horizon : int, default 1

    Raises
    ------
    TypeError, ValueError, NotFittedError
    """
    check_model(model)
    horizon = positive_integer("horizon", horizon)
    variables = model.posterior.variables
    shape = variables["h_next"].shape
    mean = np.broadcast_to(variables.get("mean", np.zeros((1, 1))), shape)
    if horizon == 1:
        with np.errstate(over="ignore", under="ignore"):
            return _checked(model, mean, np.exp(0.5 * variables["h_next"]), horizon)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        forecast = model.forecast(horizon, quantiles=(0.5,))
        before = forecast.return_draws[:, :-1].sum(axis=1).reshape(shape)
        last = forecast.volatility_draws[:, -1].reshape(shape)
        return _checked(model, mean + before, last, horizon)


def _checked(
    model: StochasticVolatilityModel, location: Array, spread: Array, horizon: int
) -> PredictiveReturn:
    if not (np.isfinite(location).all() and np.isfinite(spread).all() and (spread > 0.0).all()):
        raise ValueError(
            f"volatility over horizon={horizon} periods leaves the range of floating-point "
            "numbers; forecast fewer periods, or look at model.summary()."
        )
    law = model.fitted.law
    return PredictiveReturn(location, spread, law, law.select(model.posterior.variables))


def check_model(model: Any) -> StochasticVolatilityModel:
    """Return the model; raise TypeError if it is something else."""
    if not isinstance(model, StochasticVolatilityModel):
        raise TypeError(f"model must be a StochasticVolatilityModel; found {type(model).__name__}.")
    return model
