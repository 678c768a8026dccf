"""Which laws there are."""

from __future__ import annotations

import pytest

from puffin.laws import LAWS, find_law
from tests.laws.cases import SHAPES


def test_every_law_has_rows():
    assert set(SHAPES) == set(LAWS)
    for name, law in LAWS.items():
        assert law.name == name
        assert all(set(shape) == set(law.shape_names) for shape, _ in SHAPES[name])


def test_an_unknown_law_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="distribution must be one of 'normal', 'student'"):
        find_law("cauchy")
    with pytest.raises(ValueError, match=r"found \['normal'\]"):
        find_law(["normal"])
    assert find_law("student") is LAWS["student"]
