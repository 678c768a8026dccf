"""Returns that change between regimes, with a full posterior."""

from __future__ import annotations

import copy
import dataclasses
import os
import warnings
from typing import Any, Self

import numpy as np
import pandas as pd

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed, Settings
from puffin.laws import find_law
from puffin.models.regimes import storage
from puffin.models.regimes.card import regimes_card
from puffin.models.regimes.fitted import FittedRegimes
from puffin.models.regimes.priors import RegimePriors
from puffin.models.regimes.results import RegimeResults
from puffin.models.regimes.sampling import evidence_of_regimes, sample
from puffin.models.regimes.specification import MOST_REGIMES, Specification
from puffin.models.regimes.updating import add_returns
from puffin.models.regimes.walking import walk
from puffin.models.settings import check_engine, check_priors, sampling_settings
from puffin.models.volatility.observed import NotObservedWarning, observe
from puffin.models.volatility.ties import dither_ties
from puffin.posterior import summarise, warn_unless_converged
from puffin.showing.card import Card
from puffin.validation import ReturnSeries, append_returns, as_returns, choice, positive_integer

__all__ = ["BayesianRegimeSwitching", "UnsupportedRegimesWarning"]

_RETURNS_PER_REGIME = 10


class UnsupportedRegimesWarning(UserWarning):
    """The returns do not seem to have as many regimes as the model."""


