"""The directory of a column among those of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from puffin.findings.risks import store_of


@pytest.mark.parametrize(
    ("name", "directory"),
    [
        ("KO", "KO"), ("BRK/B", "BRK%2FB"), ("..", "%2E%2E"), (".", "%2E"), ("a b", "a b"),
        ("100%", "100%25"), ("\n", "%0A"), ("é", "%C3%A9"), ("x.y", "x.y"),
    ],
)  # fmt: skip
def test_any_name_is_a_directory_of_its_own(name, directory):
    assert store_of(Path("stores"), name) == Path("stores") / directory


def test_long_names_are_directories_of_their_own():
    names = ["a" * 200, "a" * 201, "a" * 300, "a" * 300 + "b", "é" * 60, "é" * 61]
    directories = {store_of(Path("stores"), name).name for name in names}
    assert len(directories) == len(names)
    assert max(map(len, directories)) < 255
