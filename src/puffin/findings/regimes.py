"""The regimes of each series, and which of them comes next."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from puffin.arrays import Array
from puffin.findings.each import estimate_each
from puffin.findings.progress import Progress
from puffin.findings.quantity import Quantity, SkewedQuantity
from puffin.findings.settings import AnalysisSettings
from puffin.models.regimes import BayesianRegimeSwitching, UnsupportedRegimesWarning
from puffin.models.regimes.fitted import SETTLED
from puffin.models.regimes.sampling import evidence_of_regimes
from puffin.models.volatility import NotObservedWarning
from puffin.validation.risk_free_rate import period_risk_free_rate

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
    sharpe : Quantity
        The annual Sharpe ratio of its returns: the mean beyond the risk-free rate over the standard
        deviation, times the root of the periods of a year.
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
    sharpe: Quantity
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
    calm_is_better : float
        The probability that the Sharpe ratio of the calmest is higher than that of the wildest;
        NaN where there is one regime alone.
    log_evidence : float or None
    one_more : float or None
        The log Bayes factor of one regime more against these; None where it is not known.
    """

    model: BayesianRegimeSwitching
    regimes: tuple[Regime, ...]
    calm_is_better: float
    log_evidence: float | None
    one_more: float | None

    @property
    def against_one(self) -> float | None:
        """The log Bayes factor of these regimes against one alone; None where it is not known."""
        one = self.model.fitted.one_regime
        return None if self.log_evidence is None or one is None else self.log_evidence - one

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
        return _found(model, settings)

    return estimate_each(returns, "Regimes of", find, settings, progress)


def _found(model: BayesianRegimeSwitching, settings: AnalysisSettings) -> Regimes:
    draws, periods = model.fitted.draws, model.fitted.expected_periods
    now, coming = model.regime_probabilities().to_numpy()[-1], model.next_regime.to_numpy()
    sharpes, hdi_prob = _sharpe_ratios(model, settings), settings.hdi_prob

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
            sharpe=Quantity.of(sharpes[:, j], hdi_prob),
            duration=duration,
            share=float(periods[j] / periods.sum()),
            now=float(now[j]),
            coming=float(coming[j]),
        )

    evidence = model.log_marginal_likelihood.value if model.has_evidence else None
    rows = tuple(regime(j) for j in range(draws.n_regimes))
    better = math.nan if len(rows) == 1 else float(np.mean(sharpes[:, 0] > sharpes[:, -1]))
    return Regimes(model, rows, better, evidence, _one_more(model, evidence))


def _sharpe_ratios(model: BayesianRegimeSwitching, settings: AnalysisSettings) -> Array:
    """Return draws of each regime's annual Sharpe ratio: (n_draws, n_regimes)."""
    parameters = model.fitted.draws.parameters
    periods = settings.periods_of(model.fitted.series.name)
    rate = period_risk_free_rate(settings.risk_free_rate, periods)
    return np.asarray(math.sqrt(periods) * (parameters.mean - rate) / parameters.sd)


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
