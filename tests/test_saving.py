"""A file that is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from puffin.saving import reserved


def test_what_was_there_stays_until_the_end(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    with reserved(path) as write:
        assert path.read_text() == "old"
        write("new – and whole")
        assert path.read_text(encoding="utf-8") == "new – and whole"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_follows_a_link(tmp_path):
    target, link = tmp_path / "target.html", tmp_path / "link.html"
    target.write_text("old")
    link.symlink_to(target)
    with reserved(link) as write:
        write("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_device_is_not_replaced():
    null = Path("/dev/null")
    if not null.exists():
        pytest.skip("no /dev/null")
    with reserved(null) as write:
        write("gone")
    assert not null.is_file()


@pytest.mark.parametrize("place", ["none/page.html", "."])
def test_refused_at_once(tmp_path, place):
    with pytest.raises(OSError, match="directory"), reserved(tmp_path / place):
        pytest.fail("it let us in")
