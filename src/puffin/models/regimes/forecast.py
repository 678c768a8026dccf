r"""Returns in the periods to come: mixtures over regimes, averaged over the draws.

Given a draw of the parameters and of all returns but the last, the last one's law is the mixture
:math:`\sum_j \pi_j f_j`, with :math:`\pi` the regime's probabilities then. One period ahead nothing
is simulated; further ahead all periods but the last are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, fixed_seed, streams
from puffin.inference.regimes.parameters import RegimeParameters
from puffin.laws import Law
from puffin.models.regimes.draws import RegimeDraws
from puffin.models.regimes.fitted import FittedRegimes
from puffin.models.regimes.plots import forecast_figure
from puffin.posterior import PredictiveReturn
from puffin.posterior.plotted import Plotted
from puffin.posterior.predictive import Predictive, predictive_card
from puffin.showing.card import Card, Table
from puffin.showing.numbers import significant, significant_interval
from puffin.showing.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RegimeForecast", "RegimePredictive", "simulate_forward"]

_MOST_ROWS = 8


def simulate_forward(
    parameters: RegimeParameters,
    start: Array,
    law: Law,
    periods: int,
    stream: np.random.Generator,
) -> tuple[NDArray[np.int64], Array]:
    """Return regimes (from 0) and returns of the next periods, shape (n_draws, periods) each.

    Parameters
    ----------
    start : ndarray of shape (n_draws, n_regimes)
        Probabilities of the first period's regime.
    """
    n = len(start)
    regimes, returns = np.empty((n, periods), np.int64), np.empty((n, periods))
    rows, probabilities = np.arange(n), start
    for t in range(periods):
        cumulated = np.cumsum(probabilities, axis=1)
        chosen = (stream.random(n)[:, None] * cumulated[:, -1:] >= cumulated).sum(axis=1)
        chosen = np.minimum(chosen, start.shape[1] - 1)
        shape = {name: values[rows, chosen] for name, values in parameters.shape.items()}
        errors = law.draw(stream, n, shape)
        regimes[:, t] = chosen
        returns[:, t] = parameters.mean[rows, chosen] + parameters.sd[rows, chosen] * errors
        probabilities = parameters.transition[rows, chosen]
    return regimes, returns


def _simulated(fitted: FittedRegimes, periods: int) -> tuple[NDArray[np.int64], Array]:
    draws = fitted.draws
    [stream] = streams(fitted.settings.seed, 1, purpose=Purpose.REGIME_FORECAST)
    start = draws.ahead.reshape(-1, draws.n_regimes)
    return simulate_forward(draws.parameters, start, draws.law, periods, stream)


class RegimePredictive(Shown, Predictive):
    """What a fitted model says of the return, added up over the next periods.

    Attributes
    ----------
    location, spread : ndarray of shape (n_chains, n_draws)
        Mean and standard deviation given each draw, over regimes.
    probabilities : ndarray of shape (n_chains, n_draws, n_regimes)
        Of the last period's regime.
    """

    def __init__(self, fitted: FittedRegimes, horizon: int) -> None:
        draws = fitted.draws
        self._fitted, self._horizon = fitted, horizon
        self._draws = draws
        chains_draws = draws.ahead.shape[:2]
        self.probabilities, before = draws.ahead, np.zeros(chains_draws)
        if horizon > 1:
            regimes, returns = _simulated(fitted, horizon)
            rows = np.arange(len(regimes))
            last = draws.parameters.transition[rows, regimes[:, -2]]
            self.probabilities = last.reshape(draws.ahead.shape)
            before = returns[:, :-1].sum(axis=1).reshape(chains_draws)
        self._means = before[..., None] + draws.variables["mean"]
        self.location = (self.probabilities * self._means).sum(axis=2)
        between = (self._means - self.location[..., None]) ** 2
        squares = draws.variables["sd"] ** 2 + between
        self.spread = np.sqrt((self.probabilities * squares).sum(axis=2))
        self.index = fitted.series.index
        self._shape = {
            name: values.reshape(draws.ahead.shape)
            for name, values in draws.parameters.shape.items()
        }

    def _card(self) -> Card:
        return predictive_card(self)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the fit."""
        return self._fitted.doubts

    @property
    def draws(self) -> Array:
        """Simulated returns, by draw and period."""
        _, returns = _simulated(self._fitted, self._horizon)
        return returns.reshape(*self.location.shape, self._horizon)

    def _errors(self, y: float | Array) -> Array:
        return np.asarray((np.asarray(y)[..., None] - self._means) / self._draws.variables["sd"])

    def conditional_cdf(self, y: float | Array) -> Array:
        """Return the probability of a return up to `y` given each draw."""
        cdf = self._draws.law.cdf(self._errors(y), self._shape)
        return np.asarray((self.probabilities * cdf).sum(axis=2))

    def conditional_log_density(self, y: float | Array) -> Array:
        """Return the log density at `y` given each draw."""
        logs = self._draws.law.log_density(self._errors(y), self._shape)
        with np.errstate(divide="ignore"):
            joint = logs - np.log(self._draws.variables["sd"]) + np.log(self.probabilities)
        return np.asarray(np.logaddexp.reduce(joint, axis=2))

    def conditional_tail_expectation(self, y: float | Array) -> Array:
        r"""Return the partial expectation :math:`E[Y \, 1\{Y \le y\}]` given each draw."""
        errors, law, sd = self._errors(y), self._draws.law, self._draws.variables["sd"]
        of_errors = law.tail_expectation(errors, self._shape)
        parts = self._means * law.cdf(errors, self._shape) + sd * of_errors
        return np.asarray((self.probabilities * parts).sum(axis=2))

    def nodes(self) -> tuple[Array, Array]:
        """Return a quadrature for expectations, given a regime that is drawn for each draw."""
        [stream] = streams(self._fitted.settings.seed, 1, purpose=Purpose.REGIME_QUADRATURE)
        uniforms = stream.random(self.location.shape)[..., None]
        chosen = (uniforms >= np.cumsum(self.probabilities, axis=2)).sum(axis=2)
        chosen = np.minimum(chosen, self._draws.n_regimes - 1)[..., None]

        def of_chosen(values: Array) -> Array:
            return np.take_along_axis(values, chosen, axis=2)[..., 0]

        return PredictiveReturn(
            of_chosen(self._means),
            of_chosen(self._draws.variables["sd"]),
            self._draws.law,
            {name: of_chosen(values) for name, values in self._shape.items()},
            seed=fixed_seed(self._fitted.settings.seed),
        ).nodes()


