"""What a test of forecasts says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from puffin.risk.card import forecast_test_card
from puffin.showing.card import Card
from puffin.showing.shown import Shown

__all__ = ["ForecastTest"]


@dataclass(frozen=True, repr=False)
class ForecastTest(Shown):
    """A test of the hypothesis that the forecasts are right.

    Attributes
    ----------
    name : str
    statistic : float
    p_value : float
        The probability of a statistic at least as large if the forecasts are right; exact where
        the test's docstring says so.
    asymptotic_p_value : float
        The same for infinitely many forecasts, as the literature has it.
    facts : mapping of str to float
        What the statistic was made of.
    """

    name: str
    statistic: float
    p_value: float
    asymptotic_p_value: float
    facts: Mapping[str, float] = field(default_factory=dict)

    def _card(self) -> Card:
        return forecast_test_card(self)
