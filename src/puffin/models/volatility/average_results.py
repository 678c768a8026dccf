"""What an average of volatility models says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
import pandas as pd
from scipy.special import logsumexp

from puffin.arrays import Array
from puffin.models.volatility.card import average_card
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.forecast import VolatilityForecast, checked_quantiles
from puffin.models.volatility.member import VolatilityModel
from puffin.models.volatility.paths import volatility_table
from puffin.models.volatility.plots import volatility_figure
from puffin.models.volatility.results import Estimate
from puffin.posterior import AveragedPredictive, NotFittedError
from puffin.posterior.averaged import in_proportion
from puffin.posterior.plotted import Plotted
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import finite_number, positive_integer, probability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["AverageResults", "evidence_of"]

_NEGLIGIBLE = 1e-12


class AverageResults(Shown, Plotted):
    """The posterior of fitted volatility models and of which is the right one."""

    models: dict[str, VolatilityModel]
    _evidences: dict[str, Estimate]

    def _card(self) -> Card:
        return average_card(self, bool(self._evidences))

    def _check_fitted(self) -> None:
        if not self._evidences:
            raise NotFittedError("This AveragedVolatilityModel is not fitted; call fit first.")

    @property
    def fitted(self) -> FittedVolatility:
        """The fit of the first model; all are of the same returns, and observe the same of them."""
        self._check_fitted()
        return self._first.fitted

    @property
    def members(self) -> Mapping[str, VolatilityModel]:
        """The models by name."""
        return self.models

    @property
    def method(self) -> str:
        """What made the draws."""
        return f"average of {len(self.models)} models"

    @property
    def evidence(self) -> pd.DataFrame:
        """Log evidence of each model, its Monte Carlo standard `error`, and the `probability`.

        NaN, and a probability of zero, where a model has none.
        """
        self._check_fitted()
        estimates = [self._evidences[name] for name in self.models]
        values = np.array([one.value for one in estimates])
        known = np.where(np.isnan(values), -np.inf, values)
        columns = {
            "log_evidence": values,
            "error": [one.error for one in estimates],
            "probability": np.exp(known - logsumexp(known)),
        }
        return pd.DataFrame(columns, pd.Index(self.models, name="model"))

    @property
    def weights(self) -> pd.Series[float]:
        """Posterior probability of each model if all were as probable before, by name."""
        return self.evidence["probability"].rename("weight")

    @property
    def log_marginal_likelihood(self) -> Estimate:
        """Log p(returns), models averaged too, with its Monte Carlo standard error."""
        table = self.evidence.dropna()
        value = float(logsumexp(table["log_evidence"])) - float(np.log(len(table)))
        return Estimate(value, float(np.sqrt(np.sum((table["probability"] * table["error"]) ** 2))))

    @property
    def note(self) -> str:
        """Which returns count as not observed, in one sentence; empty where all are taken."""
        self._check_fitted()
        return self._first.note

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the fits of the models that count; none where draws are fine."""
        weights = self.weights
        return tuple(
            f"{name}: {doubt}"
            for name, model in self.models.items()
            if weights[name] > _NEGLIGIBLE
            for doubt in model.fitted.doubts
        )

    def predictive(self, horizon: int = 1) -> AveragedPredictive:
        """Return the distribution of the return, added up over the next `horizon` periods."""
        horizon = positive_integer("horizon", horizon)
        models, weights = self._weighty()
        return AveragedPredictive([model.predictive(horizon) for model in models], weights)

    def log_predictive_density(self, value: float) -> float:
        """Return the log density of the next period's return, models averaged too."""
        models, weights = self._weighty()
        value = finite_number("value", value)
        return float(logsumexp([one.log_predictive_density(value) for one in models], b=weights))

    @property
    def return_sd_forecast(self) -> float:
        """Standard deviation of the next period's return: uncertainty of volatility included."""
        return float(self.predictive().standard_deviation)

    @property
    def volatility_forecast(self) -> float:
        """Posterior mean of the next period's volatility, exp(h / 2)."""
        models, weights = self._weighty()
        return float(weights @ [model.volatility_forecast for model in models])

    def forecast(
        self, horizon: int = 1, quantiles: Sequence[float] = (0.03, 0.25, 0.5, 0.75, 0.97)
    ) -> VolatilityForecast:
        """Return the predictive distribution of volatility and returns, 1 to `horizon` steps ahead.

        From simulated draws, of each model in proportion to its weight.
        """
        levels, (models, weights) = checked_quantiles(quantiles), self._weighty()
        forecasts = [model.forecast(horizon) for model in models]
        volatility = in_proportion([one.volatility_draws for one in forecasts], weights)
        returns = in_proportion([one.return_draws for one in forecasts], weights)
        return VolatilityForecast.of(volatility, returns, levels, doubts=self.doubts)

    @property
    def volatility_path(self) -> Array:
        """Posterior mean of each period's volatility given all returns, shape (n_times,)."""
        models, weights = self._weighty()
        return np.asarray(weights @ [model.volatility_path for model in models])

    def volatility(self, kind: str = "smoothed", hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median and highest-density interval of each period's volatility.

        As `StochasticVolatilityModel.volatility`; the mean is exact, and the rest from draws of
        each model in proportion to its weight.
        """
        probability("hdi_prob", hdi_prob)
        models, weights = self._weighty()
        paths = [model.path_draws(kind) for model in models]
        mean = weights @ [one.mean for one in paths]
        table = volatility_table(
            in_proportion([one.states for one in paths], weights), mean, hdi_prob
        )
        index = self._first.fitted.series.index
        return table if index is None else table.set_axis(index)

    def residuals(self) -> pd.Series:
        """Return standardised residuals: posterior means of (return - mean) / volatility."""
        models, weights = self._weighty()
        residuals = [model.residuals() for model in models]
        values = weights @ [one.to_numpy() for one in residuals]
        return pd.Series(values, residuals[0].index, name="residual")

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

    @property
    def _first(self) -> VolatilityModel:
        return next(iter(self.models.values()))

    def _weighty(self) -> tuple[list[VolatilityModel], Array]:
        """Return the models that count, and their weights."""
        weights = self.weights.to_numpy()
        counts = weights > _NEGLIGIBLE
        models = [model for model, one in zip(self.models.values(), counts, strict=True) if one]
        return models, weights[counts] / weights[counts].sum()


def evidence_of(model: VolatilityModel) -> Estimate:
    """Return a model's log evidence; NaN where it has none."""
    if not model.has_evidence:
        return Estimate(np.nan, np.nan)
    return model.log_marginal_likelihood
