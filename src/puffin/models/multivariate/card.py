"""What is shown of a fitted model of many assets."""

from __future__ import annotations

import numpy as np

from puffin.models.multivariate.fitted import FittedMultivariate
from puffin.showing.card import Card, Table
from puffin.showing.numbers import percent, significant, significant_interval
from puffin.validation import row_label

__all__ = ["multivariate_card"]

_MOST_ROWS = 12


def multivariate_card(title: str, fitted: FittedMultivariate | None) -> Card:
    """Return volatility of each asset on the last date, and what factors explain of it."""
    if fitted is None:
        return Card(title)
    panel, rows = fitted.panel, []
    for name in fitted.names[:_MOST_ROWS]:
        row = fitted.checks[f"variance[{name}]"]
        low, mean, high = (float(np.sqrt(row[what])) for what in ("hdi_low", "mean", "hdi_high"))
        common = fitted.checks.get(f"communality[{name}]")
        explained = "" if common is None else percent(common["mean"], 0)
        rows.append((name, significant(mean, high), significant_interval(low, high), explained))
    known = np.isfinite(panel.values).sum()
    last = row_label(panel.index[-1])
    factors = f"{fitted.n_factors} factor{'s' * (fitted.n_factors != 1)}"
    return Card(
        title,
        [
            f"{known:,} returns of {len(fitted.names)} assets up to {last}, {factors}, "
            f"{'Student-t' if fitted.draws.student else 'normal'} errors.",
            *(f"{name}: {note}" for name, note in list(fitted.notes.items())[:_MOST_ROWS]),
        ],
        fitted.doubts,
        Table(
            ("asset", "volatility on the last date", "94% interval", "explained by factors"),
            rows,
            max(0, len(fitted.names) - _MOST_ROWS),
        ),
    )
