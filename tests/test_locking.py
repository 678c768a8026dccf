"""One run at a time."""

from __future__ import annotations

import pytest

from puffin.locking import held


class InUseError(Exception):
    """What this test's caller raises."""


def test_a_lock_is_held_once_and_lifted(tmp_path):
    path = tmp_path / "lock"
    again = pytest.raises(InUseError, match=f"Another run is using {tmp_path}")
    with held(path, InUseError), again, held(path, InUseError):
        raise AssertionError("held twice")
    path.write_text("kept")
    with held(path, InUseError):
        pass
    assert path.read_text() == "kept"


def test_what_cannot_be_a_lock(tmp_path):
    with pytest.raises(InUseError, match="cannot be used as a lock"), held(tmp_path, InUseError):
        raise AssertionError("held")
