"""What trading and holding cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from puffin.validation import finite_number
from puffin.validation.risk_free_rate import period_risk_free_rate

__all__ = ["CostOptions", "Costs"]

_BASIS_POINT = 1e-4


class CostOptions(TypedDict, total=False):
    """The keyword arguments of a backtest that say what it costs."""

    commission_bps: float
    slippage_bps: float
    borrow_rate: float
    risk_free_rate: float


@dataclass(frozen=True)
class Costs:
    """What trading and holding cost; nothing by default.

    Attributes
    ----------
    commission_bps : float
        Of the value bought or sold, in basis points (hundredths of a percent).
    slippage_bps : float
        How much worse than the close each fill is, in basis points of the value traded: half the
        spread, and the price's move against the order.
    borrow_rate : float
        Annual fee for the value of short positions, as a fraction. Each period costs this divided
        by the periods in a year.
    risk_free_rate : float
        Annual, as a fraction: earned on cash (the proceeds of short sales are part of it), paid on
        borrowed cash. Converted to the rate of a period that compounds to it.
    """

    commission_bps: float = 0.0
    slippage_bps: float = 0.0
    borrow_rate: float = 0.0
    risk_free_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("commission_bps", "slippage_bps", "borrow_rate"):
            value = finite_number(name, getattr(self, name))
            if value < 0.0:
                raise ValueError(f"{name} must be at least zero; found {value:g}.")
        if finite_number("risk_free_rate", self.risk_free_rate) <= -1.0:
            raise ValueError(f"risk_free_rate must be above -1; found {self.risk_free_rate:g}.")

    @property
    def commission(self) -> float:
        """The commission as a fraction of the value traded."""
        return self.commission_bps * _BASIS_POINT

    @property
    def slippage(self) -> float:
        """The slippage as a fraction of the value traded."""
        return self.slippage_bps * _BASIS_POINT

    def period_borrow_rate(self, periods_per_year: float) -> float:
        """Return the fee for a period."""
        return self.borrow_rate / periods_per_year

    def period_risk_free_rate(self, periods_per_year: float) -> float:
        """Return the interest of a period."""
        return period_risk_free_rate(self.risk_free_rate, periods_per_year)
