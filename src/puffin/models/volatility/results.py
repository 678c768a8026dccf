"""What a fitted volatility model says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import Purpose, streams
from puffin.inference.regressors import Design
from puffin.models.volatility.filtering import filtered_states
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.forecast import (
    FittedPredictive,
    VolatilityForecast,
    checked_quantiles,
    simulate_ahead,
)
from puffin.models.volatility.given import NOTHING_GIVEN, Given
from puffin.models.volatility.jumps import jump_table
from puffin.models.volatility.paths import mean_residuals, mean_volatility, volatility_table
from puffin.models.volatility.plots import volatility_figure
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import (
    NotFittedError,
    Posterior,
    Summary,
    effective_size_of_squares,
    summarise,
)
from puffin.posterior.arviz_data import ArvizData, add_group
from puffin.posterior.plotted import ParametersPlotted, Plotted
from puffin.showing.shown import Shown
from puffin.validation import choice, finite_number, positive_integer, probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Estimate", "PathDraws", "VolatilityResults"]


class Estimate(NamedTuple):
    """A number and its Monte Carlo standard error."""

    value: float
    error: float


class PathDraws(NamedTuple):
    """Draws of the log-variances, shape (n_draws, n_times), and the mean of volatility."""

    states: Array
    mean: Array


class VolatilityResults(Shown, Plotted, ParametersPlotted):
    """The posterior of a fitted volatility model, in the units of the returns, and what follows."""

    priors: VolatilityPriors
    _fitted: FittedVolatility | None
    _given: Given = NOTHING_GIVEN

    @property
    def fitted(self) -> FittedVolatility:
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
        """Reasons not to rely on the figures; none where the draws are fine."""
        return self.fitted.doubts

    @property
    def posterior(self) -> Posterior:
        """The draws, in the units of the returns; coefficients in those of a regressor too."""
        return self.fitted.posterior

    @property
    def idata(self) -> ArvizData:
        """The draws as a container for ArviZ: see `Posterior.idata`.

        Where log-variances are kept of some draws only, they are in a group `states`.
        """
        fitted = self.fitted
        container = fitted.posterior.idata
        if fitted.thin > 1 and "states" not in container:
            import xarray as xr

            draws = np.arange(0, fitted.settings.draws, fitted.thin)
            states = xr.Dataset(
                {"h": (("chain", "draw", "time"), fitted.states)},
                {"draw": draws, "time": fitted.series.labels},
            )
            add_group(container, "states", states)
        return container

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    @property
    def diagnostics(self) -> dict[str, Any]:
        """How sampling went.

        `method` and `engine`; the smallest `ess_bulk`, `ess_tail` and `ess_squares` and largest
        `r_hat` of the parameters and the forecast (draws come in antithetic pairs: of means, which
        `ess_bulk` is about, they say more than as many independent ones; of standard deviations,
        which `ess_squares` is about, less); `acceptance`; of the importance weights `pareto_k_hat`,
        `efficiency` and `largest_weight`; `states_kept_every` so many draws. After an `update` by
        weight `returns_since_fit` and `efficiency_since_fit`; what is said of the sampler is that
        of the fit before it.
        """
        posterior = self.posterior
        rows = self._summary(0.94).values()
        facts: dict[str, Any] = {"method": posterior.method, "engine": posterior.engine}
        if posterior.statistics:
            facts["ess_bulk"] = min(row["ess_bulk"] for row in rows)
            facts["ess_tail"] = min(row["ess_tail"] for row in rows)
            facts["ess_squares"] = min(
                effective_size_of_squares(draws) for draws in self._scalars().values()
            )
            facts["r_hat"] = max(row["r_hat"] for row in rows)
        facts.update(
            (name, value)
            for name, value in posterior.report.items()
            if not name.startswith("log_marginal")
        )
        facts["states_kept_every"] = self.fitted.thin
        return facts

    @property
    def has_evidence(self) -> bool:
        """Whether there is a `log_marginal_likelihood`."""
        return "log_marginal_likelihood" in self.posterior.report

    @property
    def log_marginal_likelihood(self) -> Estimate:
        """Log p(returns), parameters and states integrated out, with its standard error.

        From the importance weights of independent proposals; its differences between models of the
        same returns are log Bayes factors (`AveragedVolatilityModel`). With ``scale="data"`` the
        priors use the returns.
        """
        report = self.posterior.report
        if not self.has_evidence:
            raise ValueError(
                "log_marginal_likelihood comes from the native sampler's importance weights; this "
                f"fit was made by {self.method}."
            )
        return Estimate(report["log_marginal_likelihood"], report["log_marginal_likelihood_se"])

    def summary(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, sd, interval, ESS and R-hat of each parameter and of the forecast."""
        table = pd.DataFrame(self._summary(probability("hdi_prob", hdi_prob))).T
        return table.rename_axis("parameter")

    def _summary(self, hdi_prob: float) -> Summary:
        return summarise(self._scalars(), hdi_prob)

    def _scalars(self) -> dict[str, Array]:
        return self.fitted.draws.scalars()

    @property
    def volatility_path(self) -> Array:
        """Posterior mean of each period's volatility given all returns, shape (n_times,)."""
        return self.fitted.volatility_path

    @property
    def volatility_forecast(self) -> float:
        """Posterior mean of the next period's volatility, exp(h / 2), jumps apart.

        With regressors of the variance it depends on their values then: see `given`, or `forecast`.
        """
        if self.fitted.draws.coefficients.of_variance:
            return float(self.forecast().volatility_draws.mean())
        return float(np.exp(0.5 * self.posterior.variables["h_next"]).mean())

    @property
    def return_sd_forecast(self) -> float:
        """Standard deviation of the next return: jumps and uncertainty of volatility included.

        With regressors it depends on their values then: see `given`, or `predictive`.
        """
        return float(self.predictive().standard_deviation)

    def log_predictive_density(
        self, value: float, *, mean_regressors: Any = None, variance_regressors: Any = None
    ) -> float:
        """Return the log density of the next period's return, parameters and volatility averaged.

        Of a return that is not in the fit yet: with a number for the priors' scale, an `update` by
        weight adds it to `log_marginal_likelihood`, and the sum over a series of updates is the
        model's log score. Regressors of a model that has some are those of that period, a row.
        """
        fitted, sampled = self.fitted, self.fitted.sampled
        fitted.check_dynamics()
        future = self._future(1, mean_regressors, variance_regressors)
        explained = sampled.coefficients.explained_at(0, future, sampled.variables)
        return sampled.log_predictive_density(finite_number("value", value), explained)

    def volatility(self, kind: str = "smoothed", hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median and highest-density interval of each period's volatility, exp(h / 2).

        Where the model has jumps, these are not in it.

        Parameters
        ----------
        kind : {"smoothed", "filtered"}
            Given all returns, or given those up to and with the period's own. The parameters are
            in both cases those of the whole sample.
        hdi_prob : float, default 0.94

        Returns
        -------
        DataFrame
            On the returns' index: mean, median, hdi_low, hdi_high.
        """
        probability("hdi_prob", hdi_prob)
        draws, index = self.path_draws(kind), self.fitted.series.index
        table = volatility_table(draws.states, draws.mean, hdi_prob)
        return table if index is None else table.set_axis(index)

    def path_draws(self, kind: str = "smoothed") -> PathDraws:
        """Return draws of the log-variances, and the mean of volatility: see `volatility`."""
        choice("kind", kind, ("smoothed", "filtered"))
        fitted = self.fitted
        if kind == "smoothed":
            return PathDraws(fitted.flat_states, self.volatility_path)
        if fitted.is_fallback:
            raise ValueError(f"{self.method} has no filtered volatility apart from the smoothed.")
        [stream] = streams(fitted.settings.seed, 1, purpose=Purpose.FILTER)
        states = filtered_states(
            fitted.observed, fitted.flat_parameters(), fitted.law, stream,
            log_measures=fitted.measures.values, measures=fitted.sampled.measures,
            coefficients=fitted.sampled.coefficients, design=fitted.regressors.design,
        )  # fmt: skip
        return PathDraws(states, mean_volatility(states))

    def jump_probability(self) -> pd.DataFrame:
        """Return the posterior probability that each return had a jump, and how large it was.

        Returns
        -------
        DataFrame
            On the returns' index: `probability`, and `size`, the expected size of the jump if there
            was one, in the unit of the returns. Of a missing return they are those of the prior
            of a day, given the parameters.

        Raises
        ------
        ValueError
            If the model has no jumps, or sampling failed.
        """
        self.fitted.check_dynamics()
        law = self.fitted.law.with_jumps
        if law is None:
            raise ValueError("this model has no jumps; make it with jumps=True, or as SVWithJumps.")
        return jump_table(self.fitted, law)

    def forecast(
        self,
        horizon: int = 1,
        quantiles: Sequence[float] = (0.03, 0.25, 0.5, 0.75, 0.97),
        *,
        mean_regressors: Any = None,
        variance_regressors: Any = None,
    ) -> VolatilityForecast:
        """Return the predictive distribution of volatility and returns, 1 to `horizon` steps ahead.

        Parameters
        ----------
        horizon : int, default 1
        quantiles : sequence of float
        mean_regressors, variance_regressors : optional
            Of a model that has them, their values in these periods, as those given to `fit`: where
            both have dates the first `horizon` rows after the last return, else `horizon` rows.
        """
        horizon, levels = positive_integer("horizon", horizon), checked_quantiles(quantiles)
        future = self._future(horizon, mean_regressors, variance_regressors)
        states, returns = simulate_ahead(self.fitted, horizon, future)
        return VolatilityForecast.of(
            np.exp(0.5 * states), returns, levels, doubts=self.fitted.doubts
        )

    def predictive(
        self,
        horizon: int = 1,
        *,
        mean_regressors: Any = None,
        variance_regressors: Any = None,
    ) -> FittedPredictive:
        """Return the distribution of the return, added up over the next `horizon` periods.

        What `puffin.risk` and `puffin.portfolio` ask: its distribution function, quantiles, and
        what is lost beyond them, with parameters and volatility averaged.

        Parameters
        ----------
        horizon : int, default 1
        mean_regressors, variance_regressors : optional
            As those of `forecast`.
        """
        horizon = positive_integer("horizon", horizon)
        future = self._future(horizon, mean_regressors, variance_regressors)
        return FittedPredictive.of(self.fitted, self.priors, horizon, future)

    def _future(self, horizon: int, mean: Any, variance: Any) -> Design:
        """Return regressors in the periods to come; raise ValueError where some are missing."""
        fitted = self.fitted
        mean, variance = self._given.regressors(mean, variance)
        return fitted.regressors.after(mean, variance, fitted.series.index, horizon)

    def residuals(self) -> pd.Series:
        """Return standardised residuals: posterior means of (return - mean) / volatility.

        A jump is in its return's residual.
        """
        fitted = self.fitted
        variables, names = fitted.draws.variables, fitted.draws.coefficients.in_mean
        design = fitted.regressors.design.of_mean[:, : len(names)]
        mean = variables.get("mean", np.zeros_like(variables["h_next"]))
        columns = [mean, *(variables[name] for name in names)]
        values = mean_residuals(
            fitted.series.values,
            np.column_stack([one[:, :: fitted.thin].ravel() for one in columns]),
            np.column_stack([np.ones(design.shape[0]), design]),
            fitted.flat_states,
        )
        return pd.Series(values, fitted.series.index, name="residual")

    @overload
    def plot_volatility(self, hdi_prob: float = ...) -> Figure: ...

    @overload
    def plot_volatility(self, hdi_prob: float = ..., *, ax: Axes) -> Axes: ...

    def plot_volatility(self, hdi_prob: float = 0.94, *, ax: Axes | None = None) -> Figure | Axes:
        """Plot the volatility path with its interval, and the returns behind it, as `plot` does."""
        table = self.volatility(hdi_prob=hdi_prob)
        return volatility_figure(self.fitted.series, table, hdi_prob, self.method, ax)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        return self.plot_volatility() if ax is None else self.plot_volatility(ax=ax)
