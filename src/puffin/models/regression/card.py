"""What is shown of a linear regression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from puffin.arrays import Array
from puffin.posterior import Posterior, Summary, highest_density_interval
from puffin.showing.card import Card, Table
from puffin.showing.checks import draws_doubts
from puffin.showing.numbers import percent, probability, significant, significant_interval

__all__ = ["regression_card"]

_PROB = 0.94
_MOST_ROWS, _MOST_SAID = 12, 3


def regression_card(
    title: str, posterior: Posterior | None, scalars: Mapping[str, Array], checks: Summary
) -> Card:
    """Return the coefficients; the title alone of a model that is not fitted.

    Parameters
    ----------
    scalars : mapping of str to ndarray of shape (n_chains, n_draws)
        Parameters by name: alpha first, then the features.
    checks : Summary
        Of the draws of a chain; empty where there is nothing to converge.
    """
    if posterior is None:
        return Card(title)
    rows = [_row(name, draws.ravel()) for name, draws in list(scalars.items())[:_MOST_ROWS]]
    observations, features = posterior.observed["X"].shape
    level = percent(_PROB, 0)
    said = "; ".join(
        f"{name} {mean}, {level} between {bounds.replace(' to ', ' and ')}"
        for name, mean, bounds, _ in rows[1 : 1 + min(features, _MOST_SAID)]
    )
    return Card(
        title,
        [f"{observations:,} observations, {features} feature{'s' * (features != 1)}: {said}."],
        [*_failure(posterior), *_disagreement(checks)],
        Table(("parameter", "mean", f"{level} interval", "P(>0)"), rows, len(scalars) - len(rows)),
    )


def _row(name: str, draws: Array) -> tuple[str, str, str, str]:
    low, high = (float(bound) for bound in highest_density_interval(draws, _PROB))
    size = max(abs(low), abs(high))
    chance = "" if name in ("sigma", "nu") else probability(float(np.mean(draws > 0.0)))
    return name, significant(float(draws.mean()), size), significant_interval(low, high), chance


def _failure(posterior: Posterior) -> list[str]:
    if posterior.method != "ordinary least squares":
        return []
    return ["Sampling failed: this is ordinary least squares with its own intervals, no priors."]


def _disagreement(checks: Summary) -> list[str]:
    if not checks:
        return []
    ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in checks.values())
    return draws_doubts(ess, max(row["r_hat"] for row in checks.values()))