class BayesianRegimeSwitching(RegimeResults):
    r"""Returns whose mean and standard deviation change between K hidden regimes.

    .. math::

        y_t = m_{s_t} + \sigma_{s_t} \epsilon_t, \qquad
        P(s_{t+1} = j \mid s_t = i) = P_{ij}, \qquad s_1 \sim \text{stationary}

    with independent errors :math:`\epsilon_t` of mean 0 and variance 1, normal, Student-t, or
    asymmetric Student-t (`puffin.laws`). Priors (`RegimePriors`): normal means, log-normal standard
    deviations, and a sticky Dirichlet prior for each row of the transition matrix.

    **Which regime is which.** The likelihood does not change if regimes swap their names. Here
    they are numbered from 1 in ascending order of their standard deviations, in every draw, so that
    regime 1 is the calm one; where two regimes may have the same, they may be mixed up, and
    `doubts` says so.

    **How it is sampled.** Given the parameters, Hamilton's (1989) filter sums the regimes out, so
    that K(K + 1) and a few numbers are left. These are proposed from a mixture of multivariate t
    distributions at the posterior's modes, independently of each other, and accepted by
    Metropolis's rule: draws are from the exact posterior, nearly independent, and their importance
    weights give the evidence and say whether it worked (`diagnostics`). Where they say it did not,
    as with more regimes than the returns have, random-walk Metropolis takes over, and is slower.

    **When to use which.** This model jumps between a few levels and is asked *which* one it is, how
    long that lasts, and what comes after. `StochasticVolatilityModel` lets volatility move by
    itself, to any level; it predicted better on all eight series of daily returns on which both
    were tried (benchmarks/forecasting.md), and `estimate_volatility_regime` reads "low, normal,
    high" off it. `compare_regimes` says how many regimes the returns have, one included.

    Returns are taken as by `StochasticVolatilityModel`: too many exact zeros count as not observed,
    a missing return (``missing="skip"``) says nothing, and equal returns are known to a hundredth
    of their spread.

    Parameters
    ----------
    n_regimes : int, default 2
        At most 6; 1 is the law alone, for comparison.
    distribution : {"student", "normal", "asymmetric"}, default "student"
        The law of errors. With normal errors, days that the regimes' laws do not expect become a
        regime of their own, so that returns with fat tails and no regimes seem to have two beyond
        doubt; Student-t errors have room for these days.
    shape : {"shared", "own"}
        Whether the law's shape (degrees of freedom, asymmetry) is one for all regimes.
    priors : RegimePriors, optional
    engine : {"native", "pymc"}

    References
    ----------
    Hamilton (1989), "A new approach to the economic analysis of nonstationary time series and the
    business cycle", Econometrica 57. Frühwirth-Schnatter (2006), *Finite Mixture and Markov
    Switching Models*, Springer. Hoogerheide, Opschoor & van Dijk (2012), "A class of adaptive
    importance sampling weighted EM algorithms", Journal of Econometrics 171.

    Examples
    --------
    >>> import puffin as pf
    >>> returns = pf.datasets.load_sp500().pct_change().dropna()
    >>> model = pf.BayesianRegimeSwitching(2).fit(returns[-1000:], random_seed=1)
    >>> print(model.expected_durations()["median"].round(-1).tolist())
    [60.0, 30.0]
    >>> model.regime_probabilities().tail()  # doctest: +SKIP
    >>> model.update(new_returns).next_regime  # doctest: +SKIP
    """

    def __init__(
        self,
        n_regimes: int = 2,
        distribution: str = "student",
        shape: str = "shared",
        priors: RegimePriors | None = None,
        engine: str = "native",
    ) -> None:
        self.n_regimes = positive_integer("n_regimes", n_regimes)
        if self.n_regimes > MOST_REGIMES:
            raise ValueError(f"n_regimes must be at most {MOST_REGIMES}; found {n_regimes}.")
        self.distribution = find_law(distribution).name
        self.shape = choice("shape", shape, ("shared", "own"))
        self.priors = check_priors(priors, RegimePriors)
        self.engine = check_engine(engine)
        self._fitted: FittedRegimes | None = None

    def _card(self) -> Card:
        names = ("n_regimes", "distribution", "shape", "engine")
        options = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return regimes_card(f"{type(self).__name__}({options})", self._fitted)

    @property
    def specification(self) -> Specification:
        """What it was made with."""
        return Specification(
            self.n_regimes, self.distribution, self.shape, self.priors, self.engine
        )

    @property
    def label(self) -> str:
        """What it is beside other models, in a few words."""
        return self.specification.label

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
        date: str | None = None,
    ) -> Self:
        """Draw from the posterior given returns.

        Parameters
        ----------
        returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
            In any unit; results are in the same. At least 10 for each regime.
        samples : int, default 2000
            Draws of each chain.
        tune : int, default 1000
            Warm-up of each chain, which PyMC alone needs.
        missing : {"raise", "skip"}
            Whether NaN is refused, or is a return that is not known: it says nothing of its regime.
        date : str, optional
            The column of dates, in a polars frame.

        Returns
        -------
        self

        Warns
        -----
        UnsupportedRegimesWarning
            If the returns do not seem to have as many regimes: one is nearly empty, or lasts hardly
            longer than a period, or two are the same.
        NotObservedWarning
            If returns are not those of a trade, such as most zeros (`note`).
        ConvergenceWarning
            If chains disagree.
        OddReturnsWarning
            If they look like percent, or like prices; as they are, they are taken all the same.

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid; the message says which, what was found, and what to do.
        SamplingError
            If there is no posterior to draw from, such as that of an exact fit.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        missing = choice("missing", missing, ("raise", "skip"))
        least = _RETURNS_PER_REGIME * self.n_regimes
        series = as_returns(returns, date=date, minimum=least, missing=missing)
        self._fit(series, settings, missing)
        if self.note:
            warnings.warn(f"{series.name}: {self.note}", NotObservedWarning, stacklevel=2)
        return self

    def real_time(
        self,
        returns: Any,
        start: int,
        *,
        every: int | None = None,
        samples: int = 500,
        chains: int = 2,
        cores: int | None = None,
        random_seed: Seed = None,
        missing: str = "raise",
        date: str | None = None,
    ) -> pd.DataFrame:
        """Return what this model, fitted to the past alone, would have known at each time.

        It is fitted to the first `start` returns, and goes on from there as `update` does; it is
        fitted again where its draws are worn out, or after `every` returns. So nothing in a row
        depends on later returns: a backtest may use it. The fit of this model stays as it is. With
        later returns the rows before are the same, if the seed is. Returns are taken as they are
        (which zeros are days without a trade would be known from later ones): leave such days out.

        Parameters
        ----------
        returns : array-like, pandas Series, or polars Series or DataFrame, of shape (n_times,)
        start : int
            At least 10 for each regime.
        every : int, optional
        samples, chains, cores, random_seed, missing, date
            As in `fit`.

        Returns
        -------
        DataFrame
            On the index of the returns from number `start` on: the probability of each regime in
            the **next** period, given the returns up to and with the row's own; and `log_score`,
            the log density that the row's return had the period before.
        """
        settings = sampling_settings(
            samples=samples, tune=0, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=False,
        )  # fmt: skip
        settings = dataclasses.replace(settings, seed=fixed_seed(settings.seed))
        missing = choice("missing", missing, ("raise", "skip"))
        start = positive_integer("start", start, minimum=_RETURNS_PER_REGIME * self.n_regimes)
        every = None if every is None else positive_integer("every", every)
        series = as_returns(returns, date=date, minimum=start + 1, missing=missing)
        found = walk(series.values, self.specification, settings, start, every)
        index = None if series.index is None else series.index[start:]
        columns: Any = pd.Index(range(1, self.n_regimes + 1), name="regime")
        table = pd.DataFrame(found.probabilities[1:], index, columns)
        if index is None:
            table.index = pd.RangeIndex(start, series.values.size)
        return table.assign(log_score=found.log_scores)

    def update(self, new_returns: Any, *, date: str | None = None) -> Self:
        """Add returns that came since, in milliseconds: the filter goes on, draw by draw.

        The posterior, of the parameters as well, is that of a fit to all returns, with the unit of
        the priors as it was in the first fit. The draws of the last fit get weights; where they
        would be worth less than 0.6 of equal ones, and with PyMC, the model is fitted again.
        Nothing here looks ahead: after each update `next_regime`, `predictive` and the last row of
        ``regime_probabilities("filtered")`` are what was known then.

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
        taken = observe(series.values)
        y, before = dither_ties(taken.values, fitted.sampled.step), fitted.observed
        longer = None
        if self.engine == "native" and np.array_equal(y[: before.size], before, equal_nan=True):
            longer = add_returns(fitted.sampled, y[before.size :])
        if longer is None:
            sampled = fitted.sampled
            return self._fit(
                series, fitted.settings, fitted.missing, scale=sampled.scale, step=sampled.step
            )
        return self._keep(dataclasses.replace(fitted, series=series, taken=taken, sampled=longer))

    def _fit(
        self,
        series: ReturnSeries,
        settings: Settings,
        missing: str,
        *,
        scale: float | None = None,
        step: float | None = None,
    ) -> Self:
        check_engine(self.engine)
        taken = observe(series.values)
        draws = sample(taken.values, self.specification, settings, scale=scale, step=step)
        fitted = FittedRegimes(
            series,
            taken,
            self.specification,
            settings,
            missing,
            draws,
            checks=summarise(draws.scalars(), 0.94),
            one_regime=evidence_of_regimes(1, taken.values, draws, self.specification, settings),
        )
        warn_unless_converged(fitted.checks, settings.chains * settings.draws)
        if fitted.unsupported:
            said = " ".join([*fitted.unsupported, fitted.advice])
            warnings.warn(f"{series.name}: {said}", UnsupportedRegimesWarning, stacklevel=3)
        return self._keep(fitted)

    def _keep(self, fitted: FittedRegimes) -> Self:
        self._fitted = fitted
        return self

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file, an .npz archive whatever its name.

        It is there whole or not at all.

        Raises
        ------
        OSError
            If the file cannot be written, or the disk is full.
        """
        storage.save(path, type(self).__name__, self.fitted)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a model that `save` wrote; no code is run that the file could bring.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file is damaged, changed by a single bit, or of something else.
        """
        fitted = storage.load(path, cls.__name__)
        made_with = fitted.specification
        model = cls(made_with.n_regimes, made_with.distribution, made_with.shape, made_with.priors)
        # To read draws that PyMC made does not take PyMC.
        model.engine, model._fitted = made_with.engine, fitted
        return model
