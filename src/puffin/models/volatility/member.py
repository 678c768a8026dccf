"""Models that may stand side by side: what is asked of each, and that they are of the same data."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.inference.settings import Seed
from puffin.models.volatility.fitted import FittedVolatility
from puffin.models.volatility.forecast import VolatilityForecast
from puffin.models.volatility.results import Estimate, PathDraws, VolatilityResults
from puffin.models.volatility.storage import Arguments
from puffin.posterior import PredictiveModel

__all__ = ["DailyModel", "VolatilityModel", "as_models", "check_same_returns"]


class DailyModel(PredictiveModel, Protocol):
    """A volatility model that can be kept from day to day: one, or an average of several."""

    @property
    def members(self) -> Mapping[str, VolatilityModel]:
        """The models that it is made of; one alone has no name."""

    @property
    def fitted(self) -> FittedVolatility:
        """Returns, settings and draws of the last fit."""

    @property
    def note(self) -> str:
        """Which returns count as not observed."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on the figures."""

    @property
    def method(self) -> str:
        """What made the draws."""

    @property
    def volatility_forecast(self) -> float:
        """Posterior mean of the next period's volatility."""

    def unfitted(self) -> Self:
        """Return a model like this one, without its fit."""

    def given_as(self, other: Any) -> Self:
        """Return this model, given what another one was."""

    def fit(
        self,
        returns: Any,
        samples: int = ...,
        tune: int = ...,
        *,
        chains: int = ...,
        cores: int | None = ...,
        random_seed: Seed = ...,
        progressbar: bool = ...,
        missing: str = ...,
        keep_states: str | int = ...,
        date: str | None = ...,
    ) -> Self:
        """Fit the model to returns."""

    def update(self, new_returns: Any, *, date: str | None = ...) -> Self:
        """Add returns that came since."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to a file."""

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote."""


class VolatilityModel(DailyModel, Protocol):
    """A volatility model that can be compared and averaged: `StochasticVolatilityModel` is one."""

    @property
    def label(self) -> str:
        """What it is, in a few words."""

    @property
    def arguments(self) -> Arguments:
        """What it was made with."""

    @property
    def has_evidence(self) -> bool:
        """Whether it has a log marginal likelihood."""

    @property
    def log_marginal_likelihood(self) -> Estimate:
        """Log p(returns), parameters and states integrated out."""

    @property
    def volatility_path(self) -> Array:
        """Posterior mean of each period's volatility."""

    def given(self, *, mean_regressors: Any = ..., variance_regressors: Any = ...) -> Self:
        """Return this model with tables at hand, beside returns."""

    def forecast(self, horizon: int = ..., quantiles: Sequence[float] = ...) -> VolatilityForecast:
        """Return the predictive distribution of volatility and returns."""

    def log_predictive_density(self, value: float) -> float:
        """Return the log density of the next period's return."""

    def path_draws(self, kind: str = ...) -> PathDraws:
        """Return draws of the log-variances, and the mean of volatility."""

    def residuals(self) -> pd.Series:
        """Return standardised residuals."""


def as_models(models: object) -> dict[str, VolatilityModel]:
    """Return models by name; those of a sequence have their `label`.

    Raises
    ------
    TypeError
        If they are neither a mapping nor a sequence, or one of them is no volatility model.
    ValueError
        If there are none, or two have one name.
    """
    if isinstance(models, Mapping):
        named = [(str(name), model) for name, model in models.items()]
    elif isinstance(models, Sequence) and not isinstance(models, str):
        named = [(getattr(model, "label", ""), model) for model in models]
    else:
        raise TypeError(
            "models must be a mapping of names to volatility models, or a sequence of them; found "
            f"{type(models).__name__}."
        )
    if not named:
        raise ValueError("models is empty; there is nothing to compare.")
    for place, (_, model) in enumerate(named):
        if not isinstance(model, VolatilityResults):
            raise TypeError(
                "models must be volatility models, such as StochasticVolatilityModel; number "
                f"{place + 1} is {type(model).__name__}."
            )
    names = [name for name, _ in named]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"models has {twice!r} twice; give each a name of its own, in a dict.")
    return dict(named)


def check_same_returns(models: Mapping[str, VolatilityModel]) -> None:
    """Raise ValueError if fitted models are not of the same returns, or observe others of them."""
    first, *others = models
    reference = models[first].fitted
    for name in others:
        fitted = models[name].fitted
        if not _same_labels(reference.series.index, fitted.series.index):
            difference = "on other dates"
        elif not np.array_equal(reference.series.values, fitted.series.values, equal_nan=True):
            difference = "of other returns"
        elif not np.array_equal(reference.observed, fitted.observed, equal_nan=True):
            difference = "with other returns taken as observed"
        elif not _same_measures(reference, fitted):
            difference = "with other measures"
        else:
            continue
        raise ValueError(
            f"models[{name!r}] is fitted {difference} than {first!r}; evidences compare models of "
            "the same data only. Fit all of them to the same."
        )


def _same_measures(one: FittedVolatility, other: FittedVolatility) -> bool:
    """Whether evidences are of the same realised measures too, or of none."""
    same_names = tuple(one.measures.names) == tuple(other.measures.names)
    return same_names and np.array_equal(one.measures.values, other.measures.values, equal_nan=True)


def _same_labels(one: pd.Index[Any] | None, other: pd.Index[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.equals(other)
