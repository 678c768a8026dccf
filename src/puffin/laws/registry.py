"""Which laws there are, by the name that a user gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from puffin.laws.law import Law
from puffin.laws.normal import Normal
from puffin.laws.student_t import StudentT

__all__ = ["LAWS", "find_law"]

LAWS: Mapping[str, Law] = {law.name: law for law in (Normal(), StudentT())}
"""What ``distribution=`` may say, and the law that it means."""


def find_law(distribution: Any) -> Law:
    """Return the law of this name; raise ValueError if there is none.

    Parameters
    ----------
    distribution : str
        One of `LAWS`; anything else is refused.
    """
    if not isinstance(distribution, str) or distribution not in LAWS:
        listed = ", ".join(repr(name) for name in LAWS)
        raise ValueError(f"distribution must be one of {listed}; found {distribution!r}.")
    return LAWS[distribution]
