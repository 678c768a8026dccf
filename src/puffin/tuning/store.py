"""A search on disk: what is searched for, every trial as it comes, and whether the holdout is open.

`search.json` has the terms. Each trial is a file of its own in `trials`, there whole or not at all:
its setting and its returns, in an archive of numbers (`puffin.posterior.saving`) of which nothing
is run when it is read. `holdout.json` has when the holdout was opened, for which trial, and how
many there were; `exhausted.json`, after how many trials the sampler had nothing more to try.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from puffin.arrays import Array
from puffin.locking import held
from puffin.posterior.saving import read_file, write_file
from puffin.records import as_record
from puffin.saving import write_whole
from puffin.tuning.trial import Trial

__all__ = ["PRICES", "Opening", "SearchStore", "SearchStoreError"]

_TERMS, _LOCK, _TRIALS, _HOLDOUT = "search.json", "lock", "trials", "holdout.json"
_EXHAUSTED = "exhausted.json"
_FORMAT, _KIND = 1, "Trial"
_RTOL, _ATOL = 1e-6, 1e-10

PRICES = "prices"
"""The term that has a digest of the prices, which says nothing to a person."""


class SearchStoreError(ValueError):
    """A store that cannot be used: another run is at it, or it is of another search."""


@dataclass(frozen=True)
class Opening:
    """When the holdout was opened.

    Attributes
    ----------
    at : str
        Date and time, in UTC.
    trial : int
        The number of the trial that was chosen then.
    n_trials : int
        How many there were.
    """

    at: str
    trial: int
    n_trials: int


@dataclass(frozen=True)
class _Openings:
    openings: list[Opening]


@dataclass(frozen=True)
class SearchStore:
    """A directory with a search."""

    path: Path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run.

        Raises
        ------
        SearchStoreError
            If another run holds it, or the directory has something else in it.
        """
        if self.path.exists() and not self.path.is_dir():
            raise SearchStoreError(f"store={self.path} is a file; name a directory.")
        if self.path.exists() and not (self.path / _TERMS).exists():
            others = [one.name for one in self.path.iterdir() if not self._ours(one.name)]
            if others:
                raise SearchStoreError(
                    f"store={self.path} has files that are no search's, such as {min(others)}; "
                    "name another directory, which need not exist."
                )
        self._trials.mkdir(parents=True, exist_ok=True)
        with held(self.path / _LOCK, SearchStoreError):
            for leftover in [*self.path.glob(".*.json.????????"), *self._trials.glob(".*")]:
                leftover.unlink(missing_ok=True)
            yield

    @staticmethod
    def _ours(name: str) -> bool:
        return name in (_LOCK, _TRIALS) or name.startswith(f".{_TERMS}.")

    @property
    def _trials(self) -> Path:
        return self.path / _TRIALS

    def settle(self, asked: Mapping[str, Any], free: str) -> dict[str, Any]:
        """Return the terms that count: those asked for, written to a new store.

        Parameters
        ----------
        asked : mapping
            The terms, as JSON can hold them.
        free : str
            The name of the one that the store decides where it is None: the seed.

        Raises
        ------
        SearchStoreError
            If the store has others.
        """
        path = self.path / _TERMS
        if not path.exists():
            self._write(path, {"format": _FORMAT, "asked": dict(asked)})
            return dict(asked)
        found = self._json(path)
        if not isinstance(found, dict) or found.get("format") != _FORMAT:
            raise SearchStoreError(f"{path} is not of a search that this version of Puffin reads.")
        kept = found.get("asked")
        if not isinstance(kept, dict) or set(kept) != set(asked):
            raise SearchStoreError(
                f"{path} is damaged. Put a copy of it back, or use another store."
            )
        for name, value in json.loads(json.dumps(dict(asked))).items():
            if kept[name] == value or name == free:
                continue
            if name == PRICES:
                raise SearchStoreError(
                    f"{self.path} is of a search on other prices. Use another directory, or the "
                    "prices it was started with."
                )
            raise SearchStoreError(
                f"{self.path} is of a search with {name}={kept[name]!r}; found {value!r}. Use "
                "another directory."
            )
        return kept

    def write(self, trial: Trial) -> None:
        """Add a trial."""
        write_file(
            self._trials / f"{trial.number:06d}.npz",
            _KIND,
            {"trial": {"excess": trial.excess}},
            {"number": trial.number, "params": dict(trial.params), "reason": trial.reason},
        )

    def trials(self, settings: Sequence[str], n_observations: int) -> list[Trial]:
        """Return the trials so far, in order.

        Parameters
        ----------
        settings : sequence of str
            The names that each has.
        n_observations : int

        Raises
        ------
        SearchStoreError
            If one is missing in between, damaged, or of something else.
        """
        paths = sorted(self._trials.glob("*.npz"))
        found = []
        for number, path in enumerate(paths):
            if path.stem != f"{number:06d}":
                raise SearchStoreError(
                    f"{self._trials} has no {number:06d}.npz, but later trials. Put it back, or "
                    "remove those after it: they are run again."
                )
            found.append(self._trial(path, number, settings, n_observations))
        return found

    def _trial(self, path: Path, number: int, settings: Sequence[str], size: int) -> Trial:
        try:
            groups, facts = read_file(path, _KIND)
            excess, params, reason = groups["trial"]["excess"], facts["params"], facts["reason"]
            fits = (
                facts["number"] == number
                and isinstance(params, dict)
                and set(params) == set(settings)
                and isinstance(reason, str)
                and excess.dtype == np.float64
                and excess.shape == ((0,) if reason else (size,))
                and bool(np.isfinite(excess).all())
            )
        except (KeyError, ValueError, AttributeError) as error:
            raise SearchStoreError(
                f"{path} is damaged ({error}). Remove it and those after it: they are run again."
            ) from None
        if not fits:
            raise SearchStoreError(f"{path} is no trial of this search; move it away.")
        return Trial(number, params, excess, reason)

    def check(self, trial: Trial, excess: Array) -> None:
        """Refuse a strategy that is not the one whose trials are kept.

        Parameters
        ----------
        trial : Trial
            A kept one.
        excess : ndarray of shape (n_observations,)
            What its setting earns now; empty if it can no longer be backtested. What rounding, on
            another machine, makes of it is no difference.

        Raises
        ------
        SearchStoreError
            If it differs.
        """
        same = excess.shape == trial.excess.shape
        if not (same and np.allclose(excess, trial.excess, rtol=_RTOL, atol=_ATOL)):
            raise SearchStoreError(
                f"{self.path} has other returns of trial {trial.label} than the strategy has now: "
                "it is no longer the one whose trials are kept, or draws random numbers without a "
                "seed. Use another directory."
            )

    def write_exhausted(self, n_trials: int) -> None:
        """Write down that the sampler has nothing more to try after so many trials."""
        self._write(self.path / _EXHAUSTED, {"n_trials": n_trials})

    def is_exhausted(self, n_trials: int) -> bool:
        """Whether the sampler had nothing more to try after these trials."""
        path = self.path / _EXHAUSTED
        return path.exists() and bool(self._json(path) == {"n_trials": n_trials})

    def openings(self) -> list[Opening]:
        """Return when the holdout was opened, if it was."""
        path = self.path / _HOLDOUT
        if not path.exists():
            return []
        try:
            return as_record(_Openings, self._json(path)).openings
        except ValueError as error:
            raise SearchStoreError(
                f"{path} is damaged ({error}): whether the holdout was opened is not known. Put a "
                "copy of it back."
            ) from None

    def write_openings(self, openings: Sequence[Opening]) -> None:
        """Write down that the holdout is open."""
        self._write(self.path / _HOLDOUT, asdict(_Openings(list(openings))))

    def _write(self, path: Path, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2)
        write_whole(path, lambda stream: stream.write(text.encode()))

    @staticmethod
    def _json(path: Path) -> Any:
        try:
            return json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            raise SearchStoreError(f"{path} is damaged. Put a copy of it back.") from None
