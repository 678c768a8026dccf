"""The run over a panel: what is known already, the rest in batches, each kept as it comes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from puffin.panel.asset import Asset, seed_of
from puffin.panel.engines import Engine
from puffin.panel.frames import Assets, read_assets
from puffin.panel.outcome import Batch, Outcome, fit_batch
from puffin.panel.pair_assets import pair_assets
from puffin.panel.questions import Question
from puffin.panel.result import FittedPanel, PanelInterrupted
from puffin.panel.store import PanelStore, StoreError
from puffin.progress import progress_bar
from puffin.validation import DataLike

__all__ = ["Run", "read_rows"]

_MOST_IN_BATCH = 16
_BATCHES_A_WORKER = 4
_LOST = "WorkerLost"
_OF_THE_MACHINE = frozenset({"MemoryError", "ImportError", "ModuleNotFoundError", "OSError"})
"""Failures that say nothing of the asset, and are tried again by the next run."""


@dataclass(frozen=True)
class Run:
    """How a panel is fitted, and to what.

    Attributes
    ----------
    question : Question
    pairs
        Which prices are hedged with which, where the question is of pairs.
    seed : int
    engine : Engine
    store : PanelStore or None
    progressbar : bool
    assets : Assets
    """

    question: Question
    pairs: DataLike
    seed: int
    engine: Engine
    store: PanelStore | None
    progressbar: bool
    assets: Assets

    def panel(self) -> FittedPanel:
        """Fit what is not known yet, and return the panel.

        Raises
        ------
        PanelInterrupted
            At Ctrl-C, with what was fitted by then.
        ValueError
            If not a single asset can be fitted.
        StoreError, OSError
            If the store is of something else, or cannot be written.
        """
        with nullcontext() if self.store is None else self.store.locked():
            outcomes = self._known()
            left = [one for name, one in self.assets.found.items() if name not in outcomes]
            try:
                with progress_bar(
                    f"Fitting {self.question.label}", len(left), self.progressbar
                ) as advance:
                    for some in self._fitted(left):
                        outcomes.update((one.asset, one) for one in some)
                        advance(len(some))
            except KeyboardInterrupt:
                total = len(self.assets.found) + len(self.assets.wrong)
                raise PanelInterrupted(self._panel(outcomes), total) from None
            if self.store is not None:
                self.store.tidy()
        panel = self._panel(outcomes)
        _say_what_failed(panel)
        return panel

    def fit_again(self, name: str) -> Any:
        """Return the model of one asset, fitted as it was in the panel."""
        if name in self.assets.wrong:
            raise self.assets.wrong[name]
        if name not in self.assets.found:
            raise KeyError(f"there is no asset {name!r} in the panel.")
        return self.question.fit(self.assets.found[name].lifetime, seed_of(self.seed, name))

    def updated(
        self, new_returns: DataLike, by: str | None, date: str | None, beside: Mapping[str, Any]
    ) -> FittedPanel:
        """Return the panel with rows that came since."""
        later = read_rows(type(self.question), new_returns, by, date, beside, self.pairs)
        found = dict(self.assets.found)
        for name, error in later.wrong.items():
            raise ValueError(f"new_returns of {name!r}: {error}") from None
        for name, asset in later.found.items():
            try:
                found[name] = found[name].followed_by(asset) if name in found else asset
            except ValueError as error:
                raise ValueError(f"new_returns: {name!r} {error}") from None
        return replace(self, assets=Assets(found, self.assets.wrong)).panel()

    def _known(self) -> dict[str, Outcome]:
        """Return what the store has of these assets with these data, after a check that it may."""
        if self.store is None:
            return {}
        asked, kept = {**self.question.terms, "seed": self.seed}, self.store.terms()
        if kept is None:
            self.store.write_terms(asked)
            return {}
        _check_terms(self.store, kept, asked)
        return {
            name: one
            for name, one in self.store.outcomes().items()
            if name in self.assets.found
            and one.digest == self.assets.found[name].digest()
            and one.error not in _OF_THE_MACHINE
        }

    def _fitted(self, assets: Sequence[Asset]) -> Iterator[list[Outcome]]:
        """Give the outcomes of batches as they come, once they are in the store.

        A batch whose workers were killed is divided: the asset that did it fails, and no other.
        """
        size = len(assets) // (_BATCHES_A_WORKER * self.engine.workers)
        lost: list[Asset] = []
        for done in self._run(assets, max(1, min(_MOST_IN_BATCH, size))):
            if isinstance(done, Batch):
                lost += done.assets
            else:
                yield done
        for done in self._run(lost, 1):
            if isinstance(done, Batch):
                [asset] = done.assets
                yield [_of_lost(asset, self.seed)]
            else:
                yield done

    def _run(self, assets: Sequence[Asset], size: int) -> Iterator[list[Outcome] | Batch]:
        """Give the outcomes of batches of so many assets; the batch where its workers were lost."""
        batches = [
            Batch(self.question, self.seed, tuple(assets[start : start + size]))
            for start in range(0, len(assets), size)
        ]
        with closing(self.engine.run(fit_batch, batches)) as finished:
            for done in finished:
                if done.result is None:
                    yield done.task
                    continue
                if self.store is not None:
                    self.store.write(zip(done.result, done.task.assets, strict=True))
                yield done.result

    def _panel(self, outcomes: Mapping[str, Outcome]) -> FittedPanel:
        ordered = {name: outcomes[name] for name in self.assets.found if name in outcomes}
        for name, error in self.assets.wrong.items():
            ordered[name] = Outcome(
                name, seed_of(self.seed, name), "", error=type(error).__name__, message=str(error)
            )
        return FittedPanel(ordered, self.question.label, self.seed, run=self)


def read_rows(
    kind: type[Question],
    returns: DataLike,
    by: str | None,
    date: str | None,
    beside: Mapping[str, Any],
    pairs: DataLike,
) -> Assets:
    """Return the assets of a table, with what a question has beside returns.

    Raises
    ------
    TypeError, ValueError
        If something is given beside them that the question has not, or one that it needs is not.
    """
    given = {argument: one for argument, one in beside.items() if one is not None}
    for argument in given:
        if argument not in (*kind.shared, *kind.own):
            raise TypeError(f"{argument} is not an argument of this model's rows.")
    if pairs is not None and not given:
        return pair_assets(read_assets(returns, by, date, {}, {}), pairs)
    missing = [argument for argument in kind.needed if argument not in given]
    if missing:
        raise ValueError(f"{missing[0]}= is missing; {kind.how_to_give}")
    return read_assets(
        returns, by, date,
        {argument: one for argument, one in given.items() if argument in kind.shared},
        {argument: one for argument, one in given.items() if argument in kind.own},
    )  # fmt: skip


def _check_terms(store: PanelStore, kept: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Raise StoreError if what was asked before is not what is asked now."""
    for key in asked:
        if kept.get(key) != asked[key]:
            raise StoreError(
                f"store={store.path} has results with {key} {kept.get(key)}, and this run asks for "
                f"{asked[key]}. Ask for the same, or use another directory."
            )


def _of_lost(asset: Asset, seed: int) -> Outcome:
    return Outcome(
        asset.name, seed_of(seed, asset.name), asset.digest(), error=_LOST,
        message="the workers that fitted it were killed, several times; is there memory enough?",
    )  # fmt: skip


def _say_what_failed(panel: FittedPanel) -> None:
    """Warn of assets that failed; raise ValueError if all did."""
    failed = [one for one in panel.outcomes.values() if one.error]
    if not failed:
        return
    first = f"{failed[0].asset!r}: {failed[0].message}"
    if len(failed) == len(panel.outcomes):
        raise ValueError(f"none of {len(failed):,} assets could be fitted; the first, {first}")
    warnings.warn(
        f"{len(failed):,} of {len(panel.outcomes):,} assets could not be fitted (.failures); the "
        f"first, {first}",
        UserWarning,
        stacklevel=4,
    )
