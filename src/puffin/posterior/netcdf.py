"""Files of version 1, which were netCDF: another process reads them, within limits.

The library that reads HDF5 can end the process, hang, or take all memory on a damaged file. What
such a file declares is checked before its values are read, and it has no digest that would show
that a number in it has changed.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from puffin.extras import require

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["converted"]

_SECONDS = 60
_MEMORY = 4 << 30
_TIMES_THE_FILE = 8


def converted(path: Path) -> bytes:
    """Return the content of a netCDF file as `saving.write_file` would write it now.

    Raises
    ------
    ValueError
        If it is damaged.
    ImportError
        Without h5netcdf and h5py.
    """
    for module in ("h5py", "h5netcdf"):
        require(module, "netcdf", f"{path} was written by an earlier version; reading it")
    command = [sys.executable, "-P", "-m", __name__, os.fspath(path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ValueError(
            f"{os.fspath(path)!r} is damaged: it is not read within {_SECONDS} seconds."
        ) from None
    if done.returncode:
        lines = done.stderr.decode(errors="replace").split("\n")
        reason = next((line for line in reversed(lines) if line), "the process that read it ended")
        raise ValueError(f"{os.fspath(path)!r} is damaged ({reason}).")
    return done.stdout


def _main() -> None:
    """Read the file that the command line names, and write an archive to standard output."""
    path = Path(sys.argv[1])
    _limit_memory(_MEMORY + _TIMES_THE_FILE * path.stat().st_size)
    _check(path)

    import xarray as xr

    from puffin.posterior.saving import pack

    with xr.open_datatree(path, engine="h5netcdf") as tree:
        manifest = dict(tree.attrs)
        groups = {name: dict(_arrays(node.to_dataset())) for name, node in tree.children.items()}
    if manifest.get("version") == 1:
        manifest |= {"version": 2, "facts": json.loads(manifest["facts"])}
    content = io.BytesIO()
    pack(content, groups, json.dumps(manifest, default=lambda one: one.item()))
    sys.stdout.buffer.write(content.getbuffer())


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check(path: Path) -> None:
    """Raise ValueError if the file refers to others, or declares more than there is in it."""
    import h5py

    size, declared = path.stat().st_size, 0
    with h5py.File(path, "r") as file:
        for group in (file, *(one for one in file.values() if isinstance(one, h5py.Group))):
            for name in group:
                if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                    raise ValueError(f"{name} is in another place")
                item = group[name]
                if isinstance(item, h5py.Dataset):
                    if item.external or item.is_virtual:
                        raise ValueError(f"{name} is in another file")
                    declared += item.size * item.dtype.itemsize
    if declared > size:
        raise ValueError(f"it declares {declared:,} bytes and has {size:,}")


def _arrays(dataset: xr.Dataset) -> Iterator[tuple[str, Any]]:
    for name, array in dataset.variables.items():
        values = array.to_numpy()
        yield str(name), values.astype(np.str_) if values.dtype.hasobject else values


if __name__ == "__main__":
    _main()