@dataclass(frozen=True, repr=False)
class RegimeForecast(Shown, Plotted):
    """The regimes and returns of the next periods, one by one.

    Uncertainty of the parameters and of today's regime is in it.

    Attributes
    ----------
    regimes : DataFrame
        A row for each step ahead (1 is the next period), a column for each regime's probability.
    returns : DataFrame
        Quantiles of that period's return, a column for each.
    return_draws : ndarray of shape (n_draws, horizon)
    doubts : tuple of str
        Reasons not to rely on the fit that it is of.
    """

    regimes: pd.DataFrame
    returns: pd.DataFrame
    return_draws: Array
    doubts: tuple[str, ...] = ()

    @classmethod
    def of(cls, fitted: FittedRegimes, horizon: int, quantiles: Sequence[float]) -> RegimeForecast:
        """Return the forecast of a fit."""
        _, returns = _simulated(fitted, horizon)
        steps = pd.RangeIndex(1, horizon + 1, name="step")
        columns: Any = pd.Index(fitted.regimes, name="regime")
        levels: Any = pd.Index(list(quantiles), name="quantile")
        return cls(
            pd.DataFrame(_ahead(fitted.draws, horizon), steps, columns),
            pd.DataFrame(np.quantile(returns, quantiles, axis=0).T, steps, levels),
            returns,
            fitted.doubts,
        )

    def _card(self) -> Card:
        horizon = len(self.regimes)
        steps = np.unique(np.linspace(1, horizon, min(horizon, _MOST_ROWS)).round().astype(int))
        levels = np.asarray(self.returns.columns, dtype=float)
        rows = []
        for step in steps:
            probabilities, quantiles = self.regimes.loc[step], self.returns.loc[step].to_numpy()
            low, high = float(quantiles[0]), float(quantiles[-1])
            rows.append(
                (f"{step}", *(f"{one:.0%}" for one in probabilities),
                 significant_interval(low, high))
            )  # fmt: skip
        first = self.regimes.iloc[0].to_numpy()
        likely = int(first.argmax())
        low, high = (float(self.returns.iloc[0].iloc[end]) for end in (0, -1))
        return Card(
            "RegimeForecast",
            [
                f"The next period is in regime {likely + 1} with probability {first[likely]:.0%}; "
                f"its return between {significant(low, high)} and {significant(high, low)} "
                f"({levels[0]:.3g} and {levels[-1]:.3g} quantile)."
            ],
            self.doubts,
            Table(
                ("periods ahead", *(f"regime {one}" for one in self.regimes.columns), "return"),
                rows,
            ),
        )

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        return forecast_figure(self.regimes, self.returns, ax)


def _ahead(draws: RegimeDraws, horizon: int) -> Array:
    """Return the probabilities of each regime in the next periods, averaged over the draws."""
    probabilities = draws.ahead.reshape(-1, draws.n_regimes)
    found = np.empty((horizon, draws.n_regimes))
    for step in range(horizon):
        found[step] = probabilities.mean(axis=0)
        probabilities = np.einsum("ni,nij->nj", probabilities, draws.parameters.transition)
    return found
