"""One forecast after the other, each from what was known before."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd

from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Seed, Settings
from puffin.models.settings import sampling_settings
from puffin.models.volatility import NotObservedWarning, StochasticVolatilityModel
from puffin.posterior import (
    ConvergenceWarning,
    FallbackWarning,
    PredictiveModel,
    predictive_return,
)
from puffin.risk.card import period_card
from puffin.risk.tail_risk import LEVELS
from puffin.showing.card import Card
from puffin.showing.shown import Shown
from puffin.validation import ReturnSeries, as_returns, position_of, positive_integer, tail_levels

__all__ = [
    "YEAR",
    "PeriodForecast",
    "Plan",
    "RefittableModel",
    "Step",
    "forecasts",
    "plan",
    "usual_model",
]

YEAR = 252
_FEWEST_BEFORE = 5


@dataclass(frozen=True, repr=False)
class PeriodForecast(Shown):
    """What was forecast for one period before it, and how it came.

    Attributes
    ----------
    label : object
        The period in the returns' index, or its number.
    returned : float
        The return that came.
    volatility : float
        Posterior mean of the period's volatility, exp(h / 2).
    return_sd : float
        Standard deviation of the return over the draws: uncertainty of volatility included.
    value_at_risk, expected_shortfall : tuple of float
        For each level, losses positive; expected shortfalls are NaN where they do not exist.
    log_density : float
        Log predictive density of the return that came.
    pit : float
        The forecast's probability of a return up to the one that came.
    fitted : bool
        Whether the model was refitted for this period, and not updated.
    doubt : str
        What the sampler warned of; empty if nothing.
    """

    label: Any
    returned: float
    volatility: float
    return_sd: float
    value_at_risk: tuple[float, ...]
    expected_shortfall: tuple[float, ...]
    log_density: float
    pit: float
    fitted: bool
    doubt: str

    def _card(self) -> Card:
        return period_card(self)


@runtime_checkable
class RefittableModel(PredictiveModel, Protocol):
    """A model that can be fitted again and again, and updated in between.

    `StochasticVolatilityModel` is one.
    """

    def unfitted(self) -> Self:
        """Return a model like this one, without its fit."""

    def fit(
        self,
        returns: Any,
        /,
        samples: int = ...,
        tune: int = ...,
        *,
        chains: int = ...,
        cores: int | None = ...,
        random_seed: Seed = ...,
    ) -> Self:
        """Fit the model to returns."""

    def update(self, new_returns: Any, /) -> Self:
        """Add returns that came since."""


class Step(NamedTuple):
    """A model that knows all returns before a period, and none from it on.

    Attributes
    ----------
    position : int
        Of the period.
    model : RefittableModel
    fitted : bool
        Whether it was refitted, and not updated.
    doubt : str
        What the sampler warned of; empty if nothing.
    """

    position: int
    model: RefittableModel
    fitted: bool
    doubt: str


@dataclass(frozen=True)
class Plan:
    """What to forecast, and how: checked.

    Attributes
    ----------
    series : ReturnSeries
    template : RefittableModel
        Not fitted itself.
    first : int
        Position of the first period to forecast.
    every : int
        Periods from fit to fit.
    levels : tuple of float
    options : dict
        Of each fit.
    seed : int
    """

    series: ReturnSeries
    template: RefittableModel
    first: int
    every: int
    levels: tuple[float, ...]
    options: dict[str, Any]
    seed: int

    @property
    def count(self) -> int:
        """The number of periods to forecast."""
        return self.series.values.size - self.first

    @property
    def segments(self) -> list[range]:
        """The positions of the periods, from each fit to the next: none needs another."""
        end = self.series.values.size
        return [
            range(fitted, min(fitted + self.every, end))
            for fitted in range(self.first, end, self.every)
        ]

    def run(self) -> Iterator[PeriodForecast]:
        """Yield the forecasts."""
        for step in self.steps():
            yield self.own(step)

    def steps(self, segment: range | None = None) -> Iterator[Step]:
        """Yield the model as it is before each period; the next step changes it.

        Parameters
        ----------
        segment : range, optional
            One of `segments`; by default all.
        """
        # Tables that a model was given are taken by date.
        dated = isinstance(self.series.index, pd.DatetimeIndex)
        returns: Any = self.series.pandas if dated else self.series.values
        model = self.template.unfitted()
        for t in segment or range(self.first, len(returns)):
            refit = (t - self.first) % self.every == 0
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                if refit:
                    seed = np.random.SeedSequence(self.seed, spawn_key=(t,))
                    model = self.template.unfitted()
                    model.fit(returns[:t], random_seed=seed, **self.options)
                else:
                    model.update(returns[t - 1 : t])
            if t > self.first:  # said once, of the first fit
                caught = [one for one in caught if one.category is not NotObservedWarning]
            yield Step(t, model, refit, _doubt(caught))

    def own(self, step: Step) -> PeriodForecast:
        """Return what the model of a step forecasts."""
        return self.forecast(step, step.model)

    def forecast(self, step: Step, model: PredictiveModel) -> PeriodForecast:
        """Return what a model, as it is before the period of a step, forecasts for it."""
        index, t = self.series.index, step.position
        returned, levels = float(self.series.values[t]), self.levels
        predictive = predictive_return(model)
        quantiles = [float(predictive.quantile(level)) for level in levels]
        shortfalls = [np.nan] * len(levels)
        if predictive.mean_exists:
            shortfalls = [
                -y + float(predictive.average(predictive.conditional_shortfall(y))) / level
                for y, level in zip(quantiles, levels, strict=True)
            ]
        return PeriodForecast(
            label=t if index is None else index[t],
            returned=returned,
            volatility=float(predictive.average(predictive.spread)),
            return_sd=float(predictive.standard_deviation),
            value_at_risk=tuple(-y for y in quantiles),
            expected_shortfall=tuple(shortfalls),
            log_density=float(predictive.log_density(returned)),
            pit=float(predictive.cdf(returned)),
            fitted=step.fitted,
            doubt=step.doubt,
        )


def usual_model() -> StochasticVolatilityModel:
    """Return the model of those who name none: asymmetric Student-t errors, with leverage.

    Out of sample it had the highest log scores on stock indices in benchmarks/forecasting.md, and
    no model had clearly higher ones on the other series measured there. On the S&P 500 losses
    beyond a 1% value at risk were one and a half times as many as they should be, and twice as many
    with symmetric errors.
    """
    return StochasticVolatilityModel("asymmetric", leverage=True)


def plan(
    returns: Any,
    model: RefittableModel | None,
    *,
    start: Any,
    refit_every: int | None,
    levels: Sequence[float],
    settings: Settings,
    date: str | None,
) -> Plan:
    """Return the checked arguments of `rolling_forecast`."""
    series = as_returns(returns, date=date)
    first = position_of("start", start, series)
    if first < _FEWEST_BEFORE:
        raise ValueError(
            f"start must leave at least {_FEWEST_BEFORE} returns to fit before it; found {first}."
        )
    return Plan(
        series,
        usual_model() if model is None else _checked(model),
        first,
        series.values.size if refit_every is None else positive_integer("refit_every", refit_every),
        tail_levels("levels", levels),
        {
            "samples": settings.draws,
            "tune": settings.tune,
            "chains": settings.chains,
            "cores": settings.cores,
        },
        fixed_seed(settings.seed),
    )


def forecasts(
    returns: Any,
    model: RefittableModel | None = None,
    *,
    start: Any,
    refit_every: int | None = YEAR,
    levels: Sequence[float] = LEVELS,
    samples: int = 1000,
    tune: int = 1000,
    chains: int = 4,
    cores: int | None = None,
    random_seed: Seed = None,
    date: str | None = None,
) -> Iterator[PeriodForecast]:
    """Return forecasts one by one, each made when it is asked for.

    For whoever wants to keep each one as it comes, or to stop when it is enough; `rolling_forecast`
    collects them. The arguments are its own, checked at once.
    """
    settings = sampling_settings(
        samples=samples, tune=tune, chains=chains, cores=cores, random_seed=random_seed,
        progressbar=False,
    )  # fmt: skip
    return plan(
        returns, model, start=start, refit_every=refit_every, levels=levels, settings=settings,
        date=date,
    ).run()  # fmt: skip


def _checked(model: RefittableModel) -> RefittableModel:
    if not isinstance(model, RefittableModel):
        raise TypeError(
            "model must say what comes next and learn from what came, by methods `predictive`, "
            "`unfitted`, `fit` and `update`, as a StochasticVolatilityModel does; found "
            f"{type(model).__name__}."
        )
    return model


def _doubt(caught: list[warnings.WarningMessage]) -> str:
    """Return what the sampler warned of; pass on what others did."""
    doubts = []
    for one in caught:
        if issubclass(one.category, ConvergenceWarning | FallbackWarning):
            doubts.append(str(one.message))
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    return " ".join(doubts)
