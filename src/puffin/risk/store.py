"""A fitted model and the history of its forecasts, in a directory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

import pandas as pd

from puffin.locking import held
from puffin.models.volatility.member import DailyModel
from puffin.risk.history import forecast_columns, history_bytes, read_history
from puffin.risk.terms import Terms
from puffin.saving import leftovers, write_whole
from puffin.validation import Labels

__all__ = ["RiskStore", "StoreError"]

_TERMS, _HISTORY, _MODEL, _LOCK = "terms.json", "history.csv", "model.npz", "lock"
_FORMER_MODEL = "model.nc"


Model = TypeVar("Model", bound=DailyModel)


class StoreError(ValueError):
    """A store that cannot be used: another run is at it, or it is of something else."""


@dataclass(frozen=True)
class RiskStore:
    """A directory with a model and the history of its forecasts.

    The history is written before the model, each file whole or not at all. Whatever of the history
    is later than the model's last return was written by a run that was killed in between: the next
    one makes it again, the same, since an update depends on the model and the return only.

    What others have put into the directory stays as it is.
    """

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run.

        Raises
        ------
        StoreError
            If another run holds it, or the directory is not that of a store.
        """
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"{self.path} is a file, and a store is a directory; name another.")
        self._check_ours()
        self.path.mkdir(parents=True, exist_ok=True)
        with held(self.path / _LOCK, StoreError):
            for name in (_TERMS, _HISTORY, _MODEL):
                for leftover in leftovers(self.path / name):
                    leftover.unlink(missing_ok=True)
            yield

    def _check_ours(self) -> None:
        if self.exists:
            return
        for name in (_HISTORY, _MODEL, _FORMER_MODEL):
            if (self.path / name).exists():
                raise StoreError(
                    f"{self.path} has a {name} but no {_TERMS}, so that it is not known of what it "
                    f"is. Use another directory, or put the {_TERMS} of the store back."
                )

    @property
    def exists(self) -> bool:
        """Whether the directory is that of a store."""
        return (self.path / _TERMS).exists()

    @property
    def history_path(self) -> Path:
        """The file of the history."""
        return self.path / _HISTORY

    def model(self, kind: type[Model]) -> Model | None:
        """Return the model, if there is one.

        Parameters
        ----------
        kind : type
            Its class.

        Raises
        ------
        StoreError
            If its file is damaged, or of another class.
        """
        for name in (_MODEL, _FORMER_MODEL):
            path = self.path / name
            if path.exists():
                try:
                    return kind.load(path)
                except ValueError as error:
                    raise StoreError(
                        f"{error} Or refit (--refit, or refit=True): the history stays."
                    ) from error
        return None

    def history(self, levels: Sequence[float], like: Labels) -> pd.DataFrame | None:
        """Return the history, if there is one.

        Parameters
        ----------
        levels : sequence of float
            Probabilities of the tails.
        like : Index
            The labels of the returns, among which those of the history are.

        Raises
        ------
        StoreError
            If it is not understood, or not whole.
        """
        path = self.history_path
        if not path.exists():
            return None
        try:
            return read_history(path.read_bytes(), forecast_columns(levels), like)
        except ValueError as error:
            raise StoreError(
                f"{path} cannot be used: {str(error).rstrip('.')}. It was left as it is: put it "
                "right, or put a copy of it back; or move it away and refit (--refit, or "
                "refit=True) to begin a new one."
            ) from None

    def terms(self) -> Terms | None:
        """Return what the store is of, if it is of anything yet.

        Raises
        ------
        StoreError
            If the file says something else.
        """
        path = self.path / _TERMS
        if not path.exists():
            return None
        try:
            return Terms.of_json(json.loads(path.read_bytes()))
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"{path} is damaged, or not of a store ({str(error).rstrip('.')}). Put a copy of "
                "it back, or use another directory."
            ) from None

    def write(self, history: pd.DataFrame, model: DailyModel) -> Path | None:
        """Write the history, then the model.

        Returns
        -------
        Path or None
            A copy of the history as it was, if it was not only added to.
        """
        backup = self._write_history(history_bytes(history))
        model.save(self.path / _MODEL)
        (self.path / _FORMER_MODEL).unlink(missing_ok=True)
        return backup

    def write_terms(self, terms: Terms) -> None:
        """Write what the store is of."""
        text = json.dumps(terms.as_json(), indent=2)
        write_whole(self.path / _TERMS, lambda stream: stream.write(text.encode()))

    def _write_history(self, content: bytes) -> Path | None:
        path, backup = self.history_path, None
        before = path.read_bytes() if path.exists() else b""
        if not content.startswith(before):
            backup = self._kept(before)
        if content != before:
            write_whole(path, lambda stream: stream.write(content))
        return backup

    def _kept(self, history: bytes) -> Path:
        """Return the copy that has this history, made if there is none."""
        copies = (self.path / f"history-backup-{number}.csv" for number in count(1))
        path = next(one for one in copies if not one.exists() or one.read_bytes() == history)
        if not path.exists():
            write_whole(path, lambda stream: stream.write(history))
        return path
