"""Results on disk as they come: Parquet files in a directory, each there whole or not at all.

`panel.json` says what was asked. Each file in `parts` has a row for every asset of a batch: its
summary, or why it has none, and its data, from which an update goes on. A file holds all that is
known of its assets, so that no kill can leave half of one: the columns `asset` and `digest` are the
index, which Parquet reads without the rest. Where an asset is in several files the last one counts;
`tidy` takes it out of the others.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from puffin.extras import require
from puffin.locking import held
from puffin.panel.asset import Asset
from puffin.panel.outcome import Outcome
from puffin.saving import write_whole

__all__ = ["PanelStore", "StoreError"]

_TERMS, _LOCK, _PARTS = "panel.json", "lock", "parts"
_FORMAT = 1
_DATA = "data"
_COLUMNS = [field.name for field in fields(Outcome)]
_BETWEEN = "\x1f"


class StoreError(ValueError):
    """A store that cannot be used: another run is at it, or it is of something else."""


@dataclass(frozen=True)
class PanelStore:
    """A directory with the outcomes of a panel."""

    path: Path

    def __post_init__(self) -> None:
        require("pyarrow.parquet", "parquet", "A panel's store")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store for one run, without what runs that were killed left half written."""
        if self.path.exists() and not self.path.is_dir():
            raise StoreError(f"store={self.path} is a file; name a directory.")
        if self.path.exists() and not (self.path / _TERMS).exists() and self._foreign():
            raise StoreError(
                f"store={self.path} has files that are no panel's, such as {self._foreign()[0]}; "
                "name another directory, which need not exist."
            )
        (self.path / _PARTS).mkdir(parents=True, exist_ok=True)
        with held(self.path / _LOCK, StoreError):
            for leftover in [*self.path.glob(".*.????????"), *self._directory.glob(".*")]:
                leftover.unlink(missing_ok=True)
            yield

    def _foreign(self) -> list[str]:
        own = {_LOCK, _PARTS}
        return sorted(
            one.name for one in self.path.iterdir()
            if one.name not in own and not one.name.startswith(f".{_TERMS}.")
        )  # fmt: skip

    @property
    def _directory(self) -> Path:
        return self.path / _PARTS

    def terms(self) -> dict[str, Any] | None:
        """Return what was asked of the assets; None of a store that is new.

        Raises
        ------
        StoreError
            If it is not a panel's, or of a later version.
        """
        path = self.path / _TERMS
        if not path.exists():
            return None
        try:
            found = json.loads(path.read_bytes())
            if found["format"] == _FORMAT:
                return dict(found["asked"])
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise StoreError(
            f"{path} is damaged, or not of a panel that this version of Puffin reads. Put a copy "
            "of it back, or use another directory."
        )

    def write_terms(self, terms: Mapping[str, Any]) -> None:
        """Write what is asked of the assets."""
        text = json.dumps({"format": _FORMAT, "asked": dict(terms)}, indent=2)
        write_whole(self.path / _TERMS, lambda stream: stream.write(text.encode()))

    def write(self, outcomes: Iterable[tuple[Outcome, Asset]]) -> None:
        """Add a file with the outcomes of some assets, and their data."""
        rows = [
            {**asdict(outcome), "summary": _as_list(outcome), _DATA: _as_bytes(asset)}
            for outcome, asset in outcomes
        ]
        number = 1 + max((int(part.stem) for part in self._parts()), default=-1)
        self._write_rows(self._directory / f"{number:06d}.parquet", rows)

    def outcomes(self) -> dict[str, Outcome]:
        """Return what is known of each asset, by name: files are in the order of workers' luck."""
        found = {row["asset"]: _outcome(row) for row in self._rows(_COLUMNS)}
        return dict(sorted(found.items()))

    def assets(self) -> dict[str, Asset]:
        """Return the data of each asset, by name."""
        found = {row["asset"]: row[_DATA] for row in self._rows(["asset", _DATA])}
        return {name: _asset(name, data) for name, data in sorted(found.items())}

    def tidy(self) -> None:
        """Take out of each file the assets of which a later one has more."""
        latest = {
            row["asset"]: part for part in self._parts() for row in self._read(part, ["asset"])
        }
        for part in self._parts():
            names = {row["asset"] for row in self._read(part, ["asset"])}
            current = {name for name in names if latest[name] == part}
            if not current:
                part.unlink()
            elif current != names:
                rows = self._read(part, [*_COLUMNS, _DATA])
                self._write_rows(part, [row for row in rows if row["asset"] in current])

    def _parts(self) -> list[Path]:
        return sorted(self._directory.glob("*.parquet"))

    def _rows(self, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Give the rows of all files, in the order in which they were written."""
        for part in self._parts():
            yield from self._read(part, columns)

    def _read(self, part: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
        import pyarrow as arrow
        from pyarrow import parquet

        try:
            rows: list[dict[str, Any]] = parquet.read_table(part, columns=list(columns)).to_pylist()
        except (arrow.ArrowException, OSError, ValueError) as error:
            raise StoreError(
                f"{part} is damaged ({' '.join(str(error).split())}). Remove it: its assets are "
                "then fitted again, with the same results."
            ) from None
        if rows and set(rows[0]) != set(columns):
            raise StoreError(f"{part} is not of a panel's store; move it away.")
        return rows

    def _write_rows(self, part: Path, rows: Sequence[Mapping[str, Any]]) -> None:
        import pyarrow as arrow
        from pyarrow import parquet

        table = arrow.Table.from_pylist(list(rows))
        write_whole(part, lambda stream: parquet.write_table(table, stream))


def _as_list(outcome: Outcome) -> list[dict[str, Any]]:
    return [{"parameter": name, **row} for name, row in (outcome.summary or {}).items()]


def _outcome(row: dict[str, Any]) -> Outcome:
    summary = {}
    for one in row["summary"]:
        known = {name: value for name, value in one.items() if value is not None}
        summary[known.pop("parameter")] = known
    return Outcome(**{**row, "doubts": tuple(row["doubts"]), "summary": summary or None})


def _as_bytes(asset: Asset) -> bytes:
    """Return the data of an asset as an Arrow stream, which keeps the kind of its dates."""
    import pyarrow as arrow

    columns = {"y": asset.y}
    for argument, frame in asset.beside.items():
        columns |= {f"{argument}{_BETWEEN}{name}": frame[name] for name in frame}
    content = io.BytesIO()
    table = arrow.Table.from_pandas(pd.DataFrame(columns, asset.y.index))
    with arrow.ipc.new_stream(content, table.schema) as stream:
        stream.write_table(table)
    return content.getvalue()


def _asset(name: str, data: bytes) -> Asset:
    import pyarrow as arrow

    with arrow.ipc.open_stream(data) as stream:
        frame: pd.DataFrame = stream.read_all().to_pandas()
    beside: dict[str, dict[str, Any]] = {}
    for key in frame.columns[1:]:
        argument, column = key.split(_BETWEEN, 1)
        beside.setdefault(argument, {})[column] = frame[key]
    return Asset(
        name,
        frame["y"].rename(name),
        {argument: pd.DataFrame(columns) for argument, columns in beside.items()},
    )
