r"""What comes next, parameters and volatility averaged: the distribution that risk is read off.

Given a draw of everything that is not known (parameters, today's volatility, the way there), the
return over the periods to come has a distribution of its own. The *predictive* distribution is the
average of these over the draws. Whoever has one is asked for both: for what each draw says, whose
spread is the Monte Carlo error of the average, and for the average.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri

from puffin.arrays import Array
from puffin.posterior.diagnostics import monte_carlo_error
from puffin.posterior.intervals import highest_density_interval
from puffin.showing.card import Card
from puffin.showing.numbers import significant
from puffin.validation import positive_integer, probability

__all__ = ["Predictive", "PredictiveModel", "predictive_card", "predictive_return"]

Average = np.floating[Any] | Array
"""A number, or an array of shape (n_series,) where there are many series."""

_CLOSE = 1e-5
_MOST_STEPS = 200
_NODES = 80
_NO_WEALTH = 40.0
_MOST_SERIES = 3


class Predictive(Protocol):
    r"""The predictive distribution of the return Y over the next periods, of one series or many.

    To make one, inherit from this class and say what there is to know of Y given each draw:
    `location`, `spread`, `draws` and the three abstract methods. The rest follows from them; a
    class that knows better writes it too. `PredictiveReturn` is one that is complete.

    Arrays "given each draw" have shape (n_chains, n_draws), or (n_chains, n_draws, n_series) where
    there are many series: then y may be an array of shape (n_series,), and averages are such
    arrays. Where nothing is averaged, n_chains and n_draws are 1.

    Attributes
    ----------
    location, spread : ndarray
        Mean and standard deviation given each draw.
    mean_exists : bool
        Whether the average has a finite mean, and so an expected shortfall. Further ahead it need
        not, whatever each draw says.
    index : Index or None
        Labels of the returns that are known, by which they are annualised; None without.
    """

    location: Array
    spread: Array
    mean_exists: bool = True
    index: pd.Index[Any] | None = None

    @property
    @abstractmethod
    def draws(self) -> Array:
        """Simulated returns of each period: shape (n_chains, n_simulated, n_periods[, n_series]).

        Y is their sum over periods.
        """

    @abstractmethod
    def conditional_cdf(self, y: float | Array) -> Array:
        """Return the probability of a return up to `y` given each draw."""

    @abstractmethod
    def conditional_log_density(self, y: float | Array) -> Array:
        """Return the log density at `y` given each draw."""

    @abstractmethod
    def conditional_tail_expectation(self, y: float | Array) -> Array:
        r"""Return the partial expectation :math:`E[Y \, 1\{Y \le y\}]` given each draw."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on it, such as that the fit's chains disagree; none by default."""
        return ()

    def average(self, conditional: Array | NDArray[np.bool_]) -> Average:
        """Return the average over the draws of what is known given each; all count the same."""
        average: Average = conditional.mean(axis=(0, 1))
        return average

    def error(self, conditional: Array) -> float:
        """Return the Monte Carlo standard error of that average, of one series."""
        return monte_carlo_error(conditional)

    def interval(self, conditional: Array, prob: float) -> tuple[float, float]:
        """Return the shortest interval with `prob` of the draws, of one series."""
        low, high = highest_density_interval(conditional.ravel(), prob)
        return float(low), float(high)

    def cdf(self, y: float | Array) -> Average:
        """Return the probability of a return up to `y`."""
        return self.average(self.conditional_cdf(y))

    def log_density(self, y: float | Array) -> Average:
        """Return the log density at `y`: the log score of this forecast if `y` comes."""
        logs = self.conditional_log_density(y)
        total: Average = logsumexp(logs, axis=(0, 1))
        return total - math.log(logs.shape[0] * logs.shape[1])

    def tail_expectation(self, y: float | Array) -> Average:
        r"""Return the partial expectation :math:`E[Y \, 1\{Y \le y\}]`.

        Over ``cdf(y)`` it is the mean of the returns up to `y`.
        """
        return self.average(self.conditional_tail_expectation(y))

    @property
    def standard_deviation(self) -> Average:
        r"""The square root of :math:`E[s^2] + \operatorname{Var}[m]`, over location m, spread s."""
        between = self.average((self.location - self.average(self.location)) ** 2)
        return np.sqrt(self.average(self.spread**2) + between)

    def quantile(self, prob: float) -> Average:
        """Return the return that is not exceeded with probability `prob`.

        Newton's method on the average distribution function; bisection where Newton leaves what is
        known to hold the root. A quantile of each draw's distribution is within Cantelli's bounds,
        so that of the average is too.
        """
        prob = probability("prob", prob)
        axes = (0, 1)
        below, above = math.sqrt((1.0 - prob) / prob), math.sqrt(prob / (1.0 - prob))
        low = (self.location - below * self.spread).min(axis=axes)
        high = (self.location + above * self.spread).max(axis=axes)
        y = np.clip(self._near_quantile(prob), low, high)
        found = np.zeros(y.shape, np.bool_)
        for _ in range(_MOST_STEPS):
            excess = self.cdf(y) - prob
            low, high = np.where(excess < 0.0, y, low), np.where(excess < 0.0, high, y)
            # A density of zero sends Newton's step beyond all bounds.
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                newton = y - excess / np.exp(self.log_density(y))
            inside, middle = (low <= newton) & (newton <= high), 0.5 * (low + high)
            # From here Newton's method doubles the digits in its last step.
            close = np.abs(excess) <= _CLOSE * min(prob, 1.0 - prob)
            y = np.where(found, y, np.where(inside, newton, middle))
            found = found | np.where(inside, close, (middle == low) | (middle == high))
            if found.all():
                break
        return y[()]

    def _near_quantile(self, prob: float) -> Average:
        """Return where to look for a quantile first."""
        return self.average(self.location + ndtri(prob) * self.spread)

    def conditional_shortfall(self, y: float | Array) -> Array:
        r"""Return :math:`E[(y - Y)^+]` given each draw."""
        return np.asarray(y * self.conditional_cdf(y) - self.conditional_tail_expectation(y))

    def conditional_wealth_shortfall(self, y: float | Array) -> Array:
        r"""Return :math:`E[(e^y - e^Y)^+]` given each draw.

        By parts it is :math:`\int_0^\infty e^{y - w} F(y - w) dw`: Gauss-Legendre in log(1 + w / b)
        with b the expected shortfall of Y itself below y, up to where nothing is left of wealth.
        """
        unit = self.average(self.conditional_shortfall(y)) / self.cdf(y)
        end = np.log1p(_NO_WEALTH / unit)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        total = np.zeros_like(self.location)
        for node, weight in zip(0.5 * (nodes + 1.0), 0.5 * weights, strict=True):
            w = unit * np.expm1(end * node)
            total += weight * end * (unit + w) * np.exp(y - w) * self.conditional_cdf(y - w)
        return total

    def nodes(self) -> tuple[Array, Array]:
        """Return a quadrature for expectations given each draw: that of f is ``f(y) @ weights``.

        By default the simulated returns.

        Returns
        -------
        y : ndarray
            Returns: the shape of arrays given each draw, and an axis for nodes.
        weights : ndarray of shape (n_nodes,)
        """
        return self.draws.sum(axis=2)[..., None], np.ones(1)

    def at_posterior_mean(self) -> Predictive:
        """Return the distribution if the posterior means of all unknowns were the truth.

        By default this one, where nothing is averaged.
        """
        return self


