"""What comes of an asset: a summary, or why there is none."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from puffin.panel.asset import Asset, seed_of
from puffin.panel.questions import Question
from puffin.posterior import Summary
from puffin.validation import row_label

__all__ = ["Batch", "Outcome", "fit_asset", "fit_batch"]


@dataclass(frozen=True)
class Outcome:
    """What is kept of an asset.

    Attributes
    ----------
    asset : str
    seed : int
        Its own, with which a fit of it alone gives the same draws.
    digest : str
        Of its data.
    first, last : str
        Labels of the first and the last row that has a value; empty where none has.
    n_observations : int
    method, note : str
    doubts : tuple of str
    summary : dict of str to dict of str to float
        Empty where the fit failed.
    error, message : str
        The kind of exception, and what it said; empty where there was none.
    """

    asset: str
    seed: int
    digest: str
    first: str = ""
    last: str = ""
    n_observations: int = 0
    method: str = ""
    note: str = ""
    doubts: tuple[str, ...] = ()
    summary: Summary | None = None
    error: str = ""
    message: str = ""


@dataclass(frozen=True)
class Batch:
    """Some assets, and all else that their outcomes are a function of."""

    question: Question
    seed: int
    assets: tuple[Asset, ...]


def fit_batch(batch: Batch) -> list[Outcome]:
    """Return what comes of each asset of a batch. This is what workers run."""
    return [fit_asset(batch.question, asset, batch.seed) for asset in batch.assets]


def fit_asset(question: Question, asset: Asset, seed: int) -> Outcome:
    """Return what comes of an asset; whatever its fit raises is its own failure."""
    own_seed, digest, alive = seed_of(seed, asset.name), asset.digest(), asset.lifetime
    labels = [row_label(label) for label in (alive.y.index[[0, -1]] if alive.y.size else [])]
    first, last = map(str, labels or ["", ""])
    with warnings.catch_warnings():
        # The answer has all of them, as its method, note and doubts.
        warnings.simplefilter("ignore")
        try:
            answer = question.answer(question.fit(alive, own_seed))
        except Exception as error:
            kind = type(error).__name__
            return Outcome(
                asset.name, own_seed, digest, first, last, error=kind, message=str(error)
            )
    return Outcome(
        asset.name, own_seed, digest, first, last, answer.n_observations, answer.method,
        answer.note, answer.doubts, answer.summary,
    )  # fmt: skip
