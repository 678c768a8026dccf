"""What is shown of a fitted regime-switching model."""

from __future__ import annotations

import numpy as np

from puffin.models.regimes.fitted import FittedRegimes
from puffin.posterior import highest_density_interval
from puffin.showing.card import Card, Table
from puffin.showing.numbers import percent, significant, significant_interval
from puffin.validation import row_label

__all__ = ["regimes_card"]

_PROB = 0.94


def regimes_card(title: str, fitted: FittedRegimes | None) -> Card:
    """Return what regimes there are, and which comes next; the title of a model not fitted."""
    if fitted is None:
        return Card(title)
    draws = fitted.draws
    rows = []
    for name, values in draws.scalars().items():
        if name.startswith("transition"):
            continue
        low, high = (float(end) for end in highest_density_interval(values.ravel(), _PROB))
        # A duration need not have a mean.
        middle = significant(float(np.median(values)), max(abs(low), abs(high)))
        rows.append((name, middle, significant_interval(low, high)))
    known, index = int(np.isfinite(fitted.taken.values).sum()), fitted.series.index
    last = "" if index is None else f" up to {row_label(index[-1])}"
    coming = draws.ahead.mean(axis=(0, 1))
    likely = int(coming.argmax())
    said = [
        f"{known:,} returns of {fitted.series.name}{last}. The next period is in regime "
        f"{likely + 1} of {coming.size} with probability {coming[likely]:.0%}.",
    ]
    if coming.size > 1:
        said.append("Regimes are numbered in ascending order of their standard deviations (sd).")
    return Card(
        title,
        [*said, *filter(None, [fitted.taken.note])],
        fitted.doubts,
        Table(("", "median", f"{percent(_PROB, 0)} interval"), rows),
    )
