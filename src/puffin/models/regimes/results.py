"""What a fitted regime-switching model says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.regimes.paths import draw_paths, run_filter
from puffin.inference.settings import Seed
from puffin.models.regimes.draws import log_mean
from puffin.models.regimes.fitted import FittedRegimes
from puffin.models.regimes.forecast import RegimeForecast, RegimePredictive, simulate_forward
from puffin.models.regimes.plots import probabilities_figure, regimes_figure
from puffin.models.regimes.updating import filter_on
from puffin.models.settings import checked_seed
from puffin.posterior import NotFittedError, Posterior, highest_density_interval, summarise
from puffin.posterior.arviz_data import ArvizData
from puffin.posterior.plotted import ParametersPlotted, Plotted
from puffin.showing.shown import Shown
from puffin.validation import as_prices, choice, finite_number, positive_integer, probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["KINDS", "LogEvidence", "RegimeResults"]

KINDS = {
    "filtered": "returns up to each period",
    "smoothed": "all returns",
    "predicted": "returns before each period",
}
"""What the probabilities of a regime are given."""

_FILTERED = 200
_QUANTILES = (0.03, 0.25, 0.5, 0.75, 0.97)


class LogEvidence(NamedTuple):
    """A log density of the returns, parameters and regimes integrated out, and its error."""

    value: float
    error: float


class RegimeResults(Shown, Plotted, ParametersPlotted):
    """The posterior of a fitted regime-switching model, in the returns' unit, and what follows."""

    _fitted: FittedRegimes | None

    @property
    def fitted(self) -> FittedRegimes:
        """Returns, settings and draws of the last fit."""
        if self._fitted is None:
            raise NotFittedError(f"This {type(self).__name__} is not fitted; call fit first.")
        return self._fitted

    @property
    def note(self) -> str:
        """Which returns count as not observed, in one sentence; empty where all are taken."""
        return self.fitted.taken.note

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the figures, or to think there are fewer regimes; or none."""
        return self.fitted.doubts

    @property
    def posterior(self) -> Posterior:
        """The draws, in the unit of the returns."""
        return self.fitted.posterior

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`."""
        return self.posterior.idata

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    @property
    def diagnostics(self) -> dict[str, Any]:
        """How sampling went.

        `method` and `engine`; the smallest `ess_bulk` and `ess_tail` and largest `r_hat` of the
        parameters; `acceptance`; how many `modes` were found to begin with; of the importance
        weights `pareto_k_hat`, `efficiency` and `largest_weight`. After an `update` by weight
        `returns_since_fit` and `efficiency_since_fit`.
        """
        posterior, rows = self.posterior, self.fitted.checks.values()
        facts: dict[str, Any] = {"method": posterior.method, "engine": posterior.engine}
        facts["ess_bulk"] = min(row["ess_bulk"] for row in rows)
        facts["ess_tail"] = min(row["ess_tail"] for row in rows)
        facts["r_hat"] = max(row["r_hat"] for row in rows)
        facts.update(
            (name, value)
            for name, value in posterior.report.items()
            if not name.startswith("log_marginal")
        )
        return facts

    @property
    def has_evidence(self) -> bool:
        """Whether there is a `log_marginal_likelihood`."""
        return "log_marginal_likelihood" in self.posterior.report

    @property
    def log_marginal_likelihood(self) -> LogEvidence:
        """Log p(returns), parameters and regimes integrated out, with its standard error.

        From the importance weights of independent proposals. Differences between models of the same
        returns with one `scale` are log Bayes factors: `compare_regimes`.
        """
        report = self.posterior.report
        if not self.has_evidence:
            raise ValueError(
                "log_marginal_likelihood comes from the importance weights of good proposals; this "
                f"fit was made by {self.method}."
            )
        return LogEvidence(report["log_marginal_likelihood"], report["log_marginal_likelihood_se"])

    def summary(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median, sd, interval, ESS and R-hat of parameters and expected durations.

        Read a duration's median: of a regime that is never left its mean and sd may not exist, and
        those of the draws are then that of the largest few.
        """
        scalars = self._scalars()
        table = pd.DataFrame(summarise(scalars, probability("hdi_prob", hdi_prob))).T
        table.insert(1, "median", [float(np.median(draws)) for draws in scalars.values()])
        return table.rename_axis("parameter")

    def _scalars(self) -> dict[str, Array]:
        return self.fitted.draws.scalars()

    def regime_probabilities(self, kind: str = "filtered") -> pd.DataFrame:
        """Return the probability that each period is in each regime, averaged over parameters.

        Parameters
        ----------
        kind : {"filtered", "smoothed", "predicted"}
            Given the returns up to and with the period's own; given all; or given those before it.
            **In each case the parameters are those of the whole sample**, later returns included,
            so that none of the three may be traded on as it is. Free of look-ahead are: the last
            row of "filtered", and what `update` says as returns come; `next_regime`;
            `BayesianRegimeSwitching.real_time`, and `puffin.strategies.RegimeFilter`, which fit to
            the past alone.

        Returns
        -------
        DataFrame
            On the returns' index, a column for each regime, from 1. An average over 400 draws.
        """
        paths = self.fitted.averaged_paths
        values = getattr(paths, choice("kind", kind, tuple(KINDS)))[:-1]
        return self._table(values)

    def filtered_on(self, returns: Any) -> Array:
        """Return the probabilities of the next regime after each of other returns.

        By the parameters of this fit as they are, and the filter from the first of the returns on:
        where these are later than those fitted, nothing looks ahead, and nothing is learnt of the
        parameters either.

        Parameters
        ----------
        returns : array-like of shape (n_times,)
            NaN where one is missing.

        Returns
        -------
        ndarray of shape (n_times, n_regimes)
        """
        y = np.asarray(returns, dtype=np.float64)
        parameters, total = self.fitted.some_draws(_FILTERED), 0.0
        for found in run_filter(y, parameters, self.fitted.draws.law):
            total = total + found.predicted[:, 1:].sum(axis=0)
        return np.asarray(total / len(parameters.mean))

    @property
    def next_regime(self) -> pd.Series[float]:
        """The probability of each regime in the period after all returns, over all draws."""
        values = self.fitted.draws.ahead.mean(axis=(0, 1))
        return pd.Series(values, self._columns, name="probability")

    @property
    def _columns(self) -> pd.Index[int]:
        return pd.Index(self.fitted.regimes, name="regime")

    def _table(self, values: Array) -> pd.DataFrame:
        return pd.DataFrame(values, self.fitted.series.index, self._columns)

    def draw_regimes(self, samples: int = 200) -> NDArray[np.int8]:
        """Return whole paths of regimes, drawn given all returns: shape (samples, n_times).

        By forward filtering and backward sampling, each path with another draw of the parameters,
        evenly spaced over all of them. Regimes are numbered from 1. With one seed the paths are the
        same.
        """
        fitted, samples = self.fitted, positive_integer("samples", samples)
        [stream] = streams(fitted.settings.seed, 1, purpose=Purpose.REGIME_PATHS)
        n = len(fitted.draws.parameters.mean)
        chosen = np.arange(samples) * n // samples
        parameters = fitted.draws.parameters.take(chosen)
        paths = [
            draw_paths(found, parameters.transition, stream)
            for found in run_filter(fitted.observed, parameters, fitted.draws.law)
        ]
        return np.asarray(np.concatenate(paths)[:, :-1] + 1, dtype=np.int8)

    def expected_durations(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        r"""Return how many periods a regime lasts on average, :math:`1 / (1 - P_{jj})`.

        Returns
        -------
        DataFrame
            A row for each regime: mean, median, hdi_low, hdi_high of the posterior. The median
            says more than the mean, which one draw with rare switches can move, and which need not
            exist where a regime is never left.
        """
        probability("hdi_prob", hdi_prob)
        staying = np.diagonal(self.fitted.draws.variables["transition"], axis1=-2, axis2=-1)
        with np.errstate(divide="ignore"):
            durations = (1.0 / (1.0 - staying)).reshape(-1, staying.shape[-1])
        rows = [
            (one.mean(), np.median(one), *map(float, highest_density_interval(one, hdi_prob)))
            for one in durations.T
        ]
        columns = ["mean", "median", "hdi_low", "hdi_high"]
        return pd.DataFrame(rows, self._columns, columns)

    @property
    def return_sd_forecast(self) -> float:
        """Standard deviation of the next return, regimes and parameters averaged."""
        return float(self.predictive().standard_deviation)

    def log_predictive_density(self, value: float) -> float:
        """Return the log density of the next period's return, parameters and regimes averaged.

        Its sum over a series of updates is the model's one-step-ahead log score.
        """
        sampled = self.fitted.sampled
        found = filter_on(sampled, np.array([finite_number("value", value)]))
        logs = sampled.weights + found.log_predictive.reshape(sampled.weights.shape)
        return log_mean(logs) - log_mean(sampled.weights)

    def predictive(self, horizon: int = 1) -> RegimePredictive:
        """Return the distribution of the return, added up over the next `horizon` periods.

        What `puffin.risk` and `puffin.portfolio` ask: the mixture of the regimes' laws.
        """
        return RegimePredictive(self.fitted, positive_integer("horizon", horizon))

    def forecast(self, horizon: int = 1, quantiles: Sequence[float] = _QUANTILES) -> RegimeForecast:
        """Return regimes and returns 1 to `horizon` periods ahead, period by period.

        Parameters
        ----------
        horizon : int, default 1
        quantiles : sequence of float
        """
        horizon = positive_integer("horizon", horizon)
        levels = [probability("quantiles", level) for level in quantiles]
        return RegimeForecast.of(self.fitted, horizon, levels)

    def simulate(
        self, n_periods: int, samples: int = 1000, *, random_seed: Seed = None
    ) -> tuple[NDArray[np.int8], Array]:
        """Return regimes and returns of histories as the model expects them.

        Each begins anywhere, in a regime of the stationary distribution, with the parameters of
        one draw of the posterior: what to hold the data against, or to stress a strategy with.

        Parameters
        ----------
        n_periods : int
        samples : int, default 1000
            How many histories.
        random_seed : int, optional

        Returns
        -------
        regimes : ndarray of int of shape (samples, n_periods)
            Numbered from 1.
        returns : ndarray of shape (samples, n_periods)
        """
        n_periods = positive_integer("n_periods", n_periods)
        samples = positive_integer("samples", samples)
        [stream] = streams(checked_seed(random_seed), 1, purpose=Purpose.REGIME_HISTORIES)
        draws = self.fitted.draws
        n = len(draws.parameters.mean)
        parameters = draws.parameters.take(np.arange(samples) * n // samples)
        regimes, returns = simulate_forward(
            parameters, parameters.initial, draws.law, n_periods, stream
        )
        return np.asarray(regimes + 1, dtype=np.int8), returns

    @overload
    def plot_regimes(self, kind: str = ..., *, prices: Any = ...) -> Figure: ...

    @overload
    def plot_regimes(self, kind: str = ..., *, prices: Any = ..., ax: Axes) -> Axes: ...

    def plot_regimes(
        self, kind: str = "smoothed", *, prices: Any = None, ax: Axes | None = None
    ) -> Figure | Axes:
        """Plot returns, or prices, over a background shaded by the most probable regime.

        Parameters
        ----------
        kind : {"smoothed", "filtered", "predicted"}
        prices : Series or DataFrame of one column, optional
            To be drawn in place of the returns, at whose dates they are taken.
        ax : matplotlib Axes, optional
        """
        fitted, probabilities = self.fitted, self.regime_probabilities(kind)
        values, label = fitted.series.pandas, "return"
        if prices is not None:
            frame = as_prices(prices).frame
            if frame.shape[1] != 1:
                raise ValueError(f"prices must be one series; found {frame.shape[1]} columns.")
            values, label = frame.iloc[:, 0].reindex(values.index), "price"
        title = f"Most probable regime of {fitted.series.name}, given {KINDS[kind]}"
        return regimes_figure(values, probabilities, label, title, ax)

    @overload
    def plot_probabilities(self, kind: str = ...) -> Figure: ...

    @overload
    def plot_probabilities(self, kind: str = ..., *, ax: Axes) -> Axes: ...

    def plot_probabilities(self, kind: str = "filtered", *, ax: Axes | None = None) -> Any:
        """Plot the probabilities of all regimes through time, one on the other."""
        probabilities = self.regime_probabilities(kind)
        title = f"Regimes of {self.fitted.series.name}, given {KINDS[kind]}"
        return probabilities_figure(probabilities, title, ax)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        return self.plot_regimes() if ax is None else self.plot_regimes(ax=ax)
