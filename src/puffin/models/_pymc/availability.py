"""Whether PyMC is there."""

from __future__ import annotations

from puffin.extras import require

__all__ = ["_check_pymc"]


def _check_pymc() -> None:
    """Raise ImportError with the install command where PyMC is missing."""
    require("pymc", "pymc", 'engine="pymc"')
