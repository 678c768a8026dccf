"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from puffin.saving import leftovers, reserved, write_whole


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


def test_half_a_file_is_never_there(tmp_path):
    path = tmp_path / "model"
    path.write_text("old")

    def fill(stream):
        stream.write(b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_whole(path, fill)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def full_disk(size):
    """No file can grow beyond `size` bytes."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_leaves_what_was_there(tmp_path):
    path = tmp_path / "model"
    path.write_text("old")
    with full_disk(1000), pytest.raises(OSError, match=r"File too large.*model"):
        write_whole(path, lambda stream: stream.write(bytes(2000)))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match=r"No space left.*/dev/full"):
            write_whole(Path("/dev/full"), lambda stream: stream.write(b"model"))


def test_file_and_directory_are_on_the_disk_before_it_is_over(tmp_path, monkeypatch):
    calls = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(handle):
        calls.append("directory" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
        sync(handle)

    def noted_replace(path, target):
        calls.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_whole(tmp_path / "model", lambda stream: stream.write(b"new"))
    assert calls == ["file", "rename", "directory"]


def test_leftovers_are_ours_only(tmp_path):
    names = [".model.0123abcd", ".model.0123abcg", ".model.partial", ".other.0123abcd", "model"]
    for name in names:
        (tmp_path / name).touch()
    assert leftovers(tmp_path / "model") == [tmp_path / ".model.0123abcd"]


def test_of_two_that_write_at_once_one_is_there_whole(tmp_path):
    path = tmp_path / "page.html"
    pages = [letter * 200_000 for letter in "ab"]

    def write(page):
        for _ in range(20):
            with reserved(path) as replace:
                replace(page)

    def read(_):
        return {path.read_text() for _ in range(60)}

    path.write_text(pages[0])
    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(read, None)
        list(pool.map(write, pages))
    assert reading.result() <= set(pages)
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_left_by_work_that_is_killed(tmp_path):
    with reserved(tmp_path / "page.html"):
        assert list(tmp_path.iterdir()) == []
