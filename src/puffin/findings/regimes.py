"""The regimes of each series, and which of them comes next."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.quantity import Quantity, SkewedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.models.regimes import BayesianRegimeSwitching, UnsupportedRegimesWarning
from puffin.models.regimes.fitted import SETTLED
from puffin.models.regimes.sampling import evidence_of_regimes
from puffin.models.volatility import NotObservedWarning

__all__ = ["MOST_TRIED", "Regime", "Regimes", "find_regimes"]

MOST_TRIED = 3
"""Whether there is one regime more is asked up to here; with four a fit takes a minute."""


@dataclass(frozen=True)
class Regime:
    """What is known of one regime.

    Attributes
    ----------
    number : int
        From 1, the calmest.
    mean, sd : Quantity
        Of the return of a period.
    duration : SkewedQuantity or None
        How many periods it lasts on average; None where there is one regime alone.
    share : float
        The share of the observed periods that were in it, expected given all returns.
    now, coming : float
        Its probability in the last period and in the next.
    """

    number: int
    mean: Quantity
    sd: Quantity
    duration: SkewedQuantity | None
    share: float
    now: float
    coming: float


@dataclass(frozen=True)
class Regimes:
    """The regimes of one series.

    Attributes
    ----------
    model : BayesianRegimeSwitching
    regimes : tuple of Regime
    log_evidence : float or None
    one_more : float or None
        The log Bayes factor of one regime more against these; None where it is not known.
    """

    model: BayesianRegimeSwitching
    regimes: tuple[Regime, ...]
    log_evidence: float | None
    one_more: float | None

    @property
    def too_few(self) -> bool:
        """Whether one regime more explains the returns better, by twenty to one."""
        return self.one_more is not None and self.one_more > SETTLED


def find_regimes(
    returns: Mapping[str, pd.Series[float]],
    settings: AnalysisSettings,
    n_regimes: int,
    progress: Progress,
) -> tuple[dict[str, Regimes], dict[str, str]]:
    """Return the regimes of each series, and why some have none.

    Parameters
    ----------
    returns : mapping of name to Series
        As the model takes them; the law of errors is that of `settings.volatility`.
    n_regimes : int
    """

    def find(series: pd.Series[float], settings: AnalysisSettings) -> Regimes:
        model = BayesianRegimeSwitching(n_regimes, settings.volatility.distribution)
        with warnings.catch_warnings():
            for known in (NotObservedWarning, UnsupportedRegimesWarning):  # among the notes
                warnings.simplefilter("ignore", known)
            model.fit(
                series, settings.volatility.samples, cores=settings.cores,
                random_seed=settings.seed,
            )  # fmt: skip
        return _found(model, settings.hdi_prob)

    return estimate_each(returns, "Regimes of", find, settings, progress)


def _found(model: BayesianRegimeSwitching, hdi_prob: float) -> Regimes:
    draws, periods = model.fitted.draws, model.fitted.expected_periods
    now = model.regime_probabilities().to_numpy()[-1]
    coming = model.next_regime.to_numpy()

    def regime(j: int) -> Regime:
        mean, sd = (draws.variables[name][..., j].ravel() for name in ("mean", "sd"))
        duration = None
        if draws.n_regimes > 1:
            staying = draws.variables["transition"][..., j, j].ravel()
            duration = SkewedQuantity.of(_duration, staying, hdi_prob)
        return Regime(
            number=j + 1,
            mean=Quantity.of(mean, hdi_prob),
            sd=Quantity.of(sd, hdi_prob),
            duration=duration,
            share=float(periods[j] / periods.sum()),
            now=float(now[j]),
            coming=float(coming[j]),
        )

    evidence = model.log_marginal_likelihood.value if model.has_evidence else None
    rows = tuple(regime(j) for j in range(draws.n_regimes))
    return Regimes(model, rows, evidence, _one_more(model, evidence))


def _one_more(model: BayesianRegimeSwitching, evidence: float | None) -> float | None:
    """Return the log Bayes factor of one regime more, where that is found in the time of a fit."""
    fitted, more = model.fitted, model.n_regimes + 1
    if evidence is None or more > MOST_TRIED:
        return None
    other = evidence_of_regimes(
        more, fitted.taken.values, fitted.sampled, fitted.specification, fitted.settings
    )
    return None if other is None else other - evidence


def _duration(staying: float) -> float:
    return 1.0 / (1.0 - staying) if staying < 1.0 else math.inf
