"""Where nothing can be written: processes of their own, on a package that they cannot write to."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import puffin

FIT = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import puffin
    from puffin.inference import independence
    mean = puffin.bayesian_sharpe([0.01, -0.02, 0.03] * 20, 100, random_seed=1)["mean"]
print(mean.hex())
print(independence._metropolis.stats.cache_path)
print(sum(independence._metropolis.stats.cache_hits.values()))
for warning in caught:
    print(warning.message)
"""


def _without_rights_over_files():
    """Have root obey permissions too: no program that it starts may override them."""
    drop_from_bounding_set, override_permissions = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(drop_from_bounding_set, override_permissions, 0, 0, 0)


@pytest.fixture
def read_only(tmp_path):
    """Return a place with a copy of the package and a home, neither of which can be written."""
    place = tmp_path / "read-only"
    shutil.copytree(
        Path(puffin.__file__).parent,
        place / "site" / "puffin",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (place / "home").mkdir()
    directories = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for directory in directories:
        directory.chmod(0o555)
    yield place
    for directory in directories:
        directory.chmod(0o755)


@pytest.fixture
def fit(read_only, tmp_path):
    def run(temporary, code=FIT, **settings):
        environment = settings | {
            "PATH": os.environ["PATH"],
            "HOME": str(read_only / "home"),
            "PYTHONPATH": str(read_only / "site"),
            "TMPDIR": str(temporary),
        }
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=read_only, check=False,
            capture_output=True, text=True, preexec_fn=_without_rights_over_files,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="permissions as Linux has them")


@pytest.mark.slow
def test_a_directory_of_the_user_s_own_among_temporary_files(fit, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    mean, place, hits, *said = fit(temporary)
    own = temporary / f"puffin-{os.getuid()}"
    assert Path(place).parent == own
    assert own.stat().st_mode & 0o777 == 0o700
    assert hits == "0"
    [line] = said
    assert line.startswith(f"Compiled code is kept in {own}: neither the directory of the package")
    assert "NUMBA_CACHE_DIR" in line
    # The next process finds it, and says nothing.
    assert fit(temporary) == [mean, place, "1"]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["beside the package", "NUMBA_CACHE_DIR"])
def test_what_an_image_was_built_with_is_found(fit, read_only, tmp_path, place):
    temporary, built = tmp_path / "temporary", read_only / "site" / "puffin" / "inference"
    temporary.mkdir()
    settings = {} if place == "beside the package" else {"NUMBA_CACHE_DIR": str(read_only / "nb")}
    writable = read_only if settings else built
    writable.chmod(0o755)
    mean, *_ = fit(temporary, **settings)
    kept = [*writable.rglob("*.nbi")]
    assert kept
    for path in [writable, *{file.parent for file in kept}, *{file.parent.parent for file in kept}]:
        path.chmod(0o555)
    again, place, hits, line = fit(temporary, **settings)
    assert (again, hits) == (mean, "1")
    assert line.startswith(f"Compiled code is kept in {temporary}")
    for path in {file.parent for file in kept}:
        path.chmod(0o755)


@pytest.mark.slow
def test_nowhere(fit, read_only):
    none = f"import tempfile; tempfile.tempdir = {str(read_only)!r}\n"
    mean, place, hits, *said = fit(read_only, none + FIT)
    assert float.fromhex(mean) != 0.0
    assert (place, hits) == ("None", "0")
    [line] = said
    assert line.startswith("Compiled code cannot be kept: neither the directory of the package")


@pytest.mark.slow
@pytest.mark.parametrize("danger", ["others may write", "a link"])
def test_not_in_a_directory_that_others_can_write(fit, tmp_path, danger):
    temporary = tmp_path / "temporary"
    own = temporary / f"puffin-{os.getuid()}"
    if danger == "a link":
        (tmp_path / "elsewhere").mkdir()
        temporary.mkdir()
        own.symlink_to(tmp_path / "elsewhere")
    else:
        own.mkdir(parents=True)
        own.chmod(0o777)
    _, place, _, line = fit(temporary)
    assert place == "None"
    assert line.startswith("Compiled code cannot be kept")


@pytest.mark.slow
def test_the_command_line_says_it_in_one_line(fit, tmp_path, save):
    file = save("date,a\n" + "\n".join(f"2020-01-{day:02},0.0{day % 7}" for day in range(1, 29)))
    code = (
        "import sys; from puffin.cli import app; sys.stderr = sys.stdout\n"
        f"app(['sharpe', {file!r}, '--samples', '100', '--seed', '1'])"
    )
    lines = [line for line in fit(tmp_path, code) if "ompiled code" in line]
    assert len(lines) == 1
    assert lines[0].startswith("puffin: warning: Compiled code is kept in ")
