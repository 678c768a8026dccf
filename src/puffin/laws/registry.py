"""Which laws there are, by the name that a user gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from puffin.laws.asymmetric_t import AsymmetricT
from puffin.laws.jumps import WithJumps
from puffin.laws.law import Law
from puffin.laws.normal import Normal
from puffin.laws.scale_mixture import ScaleMixture
from puffin.laws.student_t import StudentT

__all__ = ["LAWS", "find_law"]

LAWS: Mapping[str, Law] = {law.name: law for law in (Normal(), StudentT(), AsymmetricT())}
"""What ``distribution=`` may say, and the law that it means."""

_JUMPING = {name: WithJumps(law) for name, law in LAWS.items() if isinstance(law, ScaleMixture)}


def find_law(
    distribution: Any, among: Collection[str] = tuple(LAWS), *, jumps: bool = False
) -> Law:
    """Return the law of this name; raise ValueError if there is none.

    Parameters
    ----------
    distribution : str
        The name of a law; anything else is refused.
    among : collection of str
        The names that a model has; by default all of `LAWS`.
    jumps : bool, default False
        Whether jumps come beside the errors, which not every law has.
    """
    if not isinstance(distribution, str) or distribution not in among:
        listed = ", ".join(repr(name) for name in among)
        raise ValueError(f"distribution must be one of {listed}; found {distribution!r}.")
    if not jumps:
        return LAWS[distribution]
    if distribution not in _JUMPING:
        listed = " or ".join(repr(name) for name in _JUMPING)
        raise ValueError(f"jumps take distribution {listed}; found {distribution!r}.")
    return _JUMPING[distribution]
