"""Volatility that moves by itself, with a full posterior."""

from __future__ import annotations

import copy
import dataclasses
import math
import os
import warnings
from typing import Any, ClassVar, Self

import numpy as np

from puffin.inference.chains import fixed_seed
from puffin.inference.latent_ar1.guide import Start
from puffin.inference.measures import Measure
from puffin.inference.settings import Seed, Settings
from puffin.inference.stochastic_volatility import SAMPLED_LAWS
from puffin.laws import Law, find_law
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.models.volatility import storage
from puffin.models.volatility.card import volatility_card
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.kept_states import thinning
from puffin.models.volatility.observed import LONG_GAP, NotObservedWarning, observe
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.results import VolatilityResults
from puffin.models.volatility.sampling import Specification, sample_volatility
from puffin.models.volatility.updating import add_returns
from puffin.posterior import summarise, warn_unless_converged
from puffin.posterior.saving import legible
from puffin.showing.card import Card
from puffin.validation import (
    LogMeasures,
    ReturnSeries,
    append_returns,
    as_returns,
    choice,
    flag,
    row_label,
)

__all__ = ["LEAST_RETURNS", "StochasticVolatilityModel"]

LEAST_RETURNS = 5


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
      whether it had one is integrated out, and `jump_probability` says how likely it is.
      Volatility, :math:`e^{h_t/2}`, and :math:`\rho` are those of the rest of the return; its
      standard deviation, forecasts and risk have the jumps in them.
    - ``mean="zero"`` leaves the mean out.

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
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.StochasticVolatilityModel().fit(returns[-1000:], random_seed=1)
    >>> model.volatility_forecast  # doctest: +SKIP
    >>> model.volatility()  # doctest: +SKIP
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

    def unfitted(self) -> Self:
        """Return a model like this one, without its fit."""
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
        none = LogMeasures.none(series.values.size)
        return self._fit_first(series, none, settings, missing, keep_states)

    def update(self, new_returns: Any, *, date: str | None = None) -> Self:
        """Add returns that came since, in a fraction of the time of a fit.

        The posterior is that of a fit to all returns, with the settings of the last fit. The draws
        of that fit are taken by weight, some again and some no more (`updating`), which takes
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
        return self._update(series, LogMeasures.none(series.values.size))

    def _update(self, series: ReturnSeries, measures: LogMeasures) -> Self:
        """Take a series, and measures, that go on from those fitted."""
        fitted = self.fitted
        settings, keep_states, sampled = fitted.settings, fitted.keep_states, fitted.sampled
        taken, longer = observe(series.values), None
        if fitted.thin == thinning(keep_states, settings, series.values.size):
            seed = fixed_seed(settings.seed)
            longer = add_returns(
                sampled, fitted.observed, taken.values, measures, self.priors, seed
            )
        if longer is None:
            return self._fit(series, measures, settings, fitted.missing, keep_states, sampled.start)
        return self._keep(
            dataclasses.replace(
                fitted, series=series, measures=measures, taken=taken, sampled=longer
            )
        )

    def _fit_first(
        self,
        series: ReturnSeries,
        measures: LogMeasures,
        settings: Settings,
        missing: str,
        keep_states: str | int,
    ) -> Self:
        """Fit with a seed that later updates go on with; say what counts as not observed."""
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        self._fit(series, measures, settings, missing, keep_states, None)
        if self.note:
            warnings.warn(f"{series.name}: {self.note}", NotObservedWarning, stacklevel=3)
        return self

    def _specification(self, names: tuple[str, ...]) -> Specification:
        """Return what to sample, with measures of these names."""
        measures = tuple(Measure(name, free=False) for name in names)
        return Specification(self.law, self.leverage, self.mean, self.priors, self.engine, measures)

    def _fit(
        self,
        series: ReturnSeries,
        measures: LogMeasures,
        settings: Settings,
        missing: str,
        keep_states: str | int,
        start: Start | None,
    ) -> Self:
        check_engine(self.engine)
        thin = thinning(keep_states, settings, series.values.size)
        taken = observe(series.values)
        draws = sample_volatility(
            taken.values,
            measures,
            self._specification(measures.names),
            settings,
            thin=thin,
            start=start,
        )
        checks = {} if draws.is_fallback else summarise(draws.scalars(), 0.94)
        return self._keep(
            FittedVolatility(
                series, measures, taken, settings, missing, keep_states, self.engine, draws, checks
            )
        )

    def _keep(self, fitted: FittedVolatility) -> Self:
        self._fitted = fitted
        _warn_of_a_guess(fitted)
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
        storage.save(path, self._kind, self._arguments, self.fitted)

    @property
    def _arguments(self) -> storage.Arguments:
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


def _warn_of_a_guess(fitted: FittedVolatility) -> None:
    """Say so where what the last known returns said of volatility has half faded since."""
    known = np.flatnonzero(~np.isnan(fitted.series.values))
    missing = fitted.series.values.size - 1 - int(known[-1])
    phi = fitted.sampled.variables.get("phi")
    half_life = (
        LONG_GAP if phi is None else math.log(0.5) / math.log(max(float(np.median(phi)), 0.5))
    )
    if missing <= max(half_life, LEAST_RETURNS):
        return
    place = known[-1] if fitted.series.index is None else row_label(fitted.series.index[known[-1]])
    warnings.warn(
        f"the last {missing} returns are missing, after {place}: what comes next is a guess from "
        "how volatility usually is.",
        UserWarning,
        stacklevel=6,
    )
