"""How numbers are written: the same in the terminal and in the report."""

from __future__ import annotations

import math
from collections.abc import Collection

__all__ = [
    "coarse_probability",
    "count",
    "decimal",
    "in_percent",
    "interval",
    "percent",
    "percent_interval",
    "probability",
    "significant",
    "significant_interval",
    "small_percent",
    "span",
    "with_minus",
]

NOT_KNOWN = "–"
_SMALLEST_PERCENT = 0.001
_SMALLEST, _LARGEST = 1e-6, 1e9
"""Numbers beyond these are written with an exponent."""


def decimal(value: float | None, digits: int = 2) -> str:
    """Return a number with this many decimals, and never a negative zero."""
    if value is None or not math.isfinite(value):
        return NOT_KNOWN
    return f"{round(value, digits) + 0.0:.{digits}f}"


def count(value: float | None) -> str:
    """Return a number in whole, its thousands apart."""
    return NOT_KNOWN if value is None or not math.isfinite(value) else f"{value:,.0f}"


def percent(value: float, digits: int = 1) -> str:
    """Return a fraction as a percentage."""
    return NOT_KNOWN if not math.isfinite(value) else f"{decimal(100.0 * value, digits)}%"


def small_percent(value: float) -> str:
    """Return a fraction as a percentage with three digits, or fewer if it is very small."""
    return NOT_KNOWN if not math.isfinite(value) else f"{in_percent(value, value)}%"


def percent_interval(low: float, high: float) -> str:
    """Return the two bounds of an interval of fractions as percentages with the same digits."""
    size = max(abs(low), abs(high))
    if not math.isfinite(size):
        return NOT_KNOWN
    return f"{in_percent(low, size)} to {in_percent(high, size)}%"


def in_percent(value: float, size: float) -> str:
    """Return a fraction in percent, without the sign, with the digits of a number of this size."""
    size = 100.0 * abs(size)
    if 0.0 < size < _SMALLEST_PERCENT:
        return f"{100.0 * value:.0e}".replace("e-0", "e-")
    if size >= 10.0:
        digits = 1 if size < 100.0 else 0
    else:
        digits = 2 if size >= 0.1 or size == 0.0 else 1 - math.floor(math.log10(size))
    return decimal(100.0 * value, digits)


def interval(low: float, high: float) -> str:
    """Return the two bounds of an interval."""
    return f"{decimal(low)} to {decimal(high)}"


def significant(value: float | None, size: float | None = None) -> str:
    """Return a number with three significant digits, or the decimals of one of this size."""
    if value is None or not math.isfinite(value):
        return NOT_KNOWN
    size = abs(value if size is None or not math.isfinite(size) else size)
    if size == 0.0:
        return decimal(value, 2)
    if not _SMALLEST <= size < _LARGEST:
        return f"{value:.2e}"
    return decimal(value, max(0, 2 - math.floor(math.log10(size))))


def significant_interval(low: float, high: float) -> str:
    """Return the two bounds of an interval, the larger one with three significant digits."""
    size = max(abs(low), abs(high))
    return f"{significant(low, size)} to {significant(high, size)}"


def probability(value: float) -> str:
    """Return a probability, which draws can put close to 0 or 1 but not there."""
    return _bounded(value, digits=1)


def coarse_probability(value: float) -> str:
    """Return a probability in whole percent, for tables that are short of space."""
    return _bounded(value, digits=0)


def span(counts: Collection[int]) -> str:
    """Return the smallest and the largest of several counts, or the one that all are."""
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def with_minus(text: str) -> str:
    """Return text with a minus sign, as typeset, for each hyphen."""
    return text.replace("-", "−")


def _bounded(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return NOT_KNOWN
    step, written = 10.0**-digits, round(100.0 * value, digits)
    if written <= 0.0:
        return f"<{step:g}%"
    if written >= 100.0:
        return f">{100.0 - step:g}%"
    return percent(value, digits)
