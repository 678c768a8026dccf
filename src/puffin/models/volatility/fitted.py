"""What a fit of a volatility model leaves."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.settings import Settings
from puffin.laws import Law
from puffin.models.volatility.data import VolatilityData
from puffin.models.volatility.draws import VolatilityDraws
from puffin.models.volatility.kept_states import WithStates
from puffin.models.volatility.observed import Observed
from puffin.models.volatility.paths import mean_volatility
from puffin.models.volatility.regressors import VolatilityRegressors
from puffin.models.volatility.ties import dither_ties
from puffin.posterior import Posterior, Summary
from puffin.reading import calendar_of, periods_per_year
from puffin.showing.checks import draws_doubts
from puffin.validation import Labels, LogMeasures, ReturnSeries

__all__ = ["FittedVolatility"]


@dataclass(frozen=True)
class FittedVolatility:
    """What a fit leaves: what it was of, how it was made, and the draws.

    Attributes
    ----------
    data : VolatilityData
    taken : Observed
        Which of the returns count as observed.
    settings : Settings
    missing : str
    keep_states : str or int
    engine : str
    sampled : VolatilityDraws
        As the sampler made them; with weights, if returns came since.
    checks : mapping
        The summary of the draws when they were made; empty where there is no chain to check.
    """

    data: VolatilityData
    taken: Observed
    settings: Settings
    missing: str
    keep_states: str | int
    engine: str
    sampled: VolatilityDraws
    checks: Summary

    @property
    def series(self) -> ReturnSeries:
        """The returns."""
        return self.data.series

    @property
    def measures(self) -> LogMeasures:
        """Measures of their volatility, perhaps none."""
        return self.data.measures

    @property
    def regressors(self) -> VolatilityRegressors:
        """Regressors of them, perhaps none."""
        return self.data.regressors

    @functools.cached_property
    def draws(self) -> VolatilityDraws:
        """The draws, each as probable as the other, taken by weight when they are first read."""
        return self.sampled.equally_weighted(fixed_seed(self.settings.seed))

    @functools.cached_property
    def posterior(self) -> Posterior:
        """Parameters, `h_last` and `h_next`; `h` too, where it is kept of every draw.

        Coefficients of regressors are one array for each part. Where regressors explain some of the
        log-variance there is no `h_next`, which depends on what they will be.
        """
        draws = self.draws
        variables = self._labelled(draws)
        return Posterior(
            variables=WithStates(variables, draws.states) if self.thin == 1 else variables,
            method=draws.method,
            engine=self.engine,
            dims={
                "h": ["time"],
                "returns": ["time"],
                "mean_coefficients": ["mean_regressor"],
                "variance_coefficients": ["variance_regressor"],
            },
            coords={"time": self.series.labels, **self.regressors.coords},
            observed={"returns": self.series.values},
            statistics=draws.statistics,
            report=draws.report,
        )

    def _labelled(self, draws: VolatilityDraws) -> Mapping[str, Array]:
        """Return variables as users have them."""
        if not draws.coefficients.names:
            return draws.variables
        found = self.regressors.labelled(draws.variables)
        if draws.coefficients.of_variance:
            last = draws.coefficients.explained_at(-1, self.regressors.design, draws.variables)
            found["h_last"] = found["h_last"] + last.log_variance
            del found["h_next"]
        return found

    @property
    def observed(self) -> Array:
        """The returns as the sampler took them, with ties moved apart."""
        return dither_ties(self.taken.values, self.sampled.step)

    @functools.cached_property
    def calendar(self) -> Labels | None:
        """The index without times of the week at which nothing is observed: filled weekends."""
        index, hidden = self.series.index, self.taken.hidden
        if index is None or not hidden.any():
            return index
        known = np.flatnonzero(~hidden)
        rows = np.arange(index.size)
        inside = (rows >= known[0]) & (rows <= known[-1])
        observed: Labels = index[~inside | index.isin(calendar_of(index[~hidden], index))]
        return observed

    @property
    def share_of_year(self) -> float:
        """How many periods a year has of the calendar, beside those of the index."""
        if self.calendar is None:
            return 1.0
        return periods_per_year(self.calendar) / periods_per_year(self.series.index)

    @property
    def share_hidden(self) -> float:
        """The share of the calendar's periods whose returns count as not observed."""
        hidden, index, calendar = self.taken.hidden, self.series.index, self.calendar
        inside = hidden if index is None or calendar is None else hidden[index.isin(calendar)]
        return float(inside.mean())

    @property
    def is_fallback(self) -> bool:
        """Whether sampling failed, so that the draws have neither parameters nor dynamics."""
        return self.sampled.is_fallback

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on what the draws say; none where they are fine."""
        if self.is_fallback:
            return (
                f"Sampling failed: this is a plain {self.sampled.method}, with the interval of "
                "that method; there are no parameters, and no forecasts of returns.",
            )
        rows = self.checks.values()
        if not rows:
            return ()
        ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in rows)
        return tuple(
            draws_doubts(ess, max(row["r_hat"] for row in rows), samples=self.settings.draws)
        )

    def check_dynamics(self) -> None:
        """Raise ValueError if there is nothing to forecast with."""
        if self.is_fallback:
            raise ValueError(f"{self.sampled.method} has no dynamics to forecast with; fit again.")

    def flat_parameters(self) -> dict[str, Array]:
        """Return draws of the parameters, chains in a row: shape (n_chains * n_draws,)."""
        names = self.draws.parameter_names()
        return {name: self.draws.variables[name].reshape(-1) for name in names}

    @property
    def law(self) -> Law:
        """The law of the errors, given the draws."""
        return self.sampled.law

    @property
    def thin(self) -> int:
        """States are kept of every so many draws."""
        return self.sampled.thin

    @property
    def states(self) -> NDArray[np.float32]:
        """Kept log-variances, shape (n_chains, n_kept, n_times)."""
        return self.draws.states.array

    @property
    def flat_states(self) -> NDArray[np.float32]:
        """Kept log-variances, chains in a row: shape (n_chains * n_kept, n_times)."""
        return self.states.reshape(-1, self.states.shape[-1])

    @functools.cached_property
    def volatility_path(self) -> Array:
        """Posterior mean of each period's volatility given all returns, shape (n_times,)."""
        return mean_volatility(self.flat_states)
