"""A fitted model and the history of its forecasts, in a directory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from puffin.models.volatility import StochasticVolatilityModel

__all__ = ["RiskStore", "StoreError"]

_TERMS, _HISTORY, _MODEL, _LOCK = "terms.json", "history.csv", "model.nc", "lock"


class StoreError(ValueError):
    """A store that cannot be used: another run is at it, or it is of something else."""


@dataclass(frozen=True)
class RiskStore:
    """A directory with a model and the history of its forecasts.

    The history is written before the model, each file whole or not at all. Whatever of the history
    is later than the model's last return was written by a run that was killed in between: the next
    one makes it again, the same, since an update depends on the model and the return only.
    """

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run.

        Raises
        ------
        StoreError
            If another run holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("w") as handle:
            try:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except ImportError:  # no such lock on Windows
                pass
            except OSError:
                raise StoreError(
                    f"Another run is using {self.path}; wait until it is done."
                ) from None
            for partial in self.path.glob(".*.partial"):
                partial.unlink(missing_ok=True)
            yield

    def model(self) -> StochasticVolatilityModel | None:
        """Return the model, if there is one."""
        path = self.path / _MODEL
        return StochasticVolatilityModel.load(path) if path.exists() else None

    def history(self) -> pd.DataFrame:
        """Return the history, which may be empty."""
        path = self.path / _HISTORY
        if not path.exists():
            return pd.DataFrame()
        try:
            # As text first: the parser's own numbers may be off in the last digit.
            return pd.read_csv(path, index_col=0, dtype=str).astype(float)
        except (ValueError, pd.errors.ParserError) as error:
            raise StoreError(
                f"{path} is damaged ({error}); move it away to begin a new one."
            ) from None

    def terms(self) -> dict[str, Any] | None:
        """Return what the store is of, if it is of anything yet."""
        path = self.path / _TERMS
        if not path.exists():
            return None
        try:
            found: dict[str, Any] = json.loads(path.read_text())
        except ValueError:
            raise StoreError(f"{path} is damaged; use another directory.") from None
        return found

    def write(self, history: pd.DataFrame, model: StochasticVolatilityModel) -> None:
        """Write the history, then the model."""
        self._replace(_HISTORY, history.to_csv())
        model.save(self.path / _MODEL)

    def write_terms(self, terms: dict[str, Any]) -> None:
        """Write what the store is of."""
        self._replace(_TERMS, json.dumps(terms, indent=2))

    def _replace(self, name: str, text: str) -> None:
        partial = self.path / f".{name}.partial"
        with partial.open("w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(self.path / name)
