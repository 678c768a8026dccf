"""The arguments of a Sharpe ratio's posterior, checked once and shared by any number of series."""

from __future__ import annotations

from dataclasses import dataclass

from puffin.inference.settings import Settings
from puffin.laws import Law, find_law
from puffin.models.settings import check_engine, check_priors
from puffin.models.sharpe.priors import SharpePriors
from puffin.validation import choice, positive_number, probability
from puffin.validation.risk_free_rate import annual_risk_free_rate

__all__ = ["AUTOCORRELATIONS", "SharpeTerms", "sharpe_terms"]

AUTOCORRELATIONS = ("counted", "ignore", "ar1")
"""What `autocorrelation=` may say."""


@dataclass(frozen=True)
class SharpeTerms:
    """The checked arguments of `bayesian_sharpe`, which any number of series share.

    `periods_per_year` may be None: it is then read off each series' dates.
    """

    risk_free_rate: float
    periods_per_year: float | None
    hdi_prob: float
    law: Law
    autocorrelation: str
    priors: SharpePriors
    engine: str
    settings: Settings

    @property
    def autoregressive(self) -> bool:
        """Whether returns are an AR(1)."""
        return self.autocorrelation == "ar1"

    @property
    def least_observations(self) -> int:
        """How many observations the model needs."""
        return 3 if self.autoregressive else 2


def sharpe_terms(
    *,
    risk_free_rate: float,
    periods_per_year: float | None,
    hdi_prob: float,
    settings: Settings,
    distribution: str = "asymmetric",
    autocorrelation: str = "counted",
    priors: SharpePriors | None = None,
    engine: str = "native",
) -> SharpeTerms:
    """Return the arguments, checked; raise as `bayesian_sharpe` does."""
    check_engine(engine)
    return SharpeTerms(
        risk_free_rate=annual_risk_free_rate(risk_free_rate),
        periods_per_year=None
        if periods_per_year is None
        else positive_number("periods_per_year", periods_per_year),
        hdi_prob=probability("hdi_prob", hdi_prob),
        law=find_law(distribution),
        autocorrelation=choice("autocorrelation", autocorrelation, AUTOCORRELATIONS),
        priors=check_priors(priors, SharpePriors),
        engine=engine,
        settings=settings,
    )
