"""Regressors of a volatility model's mean and log-variance: a user's, and as samplers have them.

A column is taken less its mean, and for samplers divided by its standard deviation, in the returns
of the first fit; both stay what they were when returns are added. So the priors of coefficients do
not depend on a column's unit, and mean and mu are those of an average period.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from puffin.arrays import Array
from puffin.inference.regressors import (
    MEAN_COEFFICIENTS,
    VARIANCE_COEFFICIENTS,
    Coefficients,
    Design,
)
from puffin.validation import (
    Labels,
    Regressors,
    check_explain,
    no_regressors,
    regressors_after,
    regressors_at,
)

__all__ = ["Columns", "VolatilityRegressors"]

MEAN, VARIANCE = "mean_regressors", "variance_regressors"
"""What the arguments are called."""


@dataclass(frozen=True)
class Columns:
    """The regressors of one part of a model, perhaps none, and what is usual of them.

    Attributes
    ----------
    argument : str
        What they are called where they are given.
    given : Regressors
        In their own units, at the times of the returns.
    centre, spread : ndarray of shape (n_columns,)
        What is zero and one of each to the samplers.
    """

    argument: str
    given: Regressors
    centre: Array
    spread: Array

    @classmethod
    def of(cls, argument: str, given: Regressors, *, centred: bool = True) -> Columns:
        """Return columns by their own mean, or by zero, and standard deviation."""
        values = given.values
        if given.names:
            check_explain(argument, given)
        centre = values.mean(axis=0) if centred else np.zeros(values.shape[1])
        return cls(argument, given, centre, values.std(axis=0))

    @property
    def deviations(self) -> Array:
        """Distances from the centre, shape (n_times, n_columns)."""
        return self.given.values - self.centre

    def longer(self, values: Any, index: Labels | None, n_times: int, date: str | None) -> Columns:
        """Return columns with those of later returns at their end."""
        if self._asked(values, "at the new returns"):
            new = regressors_at(
                self.argument, values, index, n_times, date=date, fitted=self.given
            ).values
        else:
            new = no_regressors(n_times).values
        joined = np.concatenate([self.given.values, new])
        return dataclasses.replace(self, given=dataclasses.replace(self.given, values=joined))

    def after(self, values: Any, index: Labels | None, horizon: int) -> Array:
        """Return deviations in the periods after the last return."""
        periods = "in the next period" if horizon == 1 else f"in the next {horizon} periods"
        if not self._asked(values, periods):
            return np.empty((horizon, 0))
        given = regressors_after(self.argument, values, index, horizon, fitted=self.given)
        return given.values - self.centre

    def _asked(self, values: Any, times: str) -> bool:
        """Whether there are columns; raise ValueError if they are given and not wanted, or not."""
        names = ", ".join(self.given.names)
        if names and values is None:
            raise ValueError(
                f"{self.argument} are missing: this model was fitted with {names}. Give their "
                f"values {times}, as {self.argument}= where that is asked for, or else by "
                f"model.given({self.argument}=...)."
            )
        if values is not None and not names:
            raise ValueError(
                f"{self.argument} were given, but this model was fitted without; fit it with them."
            )
        return bool(names)


class VolatilityRegressors(NamedTuple):
    """Regressors of the mean and of the log-variance of returns, at their times.

    Attributes
    ----------
    mean, variance : Columns
    """

    mean: Columns
    variance: Columns

    @classmethod
    def none(cls, n_times: int) -> VolatilityRegressors:
        """Return no regressors, of so many times."""
        nothing = no_regressors(n_times)
        return cls(Columns.of(MEAN, nothing), Columns.of(VARIANCE, nothing))

    @classmethod
    def of(
        cls,
        mean: Any,
        variance: Any,
        index: Labels | None,
        n_times: int,
        *,
        date: str | None,
        constant_mean: bool,
    ) -> VolatilityRegressors:
        """Return a user's at the times of returns; those of a mean of zero are not centred."""
        of_mean, of_variance = (
            no_regressors(n_times)
            if values is None
            else regressors_at(argument, values, index, n_times, date=date)
            for argument, values in ((MEAN, mean), (VARIANCE, variance))
        )
        return cls(
            Columns.of(MEAN, of_mean, centred=constant_mean), Columns.of(VARIANCE, of_variance)
        )

    @property
    def names(self) -> str:
        """The names of all of them, in a row; empty if there are none."""
        return ", ".join(dict.fromkeys(self.mean.given.names + self.variance.given.names))

    @property
    def coefficients(self) -> Coefficients:
        """Their coefficients."""
        return Coefficients(self.mean.given.names, self.variance.given.names)

    @property
    def spreads(self) -> dict[str, float]:
        """By the name of a coefficient, the spread of its regressor."""
        values = np.concatenate([self.mean.spread, self.variance.spread]).tolist()
        return dict(zip(self.coefficients.names, values, strict=True))

    @property
    def design(self) -> Design:
        """Deviations from the centres, in the users' units, at the times of the returns."""
        return Design(self.mean.deviations, self.variance.deviations)

    @property
    def standardised(self) -> Design:
        """The same for samplers, in units of the spreads."""
        of_mean, of_variance = self.design
        return Design(of_mean / self.mean.spread, of_variance / self.variance.spread)

    def longer(
        self, mean: Any, variance: Any, index: Labels | None, n_times: int, date: str | None
    ) -> VolatilityRegressors:
        """Return these with those of later returns at their end."""
        return VolatilityRegressors(
            self.mean.longer(mean, index, n_times, date),
            self.variance.longer(variance, index, n_times, date),
        )

    def after(self, mean: Any, variance: Any, index: Labels | None, horizon: int) -> Design:
        """Return deviations in the periods after the last return, as a user gives the values."""
        return Design(
            self.mean.after(mean, index, horizon), self.variance.after(variance, index, horizon)
        )

    def labelled(self, variables: Mapping[str, Array]) -> dict[str, Array]:
        """Return variables with coefficients as one array for each part, the last axis theirs."""
        coefficients = self.coefficients
        found = {name: x for name, x in variables.items() if name not in coefficients.names}
        for part, names in (
            (MEAN_COEFFICIENTS, coefficients.in_mean),
            (VARIANCE_COEFFICIENTS, coefficients.in_variance),
        ):
            if names:
                found[part] = np.stack([variables[name] for name in names], axis=-1)
        return found

    @property
    def coords(self) -> dict[str, list[str]]:
        """The labels of those axes, by their dimension."""
        of = {"mean_regressor": self.mean, "variance_regressor": self.variance}
        return {name: list(one.given.names) for name, one in of.items() if one.given.names}
