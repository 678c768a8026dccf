"""The rate that a period of a year earns without risk."""

from __future__ import annotations

from typing import Any

from puffin.validation.arguments import finite_number

__all__ = ["annual_risk_free_rate", "period_risk_free_rate"]


def annual_risk_free_rate(value: Any) -> float:
    """Return a yearly rate as a float, refusing what can only be meant in percent.

    Raises
    ------
    TypeError, ValueError
        If it is no number above -1 (all is lost) and below 1 (100% a year).
    """
    rate = finite_number("risk_free_rate", value)
    if rate <= -1.0:
        raise ValueError(f"risk_free_rate must be above -1; found {rate:g}.")
    if rate >= 1.0:
        raise ValueError(
            f"risk_free_rate must be below 1, which is 100% a year; found {rate:g}. "
            f"{rate:g}% is {rate / 100.0:g}."
        )
    return rate


def period_risk_free_rate(annual: float, periods_per_year: float) -> float:
    """Return the rate of a period that compounds to `annual`."""
    return float((1.0 + annual) ** (1.0 / periods_per_year) - 1.0)
