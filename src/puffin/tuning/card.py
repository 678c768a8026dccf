"""What is shown of a tuned strategy."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from puffin.models.selection.card import selection_card
from puffin.showing.card import Card
from puffin.showing.numbers import percent
from puffin.validation import row_label

if TYPE_CHECKING:
    from puffin.tuning.result import TunedStrategy

__all__ = ["doubts_of", "tuned_card", "tuned_sentences"]

_HOW = "open_holdout() opens it"


def tuned_card(tuned: TunedStrategy) -> Card:
    """Return the chosen settings, what is left of them, and whether the holdout is locked."""
    return dataclasses.replace(
        selection_card(tuned.selection),
        title="TunedStrategy",
        sentences=tuned_sentences(tuned),
        doubts=doubts_of(tuned),
    )


def tuned_sentences(tuned: TunedStrategy, how: str = _HOW) -> list[str]:
    """Return the same in sentences.

    Parameters
    ----------
    how : str
        How a locked holdout is opened.
    """
    days = tuned.evaluation.days
    over = (
        f"{type(tuned.strategy).__name__}, chosen on {len(days):,} periods from "
        f"{row_label(days[0])} to {row_label(days[-1])}. "
        f"{_tried(tuned)} The search ended: {tuned.stopped}."
    )
    return [over, *selection_card(tuned.selection).sentences, _holdout(tuned, how)]


def doubts_of(tuned: TunedStrategy) -> list[str]:
    """Return why not to rely on it."""
    found = []
    if tuned.unknown_trials:
        found.append(
            f"The study had {tuned.unknown_trials} trials before, of which no returns are known. "
            "They are not counted, so that too much may be left."
        )
    later = [one for one in tuned.openings if one.n_trials < len(tuned.trials)]
    if later:
        found.append(
            f"The holdout was opened after {later[0].n_trials} of the {len(tuned.trials)} trials; "
            "for the strategy that is chosen now it is no holdout any more."
        )
    failed = sum(not one.is_valid for one in tuned.trials)
    if 2 * failed > len(tuned.trials):
        last = next(one for one in reversed(tuned.trials) if not one.is_valid)
        found.append(
            f"{failed} of {len(tuned.trials)} settings could not be backtested, such as "
            f"{last.label}: {last.reason}"
        )
    return found


def _tried(tuned: TunedStrategy) -> str:
    """Return how many trials there were, and how many of them were ruled out and why."""
    reasons = [one.reason for one in tuned.trials if not one.is_valid]
    tried = f"{len(tuned.trials)} {'trial' if len(tuned.trials) == 1 else 'trials'}"
    if not reasons:
        return f"{tried}."
    # What was found of each setting differs; what is wrong with it comes before.
    kinds = Counter(one.partition(";")[0].rstrip(".") for one in reasons)
    [(often, _)] = kinds.most_common(1)
    such = "such as: " if len(kinds) > 1 else ""
    verb = "was" if len(reasons) == 1 else "were"
    return f"{tried}, of which {len(reasons)} {verb} ruled out ({such}{often})."


def _holdout(tuned: TunedStrategy, how: str) -> str:
    evaluation = tuned.evaluation
    rows = len(evaluation.panel.index)
    held = rows - evaluation.cut
    if not held:
        return "Nothing is held out."
    share = percent(held / rows, 0)
    if tuned.openings:
        return f"The holdout, the last {share} of the rows, was opened at {tuned.openings[0].at}."
    return f"The holdout, the last {share} of the rows, is locked: {how}."
