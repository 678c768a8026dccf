"""Posteriors on disk: netCDF with its settings as JSON. Reading never runs code from the file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["read_file", "write_file"]

_FORMAT = "puffin"
_VERSION = 1


def write_file(
    path: str | os.PathLike[str],
    kind: str,
    groups: Mapping[str, xr.Dataset],
    facts: Mapping[str, Any],
) -> None:
    """Write named groups of arrays, and facts that JSON can hold.

    The file appears under its name only once it is complete.

    Parameters
    ----------
    kind : str
        What the file is of, such as the name of a class.
    """
    import xarray as xr

    tree = xr.DataTree.from_dict(dict(groups))
    text = json.dumps(facts, default=_plain)
    tree.attrs = {"format": _FORMAT, "version": _VERSION, "kind": kind, "facts": text}
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        tree.to_netcdf(partial, engine="h5netcdf")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _plain(value: object) -> object:
    """Return a NumPy scalar as a number of Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} cannot be saved.")


def read_file(
    path: str | os.PathLike[str], kind: str
) -> tuple[dict[str, xr.Dataset], dict[str, Any]]:
    """Return the groups and facts of a file that `write_file` wrote.

    Raises
    ------
    FileNotFoundError
    ValueError
        If the file is damaged, or of something else.
    """
    import xarray as xr

    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {os.fspath(path)!r}.")
    try:
        with xr.open_datatree(path, engine="h5netcdf") as tree:
            attributes = dict(tree.attrs)
            groups = {name: node.to_dataset().load() for name, node in tree.children.items()}
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ValueError(
            f"{os.fspath(path)!r} cannot be read: it is damaged, or no netCDF file ({error})."
        ) from error
    if attributes.get("format") != _FORMAT or attributes.get("kind") != kind:
        found = attributes.get("kind", "something else")
        raise ValueError(f"{os.fspath(path)!r} holds {found}, not a {kind}.")
    if attributes.get("version") != _VERSION:
        raise ValueError(
            f"{os.fspath(path)!r} is in version {attributes.get('version')} of the format; this "
            f"release reads version {_VERSION}."
        )
    try:
        facts = json.loads(attributes["facts"])
    except (KeyError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)!r} is damaged: its facts cannot be read.") from error
    return groups, facts
