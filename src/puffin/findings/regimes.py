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
from puffin.models.volatility import NotObservedWarning

__all__ = ["Regime", "Regimes", "find_regimes"]


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
    """The regimes of one series."""

    model: BayesianRegimeSwitching
    regimes: tuple[Regime, ...]
    log_evidence: float | None
    doubts: tuple[str, ...]
    note: str


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
    return Regimes(model, rows, evidence, model.doubts, model.note)


def _duration(staying: float) -> float:
    return 1.0 / (1.0 - staying) if staying < 1.0 else math.inf
