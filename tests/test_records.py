"""What JSON says, as objects: of the right kinds, or refused by name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from puffin.records import as_record


@dataclass(frozen=True)
class Inner:
    scale: float | str = "data"


@dataclass(frozen=True)
class Outer:
    name: str | None
    count: int
    flag: bool
    numbers: list[float]
    table: dict[str, dict[str, float]]
    inner: Inner


GOOD = {
    "name": None, "count": 3, "flag": True, "numbers": [1, 2.5],
    "table": {"a": {"b": 1.0}}, "inner": {"scale": 2.0},
}  # fmt: skip


def test_there_it_is():
    found = as_record(Outer, {**GOOD, "more": 1})
    assert found == Outer(None, 3, True, [1, 2.5], {"a": {"b": 1.0}}, Inner(2.0))
    assert as_record(Inner, {}) == Inner("data")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 3}, "name is 3"),
        ({"count": True}, "count is True"),
        ({"count": 2.0}, "count is 2.0"),
        ({"count": None}, "count is None"),
        ({"flag": 1}, "flag is 1"),
        ({"numbers": {}}, "numbers is {}"),
        ({"numbers": [1, "x"]}, "numbers is 'x'"),
        ({"table": {"a": 3}}, "table is 3"),
        ({"table": {"a": {"b": "c"}}}, "table is 'c'"),
        ({"inner": [1]}, r"\[1\] is no Inner"),
        ({"inner": {"scale": None}}, "scale is None"),
        ({"name": [1] * 100}, r"\.\.\."),
    ],
)
def test_other_kinds_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        as_record(Outer, GOOD | changes)


def test_missing_ones_are_named():
    with pytest.raises(ValueError, match="count is missing"):
        as_record(Outer, {"name": "a"})
    with pytest.raises(ValueError, match="None is no Outer"):
        as_record(Outer, None)
