"""What the result says of a law that does not fit, and of returns that hang together in time."""

from __future__ import annotations

from puffin.laws import Law
from puffin.models.sharpe.dependence import LongRunRatio

__all__ = ["dependence_notes", "fit_notes", "misfit_words"]

_WORTH_A_NOTE = 1.1
"""How much wider or narrower the posterior is before the note says so."""
_SURE = 0.9


def misfit_words(law: Law) -> str:
    """Say that a law does not fit."""
    return f"{law.label[0].upper()}{law.label[1:]} errors do not fit these returns"


def fit_notes(law: Law, weight: float) -> list[str]:
    """Say how far, from 0 to 1, mean and spread go by the sample's in place of the law's."""
    if weight == 0.0:
        return []
    if weight < 1.0:
        return [
            f"{law.label[0].upper()}{law.label[1:]} errors fit these returns roughly: mean and "
            f"standard deviation are taken {weight:.0%} of the way from its own to the sample's."
        ]
    return [f"{misfit_words(law)}: mean and standard deviation go by the sample's instead."]


def dependence_notes(dependence: LongRunRatio) -> list[str]:
    """Say how much wider or narrower dependence in time makes the posterior, if by a tenth."""
    factor = dependence.factor
    if 1.0 / _WORTH_A_NOTE < factor < _WORTH_A_NOTE:
        return []
    width = f"the posterior is {factor:.2f} times as wide as that of independent ones."
    if dependence.prob_longer > _SURE:
        return [f"Returns hang together in time: {width}"]
    if dependence.prob_longer < 1.0 - _SURE:
        return [f"Returns make up for each other in time: {width}"]
    return [f"So few returns do not tell whether they hang together in time: {width}"]
