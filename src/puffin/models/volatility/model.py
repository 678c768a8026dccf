"""Volatility that moves by itself, with a full posterior."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.chains import Purpose, fixed_seed, streams
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.settings import Seed, Settings
from puffin.laws import Law, find_law
from puffin.models.settings import ENGINES, check_engine, check_priors, sampling_settings
from puffin.models.volatility import storage
from puffin.models.volatility.engines import Specification, draw_volatility
from puffin.models.volatility.filtering import filtered_states
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.forecast import FittedPredictive, VolatilityForecast, simulate_ahead
from puffin.models.volatility.paths import mean_residuals, mean_volatility, volatility_table
from puffin.models.volatility.plots import volatility_figure
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.updating import add_returns
from puffin.posterior import (
    NotFittedError,
    Posterior,
    summarise,
    warn_unless_converged,
)
from puffin.posterior.plots import density_figure
from puffin.validation import (
    ReturnSeries,
    append_returns,
    as_returns,
    choice,
    finite_number,
    positive_integer,
    probability,
)

if TYPE_CHECKING:
    import os

    from matplotlib.figure import Figure
    from xarray import DataTree

__all__ = ["Estimate", "StochasticVolatilityModel"]

_LEAST_RETURNS = 5
_MOST_STATES = 200_000_000 // 4


class Estimate(NamedTuple):
    """A number and its Monte Carlo standard error."""

    value: float
    error: float


class StochasticVolatilityModel:
    r"""Returns whose log-variance h is a latent AR(1) process.

    .. math::

        y_t = \text{mean} + e^{h_t / 2} \sqrt{\tau_t} \varepsilon_t, \qquad
        h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t, \qquad
        h_1 \sim N\!\left(\mu, \tfrac{\sigma^2}{1 - \phi^2}\right)

    with :math:`\varepsilon_t, \eta_t` standard normal. Volatility is :math:`e^{h_t/2}`, the
    standard deviation of the period's return.

    - ``distribution="normal"``: :math:`\tau_t = 1`. ``"student"``: :math:`\tau_t \sim
      IG(\nu/2, (\nu-2)/2)`, so that errors are Student-t with :math:`\nu` degrees of freedom and
      unit variance.
    - ``leverage=True``: :math:`\rho = \operatorname{corr}(\varepsilon_t, \eta_t)`: below zero,
      volatility rises after losses. With Student-t errors it is the correlation of the two
      *Gaussian* shocks; that of the return itself with :math:`\eta_t` is
      :math:`\rho E[\sqrt{\tau}]`, nearer to zero.
    - ``mean="zero"`` leaves the mean out.

    Returns that are exactly the same three times or more, such as the zeros of a price that stands
    still, are taken as known to a hundredth of the returns' standard deviation (`ties`): as exact
    numbers they would say that volatility was nothing at all. Where many of them stand in a row,
    the answer there rests on that hundredth; ``missing="skip"`` and NaN in their place is another.

    Draws are from the exact posterior of all four; `puffin.inference.latent_ar1.sampler` says how.

    Parameters
    ----------
    distribution : {"normal", "student"}
    leverage : bool
    mean : {"constant", "zero"}
    priors : VolatilityPriors, optional
    engine : {"native", "pymc"}

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.StochasticVolatilityModel().fit(returns[-1000:], random_seed=1)
    >>> model.volatility_forecast  # doctest: +SKIP
    >>> model.volatility()  # doctest: +SKIP
    """

    def __init__(
        self,
        distribution: str = "normal",
        leverage: bool = False,
        mean: str = "constant",
        priors: VolatilityPriors | None = None,
        engine: str = "native",
    ) -> None:
        self.distribution = find_law(distribution).name
        if not isinstance(leverage, bool | np.bool_):
            raise TypeError(f"leverage must be True or False; found {leverage!r}.")
        self.leverage = bool(leverage)
        self.mean = choice("mean", mean, ("constant", "zero"))
        self.priors = check_priors(priors, VolatilityPriors)
        self.engine = check_engine(engine)
        self._fitted: FittedVolatility | None = None

    def __repr__(self) -> str:
        return (
            f"StochasticVolatilityModel(distribution={self.distribution!r}, "
            f"leverage={self.leverage}, mean={self.mean!r}, engine={self.engine!r})"
        )

    def unfitted(self) -> Self:
        """Return a model like this one, without its fit."""
        return type(self)(self.distribution, self.leverage, self.mean, self.priors, self.engine)

    def fit(
        self,
        returns: Any,
        samples: int = 2000,
        tune: int = 1000,
        *,
        chains: int = 4,
        cores: int | None = None,
        random_seed: Seed = None,
        progressbar: bool = False,
        missing: str = "raise",
        keep_states: str | int = "auto",
        date: str | None = None,
    ) -> Self:
        """Draw from the posterior given returns.

        Parameters
        ----------
        returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
            In any unit; log returns are usual. Results are in the same unit.
        samples : int, default 2000
            Draws of each chain.
        tune : int, default 1000
            Warm-up of each chain. The native sampler needs none, and its safety net alone uses it.
        missing : {"raise", "skip"}
            Whether NaN is refused, or is a return that is not known: integrated out.
        keep_states : "auto", "all" or int
            Log-variances are kept of every so many draws; by default of all of them, or of as many
            as fit in 200 MB.
        date : str, optional
            The column of dates, in a polars frame.

        Returns
        -------
        self

        Warns
        -----
        FallbackWarning
            If sampling failed and the result is an exponentially weighted volatility.
        ConvergenceWarning
            If chains disagree.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; the message says which, what was found, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        missing = choice("missing", missing, ("raise", "skip"))
        series = as_returns(returns, date=date, minimum=_LEAST_RETURNS, missing=missing)
        return self._fit(series, settings, missing, keep_states, None)

    def update(self, new_returns: Any, *, date: str | None = None) -> Self:
        """Add returns that came since, in a fraction of the time of a fit.

        The posterior is that of a fit to all returns, with the settings of the last fit. The draws
        that there are are taken by weight, some again and some no more (`updating`), which takes
        milliseconds; `diagnostics` says how many returns were added so since the last fit, and what
        share of its draws is left, effectively. Where that would fall below 0.6, as after a few
        returns or a shock, and with the PyMC engine, all draws are made anew, from where the last
        fit was.

        Parameters
        ----------
        new_returns : array-like, pandas Series, or polars Series or DataFrame
            After the last of those fitted; with dates if those have any.
        date : str, optional
            The column of dates, in a polars frame.

        Returns
        -------
        self
        """
        fitted = self.fitted
        series = append_returns(fitted.series, new_returns, fitted.missing, date=date)
        settings, keep_states, drawn = fitted.settings, fitted.keep_states, fitted.drawn
        longer = None
        if fitted.thin == _thinning(keep_states, settings, series.values.size):
            seed = fixed_seed(settings.seed)
            longer = add_returns(drawn, fitted.seen, series.values, self.priors, seed)
        if longer is None:
            return self._fit(series, settings, fitted.missing, keep_states, drawn.start)
        return self._keep(dataclasses.replace(fitted, series=series, drawn=longer))

    def _fit(
        self,
        series: ReturnSeries,
        settings: Settings,
        missing: str,
        keep_states: str | int,
        start: Start | None,
    ) -> Self:
        check_engine(self.engine)
        specification = Specification(
            find_law(self.distribution), self.leverage, self.mean, self.priors, self.engine
        )
        thin = _thinning(keep_states, settings, series.values.size)
        drawn = draw_volatility(series.values, specification, settings, thin=thin, start=start)
        draws = drawn.draws
        checks = summarise(_scalars(draws.variables, drawn.law), 0.94) if draws.statistics else {}
        return self._keep(
            FittedVolatility(series, settings, missing, keep_states, self.engine, drawn, checks)
        )

    def _keep(self, fitted: FittedVolatility) -> Self:
        self._fitted = fitted
        self.__dict__.pop("volatility_path", None)
        if fitted.checks:
            # Draws by weight are a share of those: where these can be doubted, so can they.
            warn_unless_converged(fitted.checks, fitted.settings.chains * fitted.settings.draws)
        return self

    @property
    def fitted(self) -> FittedVolatility:
        """Returns, settings and draws of the last fit."""
        if self._fitted is None:
            raise NotFittedError("This StochasticVolatilityModel is not fitted; call fit first.")
        return self._fitted

    @property
    def posterior(self) -> Posterior:
        """The draws, in the units of the returns."""
        return self.fitted.posterior

    @property
    def idata(self) -> DataTree:
        """The draws as an ArviZ container.

        Where log-variances are kept of some draws only, they are in a group `states`.
        """
        fitted = self.fitted
        tree = fitted.posterior.idata
        if fitted.thin > 1 and "states" not in tree.children:
            import xarray as xr

            draws = np.arange(0, fitted.settings.draws, fitted.thin)
            tree["states"] = xr.DataTree(
                xr.Dataset(
                    {"h": (("chain", "draw", "time"), fitted.states)},
                    {"draw": draws, "time": fitted.series.labels},
                )
            )
        return tree

    @property
    def method(self) -> str:
        """What made the draws."""
        return self.posterior.method

    @property
    def diagnostics(self) -> dict[str, Any]:
        """How sampling went.

        `method` and `engine`; the smallest bulk and tail `ess` and largest `r_hat` of the
        parameters and the forecast (draws come in antithetic pairs: of means, which `ess_bulk` is
        about, they say more than as many independent ones, of spread less); `acceptance`; of the
        importance weights `pareto_k_hat`, `efficiency` and `largest_weight`; `states_kept_every` so
        many draws. After an `update` by weight `returns_since_fit` and `efficiency_since_fit`; what
        is said of the sampler is that of the fit before it.
        """
        posterior = self.posterior
        rows = self._summary(0.94).values()
        facts: dict[str, Any] = {"method": posterior.method, "engine": posterior.engine}
        if posterior.statistics:
            facts["ess_bulk"] = min(row["ess_bulk"] for row in rows)
            facts["ess_tail"] = min(row["ess_tail"] for row in rows)
            facts["r_hat"] = max(row["r_hat"] for row in rows)
        facts.update(
            (name, value)
            for name, value in posterior.report.items()
            if not name.startswith("log_marginal")
        )
        facts["states_kept_every"] = self.fitted.thin
        return facts

    @property
    def log_marginal_likelihood(self) -> Estimate:
        """Log p(returns), parameters and states integrated out, with its standard error.

        From the importance weights of independent proposals; its differences between models of the
        same returns are log Bayes factors. With ``scale="data"`` the priors use the returns.
        """
        report = self.posterior.report
        if "log_marginal_likelihood" not in report:
            raise ValueError(
                "log_marginal_likelihood comes from the native sampler's importance weights; this "
                f"fit was made by {self.method}."
            )
        return Estimate(report["log_marginal_likelihood"], report["log_marginal_likelihood_se"])

    def summary(self, hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, sd, interval, ESS and R-hat of each parameter and of the forecast."""
        table = pd.DataFrame(self._summary(probability("hdi_prob", hdi_prob))).T
        return table.rename_axis("parameter")

    def _summary(self, hdi_prob: float) -> dict[str, dict[str, float]]:
        return summarise(self._scalars(), hdi_prob)

    def _scalars(self) -> dict[str, Array]:
        return _scalars(self.posterior.variables, self.fitted.law)

    @functools.cached_property
    def volatility_path(self) -> Array:
        """Posterior mean of each period's volatility given all returns, shape (n_times,)."""
        return mean_volatility(self.fitted.flat_states)

    @property
    def volatility_forecast(self) -> float:
        """Posterior mean of the next period's volatility, exp(h / 2)."""
        return float(np.exp(0.5 * self.posterior.variables["h_next"]).mean())

    @property
    def return_sd_forecast(self) -> float:
        """Standard deviation of the next period's return: uncertainty of volatility included."""
        return float(self.predictive().standard_deviation)

    def log_predictive_density(self, value: float) -> float:
        """Return the log density of the next period's return, parameters and volatility averaged.

        Of a return that is not in the fit yet: with a number for the priors' scale, an `update` by
        weight adds it to `log_marginal_likelihood`, and the sum over a series of updates is the
        model's log score.
        """
        if "phi" not in self.posterior.variables:
            raise ValueError(f"{self.method} has no dynamics to forecast with; fit again.")
        return self.fitted.drawn.log_predictive_density(finite_number("value", value))

    def volatility(self, kind: str = "smoothed", hdi_prob: float = 0.94) -> pd.DataFrame:
        """Return mean, median and highest-density interval of each period's volatility.

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
        choice("kind", kind, ("smoothed", "filtered"))
        fitted = self.fitted
        if kind == "smoothed":
            draws, mean = fitted.flat_states, self.volatility_path
        elif "phi" not in self.posterior.variables:
            raise ValueError(f"{self.method} has no filtered volatility apart from the smoothed.")
        else:
            [stream] = streams(fitted.settings.seed, 1, purpose=Purpose.FILTER)
            flat = {name: self.posterior.flat(name) for name in self._parameters()}
            draws = filtered_states(fitted.seen, flat, fitted.law, stream)
            mean = mean_volatility(draws)
        table = volatility_table(draws, mean, hdi_prob)
        return table if fitted.series.index is None else table.set_axis(fitted.series.index)

    def _parameters(self) -> list[str]:
        return _parameters(self.posterior.variables, self.fitted.law)

    def forecast(
        self, horizon: int = 1, quantiles: Sequence[float] = (0.03, 0.25, 0.5, 0.75, 0.97)
    ) -> VolatilityForecast:
        """Return the predictive distribution of volatility and returns, 1 to `horizon` steps ahead.

        Parameters
        ----------
        horizon : int, default 1
        quantiles : sequence of float
        """
        horizon = positive_integer("horizon", horizon)
        if not isinstance(quantiles, Sequence | np.ndarray) or len(quantiles) == 0:
            raise TypeError(f"quantiles must be a sequence of numbers; found {quantiles!r}.")
        levels = [probability("quantiles", level) for level in quantiles]
        states, returns = simulate_ahead(self.fitted, horizon)
        return VolatilityForecast.of(np.exp(0.5 * states), returns, levels)

    def predictive(self, horizon: int = 1) -> FittedPredictive:
        """Return the distribution of the return, added up over the next `horizon` periods.

        What `puffin.risk` and `puffin.portfolio` ask: its distribution function, quantiles, and
        what is lost beyond them, with parameters and volatility averaged.

        Parameters
        ----------
        horizon : int, default 1
        """
        horizon = positive_integer("horizon", horizon)
        return FittedPredictive.of(self.fitted, self.priors, horizon)

    def residuals(self) -> pd.Series:
        """Return standardised residuals: posterior means of (return - mean) / volatility."""
        fitted = self.fitted
        mean = fitted.posterior.variables.get("mean", np.zeros((1, 1)))[:, :: fitted.thin]
        values = mean_residuals(fitted.series.values, mean.ravel(), fitted.flat_states)
        return pd.Series(values, fitted.series.index, name="residual")

    def plot_volatility(self, hdi_prob: float = 0.94) -> Figure:
        """Plot the volatility path with its interval, and the returns behind it."""
        return volatility_figure(
            self.fitted.series, self.volatility(hdi_prob=hdi_prob), hdi_prob, self.method
        )

    def plot_posterior(self, param_name: str | None = None, hdi_prob: float = 0.94) -> Figure:
        """Plot the density of one parameter, or of all, with highest-density intervals."""
        scalars = self._scalars()
        if param_name is not None:
            scalars = {param_name: scalars[choice("param_name", param_name, list(scalars))]}
        return density_figure({name: draws.ravel() for name, draws in scalars.items()}, hdi_prob)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a netCDF file."""
        specification = {
            "distribution": self.distribution,
            "leverage": self.leverage,
            "mean": self.mean,
            "engine": self.engine,
            "priors": dataclasses.asdict(self.priors),
        }
        storage.save(path, specification, self.fitted)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, or of something else.
        """
        specification, fitted = storage.load(path)
        priors = VolatilityPriors(**specification.pop("priors"))
        # To read draws that PyMC made does not take PyMC.
        engine = choice("engine", specification.pop("engine"), ENGINES)
        model = cls(**specification, priors=priors)
        model.engine, model._fitted = engine, fitted
        return model


def _parameters(variables: Mapping[str, Array], law: Law) -> list[str]:
    """Return the names of the parameters that there are."""
    names = ("mean", "mu", "phi", "sigma", *law.shape_names, "rho")
    return [name for name in names if name in variables]


def _scalars(variables: Mapping[str, Array], law: Law) -> dict[str, Array]:
    scalars = {name: variables[name] for name in _parameters(variables, law)}
    scalars["volatility_forecast"] = np.exp(0.5 * variables["h_next"])
    return scalars


def _thinning(keep_states: str | int, settings: Settings, n_times: int) -> int:
    """Return every how many draws log-variances are kept."""
    if isinstance(keep_states, str):
        if choice("keep_states", keep_states, ("auto", "all")) == "all":
            return 1
        thin = -(-settings.chains * settings.draws * n_times // _MOST_STATES)
    else:
        thin = positive_integer("keep_states", keep_states)
    return min(thin, settings.draws)
