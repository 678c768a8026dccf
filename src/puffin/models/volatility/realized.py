"""Volatility from returns and from measures of it, together."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from puffin.inference.latent_ar1.batch import MOST_MEASURES
from puffin.inference.measures import Measure
from puffin.inference.settings import Seed
from puffin.models.settings import sampling_settings
from puffin.models.volatility import storage
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.fitting import LEAST_RETURNS
from puffin.models.volatility.given import Given
from puffin.models.volatility.model import StochasticVolatilityModel
from puffin.models.volatility.priors import VolatilityPriors
from puffin.models.volatility.sampling import Specification
from puffin.validation import (
    LogMeasures,
    append_returns,
    as_measures,
    as_returns,
    choice,
    name_of_measure,
)

__all__ = ["RealizedVolatilityBayes"]


class RealizedVolatilityBayes(StochasticVolatilityModel):
    r"""Stochastic volatility of returns and of realised measures, together.

    Returns are those of `StochasticVolatilityModel`, with any of its laws, with leverage or
    without, with regressors or without. Each measure M of the period's variance adds

    .. math:: \log M_t = \xi + \psi h_t + \tau u_t, \qquad u_t \sim N(0, 1)

    (Takahashi, Omori & Watanabe 2009, "Estimating stochastic volatility models using daily returns
    and realized volatility simultaneously", Computational Statistics & Data Analysis 53), with
    :math:`u_t` independent of all else. A daily return says little of its own volatility; a
    realised variance of the same day says it within a third or so, and the log-variances become
    that much sharper. Measures may be any of `puffin.realized` (realised variance or kernel,
    ranges), or an implied volatility index, squared; several at once, each with parameters of its
    own:

    - ``xi_NAME``, its logarithm at a log-variance of zero. It takes in the measure's unit and its
      bias, as of a realised variance that leaves out the night. Hence **units do not matter**: a
      measure multiplied by a constant gives the same posterior of all else.
    - ``psi_NAME``, how far it moves when the log-variance moves by 1. That is 1 for a measure of
      the period's own variance, and fixed at that, unless ``free_psi`` says otherwise; an implied
      volatility index is of the next month, over which variance partly returns to its mean, and
      needs it free. It is not free by default: with one measure it says much the same as the
      volatility of log-variance does, and both are known less well.
    - ``tau_NAME``, its noise.

    **Measures are of variance**: square one that is a volatility, such as the VIX. With
    ``jumps=True`` they are of the variance of returns apart from jumps, as bipower variation is;
    a realised variance or a range has the day's jump in it, for which :math:`u_t` must do.

    A return or a measure may be missing (NaN) where the others are there. Forecasts are as those of
    `StochasticVolatilityModel`: they need the present log-variance alone, which is known better.
    `log_marginal_likelihood` is that of returns and of logarithms of measures together: it compares
    models of the same returns and measures. `log_predictive_density` is of returns alone, and
    compares with models that have no measures.

    Parameters
    ----------
    distribution, leverage, mean, priors, engine
        As those of `StochasticVolatilityModel`.
    free_psi : bool or sequence of str, default False
        Whether psi is estimated of all measures, or which names it is estimated of.
    jumps : bool
        As that of `StochasticVolatilityModel`.

    Examples
    --------
    >>> import puffin as pf
    >>> model = pf.RealizedVolatilityBayes("student", leverage=True)
    >>> measures = pf.realized.parkinson(bars)  # doctest: +SKIP
    >>> model.fit(bars["Close"].pct_change().dropna(), measures=measures)  # doctest: +SKIP
    """

    _kind: ClassVar[str] = "RealizedVolatilityBayes"
    _own_options: ClassVar[tuple[str, ...]] = ("free_psi", "jumps")

    def __init__(
        self,
        distribution: str = "normal",
        leverage: bool = False,
        mean: str = "constant",
        priors: VolatilityPriors | None = None,
        engine: str = "native",
        *,
        free_psi: bool | Sequence[str] = False,
        jumps: bool = False,
    ) -> None:
        super().__init__(distribution, leverage, mean, priors, engine, jumps)
        self.free_psi = _checked_names(free_psi)

    def given(
        self,
        *,
        mean_regressors: Any = None,
        variance_regressors: Any = None,
        measures: Any = None,
    ) -> Self:
        """Return this model with regressors and measures at hand, for whoever has returns alone.

        See `StochasticVolatilityModel.given`.
        """
        return self._with(Given(mean_regressors, variance_regressors, measures))

    def given_as(self, other: StochasticVolatilityModel) -> Self:
        """Return this model, given what another one was: measures too, if it is fitted.

        Raises
        ------
        ValueError
            If they are missing. An update without them would go on as if none were known.
        """
        if self._fitted is not None and other._given.measures is None:
            raise ValueError(
                f"measures are missing: this model was fitted with "
                f"{', '.join(self._fitted.measures.names)}. Give them by model.given(measures=...)."
            )
        return super().given_as(other)

    def fit(
        self,
        returns: Any,
        samples: int = 2000,
        tune: int = 1000,
        *,
        measures: Any = None,
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
        """Draw from the posterior given returns and measures.

        Parameters
        ----------
        returns
            As of `StochasticVolatilityModel.fit`, and so are the other arguments.
        measures : Series, DataFrame (a column a measure), array-like, or dict of Series
            Of variance, above zero, in any unit; NaN where one is not known. Where returns and
            measures have dates, each measure is taken at the dates of the returns, counts as
            missing at those that it lacks, and is left out at others. Without dates there are as
            many as returns.

        Returns
        -------
        self

        Raises
        ------
        ValueError, TypeError
            If an argument is invalid: measures that are not positive, or do not match the returns,
            or whose names are not those of `free_psi`; the message says which, and what to do.
        """
        settings = sampling_settings(
            samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
            progressbar=progressbar,
        )  # fmt: skip
        missing = choice("missing", missing, ("raise", "skip"))
        series = as_returns(returns, date=date, minimum=LEAST_RETURNS, missing=missing)
        if measures is None:
            measures = self._given.measures
        taken = as_measures(measures, series.index, series.values.size, date=date)
        regressors = self._regressors(series, mean_regressors, variance_regressors, date)
        data = VolatilityData(series, taken, regressors)
        return self._fit_first(data, settings, missing, keep_states)

    def update(
        self,
        new_returns: Any,
        *,
        measures: Any = None,
        date: str | None = None,
        mean_regressors: Any = None,
        variance_regressors: Any = None,
    ) -> Self:
        """Add returns, and their measures, that came since: see `StochasticVolatilityModel.update`.

        Parameters
        ----------
        new_returns
            After the last of those fitted.
        measures : optional
            Those of the same periods, as given to `fit`; None where they are not known.
        mean_regressors, variance_regressors : optional
            Of a model that has them, those of the new returns.
        """
        data = self.fitted.data
        series = append_returns(data.series, new_returns, self.fitted.missing, date=date)
        before, names = data.measures.values, data.measures.names
        index, n_new = data.new_times(series)
        if measures is None:
            measures = self._given.measures
        if measures is None:
            new = np.full((n_new, len(names)), np.nan)
        else:
            added = as_measures(measures, index, n_new, date=date, least_known=0)
            if added.names != names:
                raise ValueError(
                    f"measures must be {', '.join(names)}, as those fitted before; found "
                    f"{', '.join(added.names)}."
                )
            new = added.values
        measures = LogMeasures(names, np.concatenate([before, new]))
        known = self._given.regressors(mean_regressors, variance_regressors)
        regressors = data.regressors.longer(*known, index, n_new, date=date)
        return self._update(VolatilityData(series, measures, regressors))

    def _specification(self, data: VolatilityData) -> Specification:
        names = data.measures.names
        if len(names) > MOST_MEASURES:
            raise ValueError(f"at most {MOST_MEASURES} measures; found {len(names)}.")
        free = self.free_psi
        if isinstance(free, bool):
            free = list(names) if free else []
        unknown = [name for name in free if name_of_measure(name) not in names]
        if unknown:
            raise ValueError(f"free_psi names {unknown[0]!r}; the measures are {', '.join(names)}.")
        estimated = {name_of_measure(name) for name in free}
        return dataclasses.replace(
            super()._specification(data),
            measures=tuple(Measure(name, name in estimated) for name in names),
        )

    @property
    def arguments(self) -> storage.Arguments:
        """What it was made with."""
        return dataclasses.replace(super().arguments, free_psi=self.free_psi)

    @classmethod
    def _made_with(cls, arguments: storage.Arguments) -> Self:
        return cls(
            arguments.distribution, arguments.leverage, arguments.mean, arguments.priors,
            free_psi=arguments.free_psi, jumps=arguments.jumps,
        )  # fmt: skip


def _checked_names(free_psi: bool | Sequence[str]) -> bool | list[str]:
    if isinstance(free_psi, bool):
        return free_psi
    if isinstance(free_psi, str) or not all(isinstance(name, str) for name in free_psi):
        raise TypeError(
            f"free_psi must be True, False, or names of measures in a list; found {free_psi!r}."
        )
    return list(free_psi)
