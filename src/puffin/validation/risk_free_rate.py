"""The rate that a period of a year earns without risk."""

from __future__ import annotations

__all__ = ["period_risk_free_rate"]


def period_risk_free_rate(annual: float, periods_per_year: float) -> float:
    """Return the rate of a period that compounds to `annual`."""
    return float((1.0 + annual) ** (1.0 / periods_per_year) - 1.0)
