"""Constraints of every kind, and whether weights are within them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from puffin.portfolio import Constraints

NAMES = ("a", "b", "c")


BOUND = st.sampled_from([-1.0, -0.5, 0.0, 0.1, 0.3, 0.5, 1.0, 2.0])


@st.composite
def constraint_sets(draw):
    bound = st.one_of(BOUND, st.dictionaries(st.sampled_from(NAMES), BOUND))
    return Constraints(
        min_weights=draw(bound),
        max_weights=draw(bound),
        total=draw(st.none() | BOUND),
        gross_exposure=draw(st.none() | st.sampled_from([0.5, 1.0, 1.5, 3.0])),
    )


def assert_within(weights, limits):
    weights = np.asarray(weights)
    assert np.isfinite(weights).all()
    assert (weights >= limits.lower - 1e-8).all()
    assert (weights <= limits.upper + 1e-8).all()
    if limits.total is not None:
        assert weights.sum() == pytest.approx(limits.total, abs=1e-7)
    if limits.gross is not None:
        assert np.abs(weights).sum() <= limits.gross + 1e-7
