"""What a fit of a regime-switching model leaves."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from puffin.arrays import Array
from puffin.inference.chains import fixed_seed
from puffin.inference.regimes.parameters import RegimeParameters
from puffin.inference.regimes.paths import run_filter, smooth
from puffin.inference.settings import Settings
from puffin.models.regimes.draws import RegimeDraws
from puffin.models.regimes.specification import Specification
from puffin.models.volatility.observed import Observed
from puffin.models.volatility.ties import dither_ties
from puffin.posterior import Posterior, Summary
from puffin.showing.checks import draws_doubts
from puffin.validation import ReturnSeries

__all__ = ["SETTLED", "AveragedPaths", "FittedRegimes"]

_AVERAGED, _COUNTED = 400, 50
_FEWEST_PERIODS = 10.0
_APART, _TOO_OFTEN = 1.1, 0.1
_SHORTEST = 2.0
SETTLED = 3.0
"""Of a log Bayes factor: twenty to one."""


@dataclass(frozen=True)
class AveragedPaths:
    """Probabilities of each period's regime, averaged over draws: (n_times + 1, n_regimes) each.

    The last row is the period after all returns.
    """

    predicted: Array
    filtered: Array
    smoothed: Array


@dataclass(frozen=True)
class FittedRegimes:
    """What a fit leaves: what it was of, how it was made, and the draws.

    Attributes
    ----------
    series : ReturnSeries
    taken : Observed
        Which of the returns count as observed.
    specification : Specification
    settings : Settings
    missing : str
    sampled : RegimeDraws
        As the sampler made them; with weights, if returns came since.
    checks : mapping
        The summary of the draws when they were made.
    one_regime : float, optional
        The log evidence of one regime alone, where that of several is known too; both of the
        returns that the draws were made of.
    """

    series: ReturnSeries
    taken: Observed
    specification: Specification
    settings: Settings
    missing: str
    sampled: RegimeDraws
    checks: Summary
    one_regime: float | None = None

    @functools.cached_property
    def draws(self) -> RegimeDraws:
        """The draws, each as probable as the other, taken by weight when they are first read."""
        seed = fixed_seed(self.settings.seed)
        return self.sampled.equally_weighted(seed, self.series.values.size)

    @property
    def observed(self) -> Array:
        """The returns as the sampler took them, with ties moved apart."""
        return dither_ties(self.taken.values, self.sampled.step)

    @functools.cached_property
    def posterior(self) -> Posterior:
        """Parameters, in the unit of the returns, and the probabilities of the next regime."""
        draws = self.draws
        own = [name for name in draws.law.shape_names if draws.variables[name].ndim > 2]
        return Posterior(
            variables={**draws.variables, "next_regime": draws.ahead},
            method=draws.method,
            engine=self.specification.engine,
            dims={
                **{name: ["regime"] for name in ("mean", "sd", "next_regime", *own)},
                "transition": ["regime", "regime_to"],
                "returns": ["time"],
            },
            coords={
                "regime": self.regimes,
                "regime_to": self.regimes,
                "time": self.series.labels,
            },
            observed={"returns": self.series.values},
            statistics=draws.statistics,
            report=draws.report,
        )

    @property
    def regimes(self) -> list[int]:
        """Numbers of the regimes, from 1, in ascending order of their standard deviations."""
        return list(range(1, self.specification.n_regimes + 1))

    def some_draws(self, most: int) -> RegimeParameters:
        """Return no more than so many of the draws, evenly spaced."""
        parameters = self.draws.parameters
        n = len(parameters.mean)
        return parameters.take(slice(0, n, -(-n // most)))

    def paths(self, parameters: RegimeParameters) -> AveragedPaths:
        """Return probabilities averaged over draws."""
        n, y = len(parameters.mean), self.observed
        sums = np.zeros((3, y.size + 1, self.specification.n_regimes))
        for found in run_filter(y, parameters, self.draws.law):
            sums[0] += found.predicted.sum(axis=0)
            sums[1] += found.filtered.sum(axis=0)
            sums[2] += smooth(found, parameters.transition).sum(axis=0)
        return AveragedPaths(*(sums / n))

    @functools.cached_property
    def averaged_paths(self) -> AveragedPaths:
        """Probabilities averaged over 400 of the draws."""
        return self.paths(self.some_draws(_AVERAGED))

    @functools.cached_property
    def expected_periods(self) -> Array:
        """How many of the observed periods each regime had, expected given all returns."""
        known = np.isfinite(self.observed)
        smoothed = self.paths(self.some_draws(_COUNTED)).smoothed[:-1]
        return np.asarray(smoothed[known].sum(axis=0))

    @property
    def unsupported(self) -> tuple[str, ...]:
        """Reasons to think that the returns do not have as many regimes."""
        return (*self._unsettled, *self.oddities)

    @property
    def _unsettled(self) -> tuple[str, ...]:
        evidence, k = (
            self.sampled.report.get("log_marginal_likelihood", math.inf),
            len(self.regimes),
        )
        if self.one_regime is None or evidence - self.one_regime >= SETTLED:
            return ()
        # Returns that came since have weights for several regimes, and none for one.
        when = "is" if self.sampled.log_weights is None else "was at the last fit"
        return (
            f"Whether there are regimes at all is not settled: the log Bayes factor of {k} "
            f"against one, the log of how many times more probable they make these returns, {when} "
            f"{evidence - self.one_regime:.1f}, and less than {SETTLED:g} (twenty to one).",
        )

    @functools.cached_property
    def oddities(self) -> tuple[str, ...]:
        """Regimes that look like none, each with what is odd: empty, short, or the same."""
        found, draws, k = [], self.draws, self.specification.n_regimes
        if k == 1:
            return ()
        known = int(np.isfinite(self.observed).sum())
        staying = np.diagonal(draws.variables["transition"].mean(axis=(0, 1)))
        for j, periods in enumerate(self.expected_periods):
            if periods < _FEWEST_PERIODS:
                found.append(
                    f"Regime {j + 1} has about {periods:.0f} of {known:,} returns: what is said of "
                    "it is mostly the prior."
                )
            elif staying[j] < 1.0 - 1.0 / _SHORTEST:
                tails = "; Student-t errors have these in their tails" * (
                    draws.law.name == "normal"
                )
                found.append(
                    f"Regime {j + 1} lasts {1.0 / (1.0 - staying[j]):.1f} periods on average: "
                    f"outliers rather than a regime{tails}."
                )
        sd = draws.variables["sd"]
        for j in range(k - 1):
            close = float((sd[:, :, j + 1] < _APART * sd[:, :, j]).mean())
            if close > _TOO_OFTEN:
                found.append(
                    f"Regimes {j + 1} and {j + 2} may have the same volatility (within a tenth "
                    f"with probability {close:.0%}): as their order is that of volatility, they "
                    "may be mixed up."
                )
        return tuple(found)

    @property
    def advice(self) -> str:
        """What to do where the returns do not seem to have as many regimes."""
        return f"Fewer regimes may do: try n_regimes={self.specification.n_regimes - 1}."

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons not to rely on it, and what to do; none where it is fine."""
        advice = [self.advice] if self.unsupported else []
        return (*self.unsupported, *advice, *self.unreliable)

    @property
    def unreliable(self) -> tuple[str, ...]:
        """Reasons not to rely on what the draws say; none where they are fine."""
        rows = self.checks.values()
        ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in rows)
        said = list(
            draws_doubts(ess, max(row["r_hat"] for row in rows), samples=self.settings.draws)
        )
        if self.draws.method.startswith("random-walk"):
            said.append(
                f"The posterior of {self.specification.n_regimes} regimes has no simple shape "
                "(several modes, or too little data), and was drawn by random walk: fewer regimes, "
                "or a comparison of how many there are, may say more."
            )
        return tuple(said)
