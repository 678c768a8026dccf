"""Volatility that moves by itself, with a full posterior."""

from __future__ import annotations

import copy
import dataclasses
import os
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from puffin.inference.chains import fixed_seed
from puffin.inference.measures import Measure
from puffin.inference.settings import Seed, Settings
from puffin.inference.stochastic_volatility import SAMPLED_LAWS
from puffin.laws import Law, find_law
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.models.volatility import storage
from puffin.models.volatility.card import volatility_card
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.fitting import (
    LEAST_RETURNS,
    fit_data,
    warn_of_a_guess,
    with_more_returns,
)
from puffin.models.volatility.given import Given
from puffin.models.volatility.observed import NotObservedWarning
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.regressors import VolatilityRegressors
from puffin.models.volatility.results import VolatilityResults
from puffin.models.volatility.sampling import Specification
from puffin.posterior import warn_unless_converged
from puffin.posterior.saving import legible
from puffin.showing.card import Card
from puffin.validation import (
    LogMeasures,
    ReturnSeries,
    append_returns,
    as_returns,
    choice,
    flag,
)

__all__ = ["StochasticVolatilityModel"]


class StochasticVolatilityModel(VolatilityResults):
    r"""Returns whose log-variance h is a latent AR(1) process.

    .. math::

        y_t = \text{mean} + e^{h_t / 2} \epsilon_t, \qquad
        h_{t+1} = \mu + \phi (h_t - \mu) + \sigma \eta_t, \qquad
        h_1 \sim N\!\left(\mu, \tfrac{\sigma^2}{1 - \phi^2}\right)

    with :math:`\eta_t` standard normal and errors :math:`\epsilon_t` of mean 0 and variance 1, so
    that volatility, :math:`e^{h_t/2}`, is the standard deviation of the period's return.

    - ``distribution="normal"``: standard normal errors. ``"student"``: Student-t with :math:`\nu`
      degrees of freedom, :math:`\epsilon_t = \sqrt{\tau_t} z_t` with :math:`\tau_t \sim
      IG(\nu/2, (\nu-2)/2)`. ``"asymmetric"``: a Student-t whose sides have a scale and degrees of
      freedom each (`puffin.laws.AsymmetricT`); `asymmetry` is the log of the left side's scale over
      the right one's, above zero where small losses are larger than small gains; `nu_left` and
      `nu_right` say how fat the tails of losses and of gains are.
    - ``leverage=True``: :math:`\rho = \operatorname{corr}(z_t, \eta_t)`, where :math:`z_t` is the
      standard normal shock that an error comes of: below zero, volatility rises after losses. With
      normal errors :math:`z_t = \epsilon_t`. With asymmetric ones :math:`z_t =
      \Phi^{-1}(F(\epsilon_t))`, the normal score of the error's probability, a function of the
      return. With Student-t errors it is that of :math:`\epsilon_t = \sqrt{\tau_t} z_t`, known only
      up to :math:`\tau_t`, which is what R's stochvol has: a large return tells less of the next
      volatility there than under an asymmetric law with two equal sides, and the correlation of the
      return itself with :math:`\eta_t` is :math:`\rho E[\sqrt{\tau}]`, nearer to zero.
    - ``jumps=True`` (`SVWithJumps`): beside normal or Student-t errors a return has a jump with
      probability :math:`\kappa`, of size N(`jump_mean`, `jump_sd`^2), independent of all else;
      whether it had one is integrated out, and `jump_probability` says how likely it is. Regressors
      of the log-variance leave jumps as they are. Asymmetric errors have no jumps beside them.
      Volatility, :math:`e^{h_t/2}`, and :math:`\rho` are those of the rest of the return; its
      standard deviation, forecasts and risk have the jumps in them.
    - ``mean="zero"`` leaves the mean out. The mean's posterior counts each return by one over its
      variance: without ``leverage=True`` that of equities, whose volatility rises with losses,
      comes out too high, by several percent a year or more (`puffin.MultivariateSV` has figures).
    - **Regressors** x of the mean and z of the log-variance, given to `fit`, add what is known
      before each return, such as its weekday, an announcement that is due, or a volatility index
      of the evening before:

      .. math::

          y_t = \text{mean} + (x_t - \bar x)' b + e^{h_t / 2} \epsilon_t, \qquad
          h_t = (z_t - \bar z)' g + s_t

      with the AR(1) process above for s in place of h: mean and :math:`\mu` are those of average
      regressors. (With ``mean="zero"`` x is taken as it is.) Coefficients b and g,
      ``mean_coefficients[NAME]`` and ``variance_coefficients[NAME]``, are in the returns' unit and
      the regressors' own; :math:`e^{g}` is by how much the variance is multiplied for each unit.
      **What is known only after the return may not be among them**: the closing volatility index
      of the same day, or a sentiment that was measured later, would explain what it was made by,
      and no forecast could use it. Shift such a column by a row.

    Exact zeros that are too many to be true (days without a trade, filled weekends, halts, a
    strategy without a position) count as not observed, and `note` says so;
    `puffin.models.volatility.observed` has the rule. Other returns that are exactly the same three
    times or more are taken as known to a hundredth of the returns' standard deviation (`ties`): as
    exact numbers they would say that volatility was nothing at all.

    Draws are from the exact posterior of each; `puffin.inference.latent_ar1.sampler` says how.

    Parameters
    ----------
    distribution : {"normal", "student", "asymmetric"}
    leverage : bool
    mean : {"constant", "zero"}
    priors : VolatilityPriors, optional
    engine : {"native", "pymc"}
    jumps : bool

    Examples
    --------
    >>> import pandas as pd
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.StochasticVolatilityModel().fit(returns[-1000:], random_seed=1)
    >>> print(round(model.volatility_forecast, 2))
    0.02
    >>> model.volatility()  # doctest: +SKIP

    Is volatility another on Mondays, and what will it be tomorrow, a Tuesday?

    >>> monday = pd.DataFrame({"Monday": returns.index.day_of_week == 0}, returns.index)
    >>> model.fit(returns[-1000:], variance_regressors=monday, random_seed=1)  # doctest: +SKIP
    >>> model.summary().loc["variance_coefficients[Monday]"]  # doctest: +SKIP
    >>> model.forecast(variance_regressors={"Monday": [False]}).volatility  # doctest: +SKIP
    """

    _kind: ClassVar[str] = "StochasticVolatilityModel"
    """What a file of it is said to be of."""
    _own_options: ClassVar[tuple[str, ...]] = ("jumps",)
    """Arguments beside those that all of the family have."""

    def __init__(
        self,
        distribution: str = "normal",
        leverage: bool = False,
        mean: str = "constant",
        priors: VolatilityPriors | None = None,
        engine: str = "native",
        jumps: bool = False,
    ) -> None:
        self.jumps = flag("jumps", jumps)
        find_law(distribution, among=SAMPLED_LAWS, jumps=self.jumps)
        self.distribution = distribution
        self.leverage = flag("leverage", leverage)
        self.mean = choice("mean", mean, ("constant", "zero"))
        self.priors = check_priors(priors, VolatilityPriors)
        self.engine = check_engine(engine)
        self._fitted: FittedVolatility | None = None

    def _card(self) -> Card:
        names = ("distribution", "leverage", "mean", "engine", *self._own_options)
        options = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return volatility_card(f"{type(self).__name__}({options})", self._fitted)

    @property
    def label(self) -> str:
        """What it is beside other models, in a few words."""
        law = find_law(self.distribution).label
        jumps, leverage = " + jumps" * self.jumps, " + leverage" * self.leverage
        mean = ", zero mean" if self.mean == "zero" else ""
        return f"{law}{jumps}{leverage}{mean}"

    @property
    def law(self) -> Law:
        """The law of the errors, with jumps if there are any."""
        return find_law(self.distribution, jumps=self.jumps)

    def given(self, *, mean_regressors: Any = None, variance_regressors: Any = None) -> Self:
        """Return this model with regressors at hand, for whoever has returns alone.

        It takes from them what it needs when it is fitted, updated or asked for what comes next
        without being given any: by `puffin.risk` and `puffin.portfolio`, and for each period of
        `rolling_forecast` and `compare_volatility_models`. So tables are of all times, those to
        come too, and with dates, unless they are of the next periods alone. They are not saved.

        Parameters
        ----------
        mean_regressors, variance_regressors : optional
            As given to `fit`, or to `forecast`.

        Examples
        --------
        >>> import puffin as pf
        >>> returns = pf.datasets.load_sp500().pct_change().dropna()[-1000:]
        >>> size = returns.abs().shift(1, fill_value=0.0).to_frame("size of the last")
        >>> model = pf.StochasticVolatilityModel().given(variance_regressors=size)
        >>> forecast = pf.risk.rolling_forecast(returns, model, start=900)  # doctest: +SKIP
        """
        return self._with(Given(mean_regressors, variance_regressors))

    def given_as(self, other: StochasticVolatilityModel) -> Self:
        """Return this model, given what another one was."""
        return self._with(other._given)

    def _with(self, given: Given) -> Self:
        model = copy.copy(self)
        model._given = given
        return model

    def unfitted(self) -> Self:
        """Return a model like this one, without its fit; with what it was `given`.

        Raises
        ------
        ValueError
            If it was fitted with regressors, and is given none. Whoever takes a model to fit it
            again has returns alone, and would fit another one.
        """
        for columns in self._fitted.regressors if self._fitted else ():
            if columns.given.names and getattr(self._given, columns.argument) is None:
                raise ValueError(
                    f"this {type(self).__name__} was fitted with regressors "
                    f"({', '.join(columns.given.names)}), and would be fitted again without; give "
                    f"it their values at all times, by model.given({columns.argument}=...)."
                )
        model = copy.copy(self)
        model._fitted = None
        return model

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
        mean_regressors: Any = None,
        variance_regressors: Any = None,
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
        mean_regressors, variance_regressors : optional
            What explains returns' mean, and their log-variance: a DataFrame (pandas or polars, a
            column a regressor), a Series, an array of shape (n_times, n_columns), or a dict of
            columns; numbers, or True and False. **Known before the return of their row.** With
            dates they are taken at those of the returns, and must have all of them; without there
            are as many rows as returns. All are known, no column is constant, and none is a sum of
            multiples of others and a constant: of five weekdays leave one out.

        Returns
        -------
        self

        Warns
        -----
        NotObservedWarning
            If returns say nothing of volatility, such as zeros of days without a trade (`note`).
        FallbackWarning
            If sampling failed and the result is an exponentially weighted volatility.
        ConvergenceWarning
            If chains disagree.
        UserWarning
            If the last returns are missing for longer than it takes volatility to halve its
            distance from its usual: the forecast is then a guess.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; the message says which, what was found, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        missing = choice("missing", missing, ("raise", "skip"))
        series = as_returns(returns, date=date, minimum=LEAST_RETURNS, missing=missing)
        n_times = series.values.size
        regressors = self._regressors(series, mean_regressors, variance_regressors, date)
        data = VolatilityData(series, LogMeasures.none(n_times), regressors)
        return self._fit_first(data, settings, missing, keep_states)

    def update(
        self,
        new_returns: Any,
        *,
        date: str | None = None,
        mean_regressors: Any = None,
        variance_regressors: Any = None,
    ) -> Self:
        """Add returns that came since, in a fraction of the time of a fit.

        The posterior is that of a fit to all returns, with the settings of the last fit. The draws
        of that fit are taken by weight, some again and some no more (`updating`), which takes
        milliseconds; `diagnostics` says how many returns were added so since the last fit, and what
        share of its draws is left, effectively. Where that would fall below 0.6, as after a few
        returns or a shock, and with the PyMC engine, the model is refitted, from where the last
        fit was.

        Parameters
        ----------
        new_returns : array-like, pandas Series, or polars Series or DataFrame
            After the last of those fitted; with dates if those have any.
        date : str, optional
            The column of dates, in a polars frame.
        mean_regressors, variance_regressors : optional
            Of a model that has them, those of the new returns, as given to `fit`. What is average
            and usual of them stays as it was in the first fit.

        Returns
        -------
        self
        """
        data = self.fitted.data
        series = append_returns(data.series, new_returns, self.fitted.missing, date=date)
        known = self._given.regressors(mean_regressors, variance_regressors)
        regressors = data.regressors.longer(*known, *data.new_times(series), date=date)
        return self._update(
            VolatilityData(series, LogMeasures.none(series.values.size), regressors)
        )

    def _regressors(
        self, series: ReturnSeries, mean: Any, variance: Any, date: str | None
    ) -> VolatilityRegressors:
        """Return regressors at the times of returns: these, or those that are at hand."""
        return VolatilityRegressors.of(
            *self._given.regressors(mean, variance), series.index, series.values.size,
            date=date, constant_mean=self.mean == "constant",
        )  # fmt: skip

    def _update(self, data: VolatilityData) -> Self:
        """Take returns, and what is beside them, that go on from those fitted."""
        last = self.fitted
        longer = with_more_returns(last, data, self.priors)
        if longer is None:
            longer = fit_data(
                data, self._specification(data), last.settings, last.missing, last.keep_states,
                last.sampled.start,
            )  # fmt: skip
        return self._keep(longer)

    def _fit_first(
        self, data: VolatilityData, settings: Settings, missing: str, keep_states: str | int
    ) -> Self:
        """Fit with a seed that later updates go on with; say what counts as not observed."""
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        self._keep(fit_data(data, self._specification(data), settings, missing, keep_states))
        if self.note:
            warnings.warn(f"{data.series.name}: {self.note}", NotObservedWarning, stacklevel=3)
        return self

    def _specification(self, data: VolatilityData) -> Specification:
        """Return what to sample, with measures and regressors of the data's names."""
        measures = tuple(Measure(name, free=False) for name in data.measures.names)
        return Specification(
            self.law, self.leverage, self.mean, self.priors, self.engine, measures,
            data.regressors.coefficients,
        )  # fmt: skip

    def _keep(self, fitted: FittedVolatility) -> Self:
        self._fitted = fitted
        warn_of_a_guess(fitted)
        if fitted.checks:
            # Draws by weight are a share of those: where these can be doubted, so can they.
            warn_unless_converged(fitted.checks, fitted.settings.chains * fitted.settings.draws)
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file, an .npz archive whatever its name.

        It is there whole or not at all: a file that was there stays until the new one is on the
        disk. To have the draws as netCDF, for other programs, use ``model.idata.to_netcdf`` (the
        extra `netcdf`).

        Raises
        ------
        OSError
            If the file cannot be written, or the disk is full.
        """
        storage.save(path, self._kind, self.arguments, self.fitted)

    @property
    def members(self) -> Mapping[str, Self]:
        """Itself, without a name: what `AveragedVolatilityModel.members` are of several."""
        return {"": self}

    @property
    def arguments(self) -> storage.Arguments:
        """What it was made with."""
        return storage.Arguments(
            self.distribution, self.leverage, self.mean, self.engine, self.priors, self.jumps
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote; no code is run that the file could bring.

        Files of earlier versions, which were netCDF, are read with the extra `netcdf`.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, changed by a single bit, or of something else.
        ImportError
            For a netCDF file without the extra.
        """
        made_with, fitted = storage.load(path, cls._kind)
        with legible(os.fspath(path)):
            model = cls._made_with(made_with)
        # To read draws that PyMC made does not take PyMC.
        model.engine, model._fitted = made_with.engine, fitted
        return model

    @classmethod
    def _made_with(cls, arguments: storage.Arguments) -> Self:
        return cls(
            arguments.distribution, arguments.leverage, arguments.mean, arguments.priors,
            jumps=arguments.jumps,
        )  # fmt: skip
