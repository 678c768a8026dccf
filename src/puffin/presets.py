"""How much to sample, for four occasions: `fit(..., **presets.PRODUCTION)`."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["CRITICAL", "DEVELOPMENT", "PRODUCTION", "TESTING"]

DEVELOPMENT = MappingProxyType({"samples": 500, "tune": 200, "cores": 1})
"""While writing code."""

TESTING = MappingProxyType({"samples": 1000, "tune": 500, "cores": 2})
"""In a test suite."""

PRODUCTION = MappingProxyType({"samples": 5000, "tune": 1000, "cores": 4})
"""For everyday results."""

CRITICAL = MappingProxyType({"samples": 10_000, "tune": 2000, "cores": 4})
"""Where much depends on the tails."""
