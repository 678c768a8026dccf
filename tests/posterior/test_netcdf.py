"""Files of version 1: read, in a process of their own, or refused."""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pytest
import xarray as xr

from puffin.posterior import netcdf
from puffin.posterior.saving import read_file
from tests.slowly import slowly

h5py = pytest.importorskip("h5py")

GROUPS = {
    "posterior": {"mu": (("chain", "draw"), np.arange(6.0).reshape(2, 3))},
    "weights": {"log_weight": (("chain", "draw"), -np.arange(6.0).reshape(2, 3))},
    "observed_data": {
        "time": ("time", np.array(["2020-01-01", "2020-01-02T10:00"], "M8[ns]")),
        "label": ("time", np.array(["KO", "Ö"], object)),
    },
}


@pytest.fixture
def path(tmp_path):
    """A file as version 1 was written."""
    tree = xr.DataTree.from_dict({name: xr.Dataset(group) for name, group in GROUPS.items()})
    facts = json.dumps({"seed": 3})
    tree.attrs = {"format": "puffin", "version": 1, "kind": "Model", "facts": facts}
    tree.to_netcdf(tmp_path / "fit.nc", engine="h5netcdf")
    return tmp_path / "fit.nc"


@pytest.mark.slow
def test_what_was_written_is_read(path):
    groups, facts = read_file(path, "Model")
    assert facts == {"seed": 3}
    for group, arrays in GROUPS.items():
        for name, (_, values) in arrays.items():
            np.testing.assert_array_equal(groups[group][name], values)
            assert not groups[group][name].dtype.hasobject
    with pytest.raises(ValueError, match="holds Model, not a Other"):
        read_file(path, "Other")


@pytest.mark.slow
def test_other_netcdf_is_refused(tmp_path):
    xr.Dataset({"a": ("x", np.ones(3))}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="something else"):
        read_file(tmp_path / "other.nc", "Model")


@pytest.mark.slow
def test_half_a_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ValueError, match=r"fit\.nc' is damaged"):
        read_file(path, "Model")


@pytest.mark.slow
def test_more_declared_than_there_is(path):
    with h5py.File(path, "a") as file:
        file["posterior"].create_dataset("huge", shape=(10**9,), dtype="f8", chunks=(1000,))
    with pytest.raises(ValueError, match=r"declares 8,000,\d{3},\d{3} bytes"):
        read_file(path, "Model")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["soft", *slowly("external", "storage")])
def test_what_stands_elsewhere_is_not_read(path, tmp_path, kind):
    (tmp_path / "secret").write_bytes(bytes(80))
    with h5py.File(path, "a") as file:
        if kind == "storage":
            outside = [(str(tmp_path / "secret"), 0, 80)]
            file["posterior"].create_dataset("nu", (10,), "f8", external=outside)
        else:
            links = {"soft": h5py.SoftLink("/x"), "external": h5py.ExternalLink("secret", "/x")}
            file["posterior"]["nu"] = links[kind]
    with pytest.raises(ValueError, match=r"another (place|file)"):
        read_file(path, "Model")


@pytest.mark.parametrize(
    ("does", "message"),
    [("import time; time.sleep(60)", "within 0.2 seconds"), ("import os; os.abort()", "ended")],
)
def test_a_reader_that_hangs_or_crashes(path, monkeypatch, tmp_path, does, message):
    """Instead of the reader, a process that does what HDF5's library does on damaged files."""
    (tmp_path / "reader.py").write_text(does)
    monkeypatch.setattr(netcdf, "__name__", "reader")
    monkeypatch.setattr(netcdf, "_SECONDS", 0.2 if "within" in message else 60)
    monkeypatch.syspath_prepend(tmp_path)
    started = time.monotonic()
    with pytest.raises(ValueError, match=message):
        read_file(path, "Model")
    assert time.monotonic() - started < 30


def test_without_its_library(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5netcdf", None)
    with pytest.raises(ImportError, match=r"earlier version.*netcdf"):
        read_file(path, "Model")


@pytest.mark.slow
def test_mutated_files_are_read_or_refused(path):
    """Whatever the library does with them, this process lives on."""
    content, stream = path.read_bytes(), np.random.default_rng(5)
    refused = 0
    for _ in range(8):
        changed = bytearray(content)
        for place in stream.integers(len(content), size=30):
            changed[place] ^= 1 << int(stream.integers(8))
        path.write_bytes(changed)
        try:
            read_file(path, "Model")
        except ValueError as error:
            assert str(path) in str(error)
            refused += 1
    assert refused > 0
