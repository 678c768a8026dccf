"""Files: what is written is read, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from puffin.posterior.saving import read_file, write_file

GROUPS = {"posterior": xr.Dataset({"mu": ("draw", np.arange(5.0))})}
FACTS = {"seed": np.int64(3), "name": "KO", "nothing": None}


@pytest.fixture
def path(tmp_path):
    write_file(tmp_path / "fit.nc", "Model", GROUPS, FACTS)
    return tmp_path / "fit.nc"


def test_there_and_back(path):
    groups, facts = read_file(path, "Model")
    assert facts == {"seed": 3, "name": "KO", "nothing": None}
    xr.testing.assert_identical(groups["posterior"], GROUPS["posterior"])
    assert [file.name for file in path.parent.iterdir()] == ["fit.nc"]


def test_a_failure_leaves_the_file_before(path):
    before = path.read_bytes()
    with pytest.raises(TypeError, match="cannot be saved"):
        write_file(path, "Model", GROUPS, {"model": object()})
    assert path.read_bytes() == before


def test_other_files_are_refused(path, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_file(tmp_path / "none.nc", "Model")
    with pytest.raises(ValueError, match="holds Model, not a Other"):
        read_file(path, "Other")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="damaged, or no netCDF file"):
        read_file(path, "Model")
