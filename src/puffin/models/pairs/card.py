"""What is shown of a hedge that moves, and of a spread's return to its mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from puffin.models.pairs.autocorrelation import autocorrelation_doubt
from puffin.models.pairs.hedge_fit import HedgeFit
from puffin.posterior import gaussian_interval
from puffin.showing.card import Card, Table
from puffin.showing.numbers import percent, probability, significant, significant_interval
from puffin.showing.pictures import Sparkline
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.models.pairs.mean_reversion import MeanReversion

__all__ = ["hedge_card", "hedge_doubts", "reversion_card"]

_PROB = 0.94


def hedge_card(title: str, fitted: HedgeFit | None, errors: str) -> Card:
    """Return the hedge ratios of the next date; the title alone of a model that is not fitted."""
    if fitted is None:
        return Card(title)
    pair, hedge = fitted.pair, fitted.hedge
    rows = []
    for name, mean, sd in zip(pair.hedges, hedge.mean[-1, 1:], hedge.sd[-1, 1:], strict=True):
        low, high = gaussian_interval(float(mean), float(sd), _PROB)
        size = max(abs(low), abs(high))
        rows.append((name, significant(float(mean), size), significant_interval(low, high)))
    level = percent(_PROB, 0)
    said = "; ".join(f"{ratio} of {name}, {level} between {bounds.replace(' to ', ' and ')}"
                     for name, ratio, bounds in rows)  # fmt: skip
    return Card(
        title,
        [
            f"{pair.name} after {row_label(pair.index[-1])}, by the {hedge.method}: next hedge "
            f"ratio {said}."
        ],
        hedge_doubts(fitted, errors),
        Table(("next hedge ratio", "mean", f"{level} interval"), rows),
        Sparkline(hedge.mean[:, 1], f"Hedge ratio of {pair.hedges[0]} through time"),
    )


def hedge_doubts(fitted: HedgeFit, errors: str) -> list[str]:
    """Return reasons not to rely on hedge ratios; none where they are fine."""
    if fitted.hedge.method == "rolling least squares":
        return ["Sampling failed: these are rolling least squares, without priors."]
    if errors != "iid":
        return []
    return list(filter(None, [autocorrelation_doubt(fitted.hedge.autocorrelation, fitted.window)]))


def reversion_card(found: MeanReversion) -> Card:
    """Return whether a spread returns to its mean, and how soon."""
    low, high, level = found.hdi_low, found.hdi_high, percent(found.hdi_prob, 0)
    half = significant(found.half_life)
    chance = probability(found.prob_mean_reverting)
    return Card(
        "MeanReversion",
        [
            f"The spread returns to a mean with {chance} probability; if it does, half of a "
            f"deviation is gone after {half} periods, {level} between {significant(low)} and "
            f"{significant(high)}."
        ],
        table=Table(
            ("", "median", f"{level} interval", "P(it returns)"),
            [
                (
                    "half-life in periods, if it does",
                    half,
                    f"{significant(low)} to {significant(high)}",
                    chance,
                )
            ],
        ),
    )
