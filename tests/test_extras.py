"""Optional dependencies."""

from __future__ import annotations

import math

import pytest

from puffin.extras import require


def test_what_is_missing_comes_with_the_command_that_installs_it():
    assert require("math", "plot", "Counting") is math
    with pytest.raises(ImportError, match=r"Counting needs abacus.*'\.\[plot\]'"):
        require("abacus", "plot", "Counting")