@runtime_checkable
class PredictiveModel(Protocol):
    """A model, fitted to returns, that says what comes next.

    `StochasticVolatilityModel` is one; a GARCH model of your own is, with this one method.
    """

    def predictive(self, horizon: int = 1) -> Predictive:
        """Return the distribution of the return, added up over the next `horizon` periods."""


def predictive_return(model: PredictiveModel, horizon: int = 1) -> Predictive:
    """Return the predictive distribution of one series' return over the next periods, checked.

    Parameters
    ----------
    model : PredictiveModel
        Fitted. Its returns are added up over the periods, as log returns do; simple returns would
        compound instead.
    horizon : int, default 1

    Raises
    ------
    TypeError
        If the model is none that says what comes next.
    ValueError
        If the horizon is none, or the model is of many series.
    NotFittedError
    """
    if not isinstance(model, PredictiveModel):
        raise TypeError(
            "model must say what comes next, by a method `predictive(horizon)`, as a fitted "
            f"StochasticVolatilityModel does; found {type(model).__name__}."
        )
    predictive = model.predictive(positive_integer("horizon", horizon))
    if predictive.location.ndim != 2:
        raise ValueError(
            f"model is of {predictive.location.shape[2]} series; risk is read off one, such as a "
            "portfolio's."
        )
    return predictive


def predictive_card(predictive: Predictive) -> Card:
    """Return what is shown of a predictive distribution: its mean, if it has one, and spread."""
    count = predictive.location.shape[0] * predictive.location.shape[1]
    sds = np.atleast_1d(predictive.standard_deviation)
    means = np.atleast_1d(predictive.average(predictive.location))
    said = "; ".join(
        f"mean {significant(float(mean), float(sd))}, standard deviation {significant(float(sd))}"
        if predictive.mean_exists
        else f"standard deviation over the draws {significant(float(sd))}"
        for mean, sd in list(zip(means, sds, strict=True))[:_MOST_SERIES]
    )
    more = f"; and of {sds.size - _MOST_SERIES} more series" if sds.size > _MOST_SERIES else ""
    return Card(
        type(predictive).__name__,
        [f"The return to come, averaged over {count:,} draws: {said}{more}."],
        predictive.doubts,
    )
