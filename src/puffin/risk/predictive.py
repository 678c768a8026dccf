r"""What the return to come may be: an average of known distributions, one for each draw.

Given a draw of the parameters and of the path up to the last step, the return is normal or
Student-t with known location m and standard deviation s. To average those distributions over the
draws, rather than to simulate one return from each, is the Rao-Blackwell estimate of the predictive
distribution (Gelfand & Smith 1990): smooth, and good far out in the tails, where few simulated
returns fall.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp, ndtr, ndtri, stdtr

from puffin.arrays import Array
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
    r"""The average of normal or Student-t distributions, one for each draw.

    .. math::

        p(y) = \frac{1}{n} \sum_i p(y \mid m_i, s_i, \nu_i), \qquad
        y = m + s e, \quad \operatorname{Var} e = 1

    Attributes
    ----------
    location, spread : ndarray of shape (n_chains, n_draws)
        Mean and standard deviation given each draw.
    nu : ndarray of shape (n_chains, n_draws) or None
        Degrees of freedom above 2; None for normal distributions.
    """

    location: Array
    spread: Array
    nu: Array | None

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
        z = self._standardised(y)
        return np.asarray(ndtr(z) if self.nu is None else stdtr(self.nu, z))

    def conditional_shortfall(self, y: float) -> Array:
        r"""Return :math:`E[(y - Y)^+]` given each draw, by its closed form.

        With distribution function F, density f and z = (y - m) / s it is
        :math:`(y - m) F(z) + s f(z)` for normal errors, and for Student-t errors of unit variance,
        with :math:`c = z \sqrt{\nu / (\nu - 2)}` and the usual t's f and F,

        .. math::

            (y - m) F_\nu(c) + s \sqrt{\frac{\nu - 2}{\nu}} \frac{\nu + c^2}{\nu - 1} f_\nu(c)
        """
        z = self._standardised(y)
        density = np.exp(self._conditional_log_density(y)) * self.spread
        if self.nu is not None:
            density *= (self.nu - 2.0) / (self.nu - 1.0) * (1.0 + z * z / self.nu)
        return np.asarray((y - self.location) * self.conditional_cdf(y) + self.spread * density)

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
        """Return what is standard normal, or Student-t with the usual scale."""
        return np.asarray((y - self.location) / self._scale)

    @functools.cached_property
    def _scale(self) -> Array:
        if self.nu is None:
            return self.spread
        return np.asarray(self.spread * np.sqrt((self.nu - 2.0) / self.nu))

    @functools.cached_property
    def _log_constant(self) -> Array:
        if self.nu is None:
            return np.asarray(-0.5 * math.log(2.0 * math.pi) - np.log(self._scale))
        half = 0.5 * self.nu
        constant = gammaln(half + 0.5) - gammaln(half) - 0.5 * np.log(math.pi * self.nu)
        return np.asarray(constant - np.log(self._scale))

    def _conditional_log_density(self, y: float) -> Array:
        z = self._standardised(y)
        if self.nu is None:
            return np.asarray(self._log_constant - 0.5 * z * z)
        return np.asarray(self._log_constant - 0.5 * (self.nu + 1.0) * np.log1p(z * z / self.nu))

    def _some(self, count: int) -> PredictiveReturn:
        """Return the average over some of the draws, evenly spaced over all chains."""
        every = max(self.location.size // count, 1)
        location, spread = (array.ravel()[::every] for array in (self.location, self.spread))
        nu = None if self.nu is None else self.nu.ravel()[::every]
        return PredictiveReturn(location, spread, nu)


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
            return _checked(mean, np.exp(0.5 * variables["h_next"]), variables.get("nu"), horizon)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        forecast = model.forecast(horizon, quantiles=(0.5,))
        before = forecast.return_draws[:, :-1].sum(axis=1).reshape(shape)
        last = forecast.volatility_draws[:, -1].reshape(shape)
        return _checked(mean + before, last, variables.get("nu"), horizon)


def _checked(location: Array, spread: Array, nu: Array | None, horizon: int) -> PredictiveReturn:
    if not (np.isfinite(location).all() and np.isfinite(spread).all() and (spread > 0.0).all()):
        raise ValueError(
            f"volatility over horizon={horizon} periods leaves the range of floating-point "
            "numbers; forecast fewer periods, or look at model.summary()."
        )
    return PredictiveReturn(location, spread, nu)


def check_model(model: Any) -> StochasticVolatilityModel:
    """Return the model; raise TypeError if it is something else."""
    if not isinstance(model, StochasticVolatilityModel):
        raise TypeError(f"model must be a StochasticVolatilityModel; found {type(model).__name__}.")
    return model
