"""How much each answer leans on the prior, in numbers and in a line of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from puffin.arrays import Array
from puffin.models.sharpe import SharpePosterior
from puffin.posterior import PriorSensitivity
from puffin.showing.numbers import decimal, percent, small_percent, with_minus

if TYPE_CHECKING:
    from puffin.findings.findings import Findings

__all__ = ["Leaning", "Told", "leanings", "sharpe_leaning"]

Kind = Literal["decimal", "percent", "small_percent"]


@dataclass(frozen=True)
class Told:
    """A quantity that is said: its label, its draws of shape (n_draws,), how it is written."""

    label: str
    draws: Array
    kind: Kind


@dataclass(frozen=True)
class Leaning:
    """One quantity, and what it becomes where the prior counts half as much, and twice.

    Attributes
    ----------
    label : str
    found : PriorSensitivity
    kind : {"decimal", "percent", "small_percent"}
        How it is written.
    """

    label: str
    found: PriorSensitivity
    kind: Kind = "decimal"

    @property
    def sentence(self) -> str:
        """What doubling the prior's weight does, and whether that matters."""
        if not self.found.is_known:
            return f"Doubling the prior’s weight moves the {self.label} {self.found.verdict}."
        size = self.written(abs(self.found.move))
        return (
            f"Doubling the prior’s weight moves the {self.label} by {size}: {self.found.verdict}."
        )

    def written(self, value: float) -> str:
        """Return a value of the quantity as text."""
        write = {"decimal": decimal, "percent": percent, "small_percent": small_percent}
        return with_minus(write[self.kind](value))


def sharpe_leaning(sharpe: SharpePosterior) -> Leaning:
    """Return how much a Sharpe ratio leans on the prior."""
    return Leaning("Sharpe ratio", sharpe.prior_sensitivity())


def leanings(findings: Findings, name: str) -> list[Leaning]:
    """Return the quantities of a strategy: those of its mean and spread, then its volatility's."""
    sharpe, periods = findings.sharpes[name], findings.settings.periods_of(name)
    posterior = sharpe.posterior
    scaling = posterior.power_scaling
    active = "active " if "prob_active" in posterior.variables else ""
    volatility = findings.volatilities.get(name)
    moving: Sequence[Leaning] = () if volatility is None else volatility.leaning
    return [
        sharpe_leaning(sharpe),
        Leaning(
            f"mean excess return of a year of {active}periods",
            scaling.sensitivity(periods * posterior.flat("mu")),
            "percent",
        ),
        Leaning(
            f"volatility of a year of {active}periods",
            scaling.sensitivity(np.sqrt(periods) * posterior.flat("sd")),
            "percent",
        ),
        *moving,
    ]
