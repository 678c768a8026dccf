"""Parts of sentences about findings."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["LIKELY", "LISTED", "listing", "reliable", "sign_verdict"]

_CERTAIN, LIKELY, _LEANING = 0.99, 0.95, 0.8
LISTED = 6
"""As many names are listed; the others are counted."""


def sign_verdict(prob_positive: float) -> str:
    """Return what a probability of being positive amounts to, to follow "is"."""
    if prob_positive >= _CERTAIN:
        return "almost certainly positive"
    if prob_positive >= LIKELY:
        return "very probably positive"
    if prob_positive >= _LEANING:
        return "more likely positive than not"
    if prob_positive > 1.0 - _LEANING:
        return "of unknown sign"
    if prob_positive > 1.0 - LIKELY:
        return "more likely negative than not"
    return (
        "very probably negative" if prob_positive > 1.0 - _CERTAIN else "almost certainly negative"
    )


def reliable(tick: str) -> str:
    """Return what this mark in a table says of the rows that have it."""
    return f"{tick} the sampler's draws can be relied on."


def listing(names: Sequence[str], most: int = LISTED) -> str:
    """Return names as a person would list them, the rest counted."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
