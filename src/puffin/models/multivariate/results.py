"""What a fitted model of many assets says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.models.multivariate.checks import later_returns
from puffin.models.multivariate.filtering import filtered_states
from puffin.models.multivariate.fitted import FittedMultivariate
from puffin.models.multivariate.moments import (
    CovarianceMoments,
    covariance_moments,
    in_a_row,
    mean_covariances,
    portfolio_variances,
)
from puffin.models.multivariate.paths import JointPredictive
from puffin.models.multivariate.plots import correlation_figure
from puffin.models.multivariate.portfolio import FittedPortfolio
from puffin.models.volatility.paths import volatility_table
from puffin.models.volatility.priors import VolatilityPriors
from puffin.posterior import NotFittedError, summarise
from puffin.posterior.plotted import Plotted
from puffin.showing.shown import Shown
from puffin.validation import (
    PricePanel,
    as_panel,
    as_weights,
    positive_integer,
    probability,
    row_label,
)
from puffin.validation.index import as_timestamp, counts_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MultivariateResults"]


class MultivariateResults(Shown, Plotted):
    """The posterior of a fitted model, in the unit of the returns, and what follows."""

    priors: VolatilityPriors
    _fitted: FittedMultivariate | None

    @property
    def fitted(self) -> FittedMultivariate:
        """Returns, settings and draws of the last fit."""
        if self._fitted is None:
            raise NotFittedError(f"This {type(self).__name__} is not fitted; call fit first.")
        return self._fitted

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the figures; none where the draws are fine."""
        return self.fitted.doubts

    @property
    def notes(self) -> dict[str, str]:
        """Of assets with returns that count as not observed, which: by name."""
        return self.fitted.notes

    @property
    def diagnostics(self) -> dict[str, Any]:
        """How sampling went.

        The smallest `ess_bulk` and `ess_tail` and largest `r_hat` of what is identified, on the
        last date: variances, covariances with all assets in equal parts, and communalities. Of
        loadings and factors themselves, whose rotation is known only as far as factors' variances
        tell them apart, chains may disagree where these agree. `acceptance` is the lowest of any
        series: how often what the approximating mixture proposed was taken.
        """
        rows, draws = self.fitted.checks.values(), self.fitted.draws
        return {
            "method": "Gibbs in blocks, log-variances by a mixture put right by Metropolis",
            "ess_bulk": min(row["ess_bulk"] for row in rows),
            "ess_tail": min(row["ess_tail"] for row in rows),
            "r_hat": max(row["r_hat"] for row in rows),
            "acceptance": float(draws.acceptance.mean(axis=0).min()),
            "states_kept_every": draws.thin,
        }

    def covariance(
        self, when: Any = "forecast", horizon: int = 1, *, coming: Any = None
    ) -> pd.DataFrame:
        """Return covariances: of returns to come, of those of a date, or of all dates.

        Parameters
        ----------
        when : "forecast", "smoothed", "filtered" or a label of the returns' index
            "forecast": of the return added up over the next `horizon` periods, the uncertainty of
            variances, loadings and means included: the covariance of the predictive distribution.
            A label: the posterior mean of that period's, given all returns. "smoothed": that of
            every period. "filtered": of every period, given the returns up to and with its own,
            but parameters (loadings, means, persistence) that are given all returns of the fit:
            that is hindsight too, and no backtest may use it; for one see `coming`.
        horizon : int, default 1
            Of a forecast.
        coming : DataFrame, optional
            With "filtered": returns of the same assets that came after those of the fit.
            Covariances are of these periods, each given the returns up to it, by parameters which
            know nothing of any of them. That a backtest may use, for the period after: fit to the
            years before, filter through the next months, fit again.

        Returns
        -------
        DataFrame
            Assets by assets; of "smoothed" and "filtered" with rows labelled (period, asset).
        """
        if _is(when, "forecast"):
            draws, horizon = self.fitted.draws, positive_integer("horizon", horizon)
            _check_coming(when, coming)
            means = in_a_row(draws.mean)
            of_means = np.cov(means, rowvar=False, ddof=0).reshape(means.shape[1], -1)
            return self._table(self._forecast(horizon).mean + horizon**2 * of_means)
        return self._of_past(when, horizon, coming, correlations=False)

    def correlation(
        self, when: Any = "forecast", horizon: int = 1, *, coming: Any = None
    ) -> pd.DataFrame:
        """Return posterior means of correlations: arguments and shape as of `covariance`."""
        if _is(when, "forecast"):
            _check_coming(when, coming)
            return self._table(self._forecast(positive_integer("horizon", horizon)).correlation)
        return self._of_past(when, horizon, coming, correlations=True)

    def covariance_moments(self, when: Any = "forecast", horizon: int = 1) -> CovarianceMoments:
        """Return mean and standard deviation over draws of covariances and correlations.

        Parameters
        ----------
        when : "forecast" or a label of the returns' index
        horizon : int, default 1
            Variances are added up over so many periods, for a forecast.

        Returns
        -------
        CovarianceMoments
            `mean`, `sd`, `correlation`, `correlation_sd`, arrays of shape (n_assets, n_assets).
        """
        if _is(when, "forecast"):
            return self._forecast(positive_integer("horizon", horizon))
        row = self._row(when)
        states = self.fitted.kept_states[:, row].astype(np.float64)
        return covariance_moments(self.fitted.kept_loadings, np.exp(states))

    def _forecast(self, horizon: int) -> CovarianceMoments:
        draws, total = self.fitted.draws, self.fitted.paths(horizon).total
        return covariance_moments(in_a_row(draws.loadings), in_a_row(total))

    def _of_past(self, when: Any, horizon: int, coming: Any, *, correlations: bool) -> pd.DataFrame:
        if horizon != 1:
            raise ValueError(f"horizon is of a forecast; found horizon={horizon} for {when!r}.")
        fitted = self.fitted
        if _is(when, "filtered"):
            index, loadings, states = filtered_states(fitted, self._later(coming))
        else:
            _check_coming(when, coming)
            index, loadings, states = fitted.panel.index, fitted.kept_loadings, fitted.kept_states
        if not _is(when, "smoothed", "filtered"):
            row = self._row(when)
            [matrix] = mean_covariances(
                loadings, states[:, row : row + 1], correlations=correlations
            )
            return self._table(matrix)
        matrices = mean_covariances(loadings, states, correlations=correlations)
        columns = fitted.panel.columns
        rows = pd.MultiIndex.from_product([index, columns])
        return pd.DataFrame(matrices.reshape(-1, len(columns)), rows, columns)

    def _later(self, coming: Any) -> PricePanel | None:
        return None if coming is None else later_returns(self.fitted.panel, "coming", coming)

    def _row(self, when: Any) -> int:
        """Return which row of the returns a label is of."""
        index = self.fitted.panel.index
        try:
            return index.to_list().index(
                as_timestamp(when, index) if isinstance(index, pd.DatetimeIndex) else when
            )
        except (TypeError, ValueError):
            raise ValueError(
                f"when must be 'forecast', 'smoothed', 'filtered' or one of the returns' "
                f"{len(index)} labels, {row_label(index[0])} to {row_label(index[-1])}; found "
                f"{when!r}."
            ) from None

    def _table(self, matrix: Array) -> pd.DataFrame:
        columns = self.fitted.panel.columns
        return pd.DataFrame(matrix, columns, columns)

    @property
    def loadings(self) -> pd.DataFrame:
        """Posterior means of the loadings, assets by factors: how far an asset moves with each.

        Signs and order of factors are settled over all draws: the one that explains most comes
        first, and most of its loadings are positive. Rotation is known only as far as the factors'
        variances, each in its own time, tell them apart.
        """
        means = self.fitted.draws.loadings.mean(axis=(0, 1)).T
        return pd.DataFrame(means, self.fitted.panel.columns, self._factor_names())

    @property
    def factors(self) -> pd.DataFrame:
        """Posterior means of the factors in each period: see `loadings`."""
        means = self.fitted.draws.factors.mean(axis=(0, 1), dtype=np.float64)
        return pd.DataFrame(means, self.fitted.panel.index, self._factor_names())

    def _factor_names(self) -> list[str]:
        return [f"factor{number}" for number in range(1, self.fitted.n_factors + 1)]

    def portfolio(self, weights: Any) -> FittedPortfolio:
        """Return a portfolio as a model of one series: what `puffin.risk` and others take.

        Parameters
        ----------
        weights : mapping or Series of asset to weight, or array-like of shape (n_assets,)
            Of any sum; those left out are zero. Returns are added up with them, which is exact for
            simple returns and weights that are restored each period.
        """
        return FittedPortfolio(self, self._weights(weights))  # type: ignore[arg-type]

    @property
    def assets(self) -> dict[str, FittedPortfolio]:
        """Each asset by itself, as a model of one series.

        For `puffin.portfolio.inverse_volatility_weights(model.assets)`, or
        `equal_risk_weights(model.assets, model.correlation())`.
        """
        one_each = np.eye(len(self.fitted.names))
        return dict(zip(self.fitted.names, map(self.portfolio, one_each), strict=True))

    def predictive(self, horizon: int = 1) -> JointPredictive:
        """Return the distribution of all assets' returns, added up over the next periods."""
        horizon = positive_integer("horizon", horizon)
        return self.joint_predictive(horizon, np.eye(len(self.fitted.names)))

    def joint_predictive(self, horizon: int, weights: Array) -> JointPredictive:
        """Return that of portfolios: weights of shape (n_assets,) or (n_assets, n_portfolios)."""
        fitted, index = self.fitted, self.fitted.panel.index
        return JointPredictive.of(
            fitted.paths(horizon), weights, None if counts_rows(index) else index, fitted.doubts,
            mean_exists=horizon * self.priors.sigma_sd**2 <= 4.0,
        )  # fmt: skip

    def log_predictive_density(self, coming: Any) -> pd.Series[float]:
        """Return the joint log density of returns of the periods after the last, each by itself.

        All forecast from the fit, one period ahead, two, and so on; parameters, factors and
        variances averaged. Added up over refits it is the model's log score (`compare_factors`).

        Parameters
        ----------
        coming : DataFrame or array-like of shape (n_periods, n_assets)
            Of the same assets, not in the fit; NaN where missing.
        """
        new = as_panel(coming, argument="coming", minimum=1)
        if np.isinf(new.values).any():
            raise ValueError("coming has infinite values; give numbers, or NaN where missing.")
        fitted = self.fitted
        if len(new.names) != len(fitted.names):
            raise ValueError(
                f"coming must have the {len(fitted.names)} assets that were fitted; found "
                f"{len(new.names)} columns."
            )
        labelled = not isinstance(coming, np.ndarray) and set(new.names) == set(fitted.panel.names)
        values = new.frame[list(fitted.panel.names)].to_numpy() if labelled else new.values
        densities = fitted.paths(len(values)).log_densities(values)
        return pd.Series(densities, new.index, name="log_density")

    def portfolio_volatility(self, weights: Any, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median and interval of a portfolio's volatility in each period.

        Given all returns, of the draws whose states are kept (`diagnostics`); of the next period
        see ``portfolio(weights).predictive()``.

        Returns
        -------
        DataFrame
            On the returns' index: mean, median, hdi_low, hdi_high.
        """
        probability("hdi_prob", hdi_prob)
        fitted, weights = self.fitted, self._weights(weights)
        n_draws, n_times, _ = fitted.kept_states.shape
        logs = np.empty((n_draws, n_times))
        for t in range(n_times):
            v = np.exp(fitted.kept_states[:, t].astype(np.float64))
            logs[:, t] = np.log(portfolio_variances(fitted.kept_loadings, v, weights))
        table = volatility_table(logs, np.exp(0.5 * logs).mean(axis=0), hdi_prob)
        return table.set_axis(fitted.panel.index)

    def forecast(self, horizon: int = 1) -> pd.DataFrame:
        """Return mean and standard deviation of each asset's return over the next periods."""
        predictive = self.predictive(horizon)
        columns = {
            "mean": predictive.average(predictive.location),
            "sd": predictive.standard_deviation,
            **{f"{level:.0%}": predictive.quantile(level) for level in (0.03, 0.5, 0.97)},
        }
        return pd.DataFrame(columns, self.fitted.panel.columns)

    def summary(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, sd, interval, ESS and R-hat of what is identified, and of the parameters.

        Identified, on the last date: `variance`, `covariance_with_all` (assets in equal parts) and
        `communality`, the share of the variance that factors explain. Parameters: `mean`; `mu`,
        `phi` and `sigma` of the log-variance of each asset's own error; `phi` and `sigma` of those
        of the factors; `loading`.
        """
        probability("hdi_prob", hdi_prob)
        fitted, draws = self.fitted, self.fitted.draws
        m, rows = len(fitted.names), fitted.identified()
        factors = self._factor_names()
        for i, name in enumerate(fitted.names):
            own = {"mean": draws.mean, "mu": draws.mu, "phi": draws.phi, "sigma": draws.sigma}
            rows |= {f"{what}[{name}]": values[..., i] for what, values in own.items()}
            for k, factor in enumerate(factors):
                rows[f"loading[{name},{factor}]"] = draws.loadings[:, :, k, i]
        for k, factor in enumerate(factors):
            rows[f"phi[{factor}]"] = draws.phi[..., m + k]
            rows[f"sigma[{factor}]"] = draws.sigma[..., m + k]
        return pd.DataFrame(summarise(rows, hdi_prob)).T.rename_axis("parameter")

    def plot_correlation(
        self, when: Any = "forecast", horizon: int = 1, *, ax: Axes | None = None
    ) -> Figure | Axes:
        """Plot correlations: arguments as of `correlation`, of one date or a forecast."""
        table = self.correlation(when, horizon)
        if len(table) != table.shape[1]:
            raise ValueError(f"when={when!r} is of all dates; name one to plot.")
        if _is(when, "forecast"):
            of = "the next period" if horizon == 1 else f"the next {horizon} periods"
        else:
            of = row_label(self.fitted.panel.index[self._row(when)])
        return correlation_figure(table, f"Correlations of {of}", ax)

    def _figure(self, ax: Axes | None) -> Figure | Axes:
        return self.plot_correlation(ax=ax)

    def _weights(self, weights: Any) -> Array:
        return as_weights(weights, self.fitted.names, total=None)


def _is(when: Any, *words: str) -> bool:
    """Whether it is one of these words; labels may be anything."""
    return isinstance(when, str) and when in words


def _check_coming(when: Any, coming: Any) -> None:
    if coming is not None:
        raise ValueError(f"coming is for when='filtered'; found it with when={when!r}.")
