"""Volatility and returns in the periods to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import Purpose, fixed_seed, streams
from puffin.inference.regressors import Design, Explained
from puffin.laws import Law
from puffin.models.volatility.card import forecast_card
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.plots import forecast_figure
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import PredictiveReturn
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "FittedPredictive",
    "VolatilityForecast",
    "checked_quantiles",
    "simulate_ahead",
    "simulate_forward",
]


@dataclass(frozen=True, repr=False)
class VolatilityForecast(Shown, Plotted):
    """The predictive distribution of volatility and of returns, step by step.

    Uncertainty of the parameters and of today's volatility is in it. Means are not reported: that
    of a volatility several steps ahead need not exist.

    Attributes
    ----------
    volatility, returns : DataFrame
        A row for each step ahead (1 is the next period), a column for each quantile.
    volatility_draws, return_draws : ndarray of shape (n_draws, horizon)
    doubts : tuple of str
        Reasons not to rely on the fit that it is of.
    """

    volatility: pd.DataFrame
    returns: pd.DataFrame
    volatility_draws: Array
    return_draws: Array
    doubts: tuple[str, ...] = ()

    def _card(self) -> Card:
        return forecast_card(self)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        """Draw the quantiles of volatility and of returns, period by period."""
        return forecast_figure(self.volatility, self.returns, ax)

    @classmethod
    def of(
        cls,
        volatility_draws: Array,
        return_draws: Array,
        quantiles: Sequence[float],
        doubts: tuple[str, ...] = (),
    ) -> VolatilityForecast:
        """Return the forecast that these draws are of."""
        return cls(
            _quantile_table(volatility_draws, quantiles),
            _quantile_table(return_draws, quantiles),
            volatility_draws,
            return_draws,
            doubts,
        )

    @property
    def horizon(self) -> int:
        """The number of steps."""
        return int(self.return_draws.shape[1])


def _quantile_table(draws: Array, quantiles: Sequence[float]) -> pd.DataFrame:
    steps = pd.RangeIndex(1, draws.shape[1] + 1, name="step")
    columns: Any = pd.Index(list(quantiles), name="quantile")
    return pd.DataFrame(np.quantile(draws, quantiles, axis=0).T, steps, columns)


def checked_quantiles(quantiles: Sequence[float]) -> list[float]:
    """Return the probabilities of a forecast's quantiles; raise TypeError or ValueError if bad."""
    if not isinstance(quantiles, Sequence | np.ndarray) or len(quantiles) == 0:
        raise TypeError(f"quantiles must be a sequence of numbers; found {quantiles!r}.")
    return [probability("quantiles", level) for level in quantiles]


def simulate_forward(
    parameters: Mapping[str, Array],
    law: Law,
    horizon: int,
    stream: np.random.Generator,
    *,
    explained: Explained | None = None,
) -> tuple[Array, Array]:
    """Return log-variances and returns of the next periods, shape (n_draws, horizon) each.

    Parameters
    ----------
    parameters : mapping of str to ndarray of shape (n_draws,)
        `h_next`, `mu`, `phi` and `sigma`, what the model has of `mean` and `rho`, and the shape of
        its errors' law.
    explained : Explained, optional
        What regressors explain then, of shape (n_draws, horizon), or (horizon,).
    """
    h, mu = parameters["h_next"], parameters["mu"]
    rho = parameters.get("rho", np.zeros(1))
    states, returns = np.empty((h.size, horizon)), np.empty((h.size, horizon))
    if explained is None:
        explained = Explained(np.zeros(horizon), np.zeros(horizon))
    for step in range(horizon):
        known = stream.standard_normal(h.size)
        at = explained.at(step)
        states[:, step] = h + at.log_variance
        returns[:, step] = at.mean + law.given_volatility(states[:, step], parameters).draw(
            known, stream
        )
        shock = rho * known + np.sqrt(1.0 - rho**2) * stream.standard_normal(h.size)
        h = mu + parameters["phi"] * (h - mu) + parameters["sigma"] * shock
    return states, returns


def simulate_ahead(fitted: FittedVolatility, horizon: int, future: Design) -> tuple[Array, Array]:
    """Return log-variances and returns of the periods after the fit, shape (n_draws, horizon).

    `future` has the regressors of these periods.
    """
    fitted.check_dynamics()
    [stream] = streams(fitted.settings.seed, 1, purpose=Purpose.FORECAST)
    parameters = fitted.flat_parameters()
    explained = fitted.draws.coefficients.explained(future, parameters)
    parameters["h_next"] = fitted.draws.variables["h_next"].reshape(-1)
    return simulate_forward(parameters, fitted.law, horizon, stream, explained=explained)


@dataclass(frozen=True, repr=False)
class FittedPredictive(PredictiveReturn):
    """What a fitted model says of the return over the next periods.

    One period ahead it is exact given the draws: `h_next` is the next log-variance given all
    returns, with leverage the last of them included. Further ahead all periods but the last are
    simulated, and the last one's distribution is added.

    Attributes
    ----------
    fitted : FittedVolatility
    horizon : int
    future : Design
        Regressors in these periods.
    """

    fitted: FittedVolatility = field(kw_only=True)
    horizon: int = field(kw_only=True)
    future: Design = field(kw_only=True)

    @classmethod
    def of(
        cls, fitted: FittedVolatility, priors: VolatilityPriors, horizon: int, future: Design
    ) -> FittedPredictive:
        """Return it; raise ValueError where volatility leaves the range of floats."""
        variables, coefficients = fitted.draws.variables, fitted.draws.coefficients
        explained = coefficients.explained_at(-1, future, variables)
        h, before = np.add(variables["h_next"], explained.log_variance), np.zeros(())
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            if horizon > 1:
                states, returns = simulate_ahead(fitted, horizon, future)
                before = returns[:, :-1].sum(axis=1).reshape(h.shape)
                h = states[:, -1].reshape(h.shape)
            last = fitted.law.given_volatility(h, variables)
            location = np.broadcast_to(last.location + explained.mean + before, h.shape)
            spread = last.spread
        if not (np.isfinite(location).all() and np.isfinite(spread).all() and spread.all()):
            raise ValueError(
                f"volatility over horizon={horizon} periods leaves the range of floating-point "
                "numbers; forecast fewer periods, or look at model.summary()."
            )
        return cls(
            location,
            spread,
            last.law,
            last.shape,
            seed=fixed_seed(fitted.settings.seed),
            mean_exists=_mean_exists(fitted, priors, horizon),
            index=fitted.calendar,
            fitted=fitted,
            horizon=horizon,
            future=future,
        )

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the fit."""
        return self.fitted.doubts

    @property
    def draws(self) -> Array:
        """The returns of the model's forecast, by draw and period."""
        with np.errstate(over="ignore", invalid="ignore"):
            _, returns = simulate_ahead(self.fitted, self.horizon, self.future)
        return returns.reshape(*self.location.shape, self.horizon)


def _mean_exists(fitted: FittedVolatility, priors: VolatilityPriors, horizon: int) -> bool:
    """Whether the expected volatility `horizon` periods ahead is finite under the prior of sigma.

    Missing returns at the end of those fitted are periods ahead, too.
    """
    known = np.flatnonzero(np.isfinite(fitted.series.values))
    ahead = horizon + fitted.series.values.size - 1 - int(known[-1])
    return fitted.is_fallback or ahead * priors.sigma_sd**2 <= 4.0
