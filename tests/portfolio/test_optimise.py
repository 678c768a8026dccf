"""Weights that are best within limits, whatever the limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from puffin.portfolio import Constraints
from puffin.portfolio.optimise import maximise, maximise_linear
from tests.portfolio.limits import NAMES, assert_within, constraint_sets


def test_linear_by_hand():
    scores = np.array([0.3, 0.1, 0.2])
    for constraints, expected in (
        (Constraints(), [1, 0, 0]),
        (Constraints(max_weights=0.5), [0.5, 0, 0.5]),
        (Constraints(max_weights={"a": 0.7, "c": 0.2}), [0.7, 0.1, 0.2]),
        (Constraints(min_weights={"b": 0.4}), [0.6, 0.4, 0]),
        (Constraints(min_weights=-1, total=0, gross_exposure=2), [1, -1, 0]),
        (Constraints(min_weights=-0.25, total=1, gross_exposure=1.5), [1, -0.25, 0.25]),
        (Constraints(total=None), [1, 0, 0]),
        (Constraints(total=None, gross_exposure=2.5), [1, 0.5, 1]),
        (Constraints(total=None, gross_exposure=None), [1, 1, 1]),
    ):
        found = maximise_linear(scores, constraints.on(NAMES))
        np.testing.assert_allclose(found, expected, atol=1e-9)
    found = maximise_linear(-1e-6 * scores, Constraints(total=None).on(NAMES))
    np.testing.assert_allclose(found, 0.0, atol=1e-12)


def feasible(constraints):
    """Whether a linear program over weights and their sizes finds any."""

    def bound(given, otherwise):
        return [given.get(n, otherwise) if isinstance(given, dict) else given for n in NAMES]

    lower, upper = bound(constraints.min_weights, 0.0), bound(constraints.max_weights, 1.0)
    size_rows = np.block([[np.eye(3), -np.eye(3)], [-np.eye(3), -np.eye(3)]])
    limits = [0.0] * 6
    if constraints.gross_exposure is not None:
        size_rows = np.vstack([size_rows, [0, 0, 0, 1, 1, 1]])
        limits = [*limits, constraints.gross_exposure]
    total = {}
    if constraints.total is not None:
        total = {"A_eq": [[1, 1, 1, 0, 0, 0]], "b_eq": [constraints.total]}
    if any(low > high for low, high in zip(lower, upper, strict=True)):
        return False
    bounds = [*zip(lower, upper, strict=True), *[(0, None)] * 3]
    return linprog(np.zeros(6), A_ub=size_rows, b_ub=limits, bounds=bounds, **total).status == 0


@pytest.mark.slow
@given(constraint_sets(), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_any_constraints_are_kept_or_refused(constraints, scores):
    try:
        limits = constraints.on(NAMES)
    except ValueError as error:
        assert len(str(error)) > 20
        assert not feasible(constraints)
        return
    scores = np.array(scores)
    assert_within(maximise_linear(scores, limits), limits)
    matrix = np.diag([1.0, 2.0, 0.5]) + 0.3

    def utility(w):
        return scores @ w - 0.5 * w @ matrix @ w, scores - matrix @ w

    assert_within(maximise(utility, limits), limits)


def test_one_weight_is_the_total():
    limits = Constraints(min_weights=-1.0, total=0.4).on(["a"])
    np.testing.assert_allclose(maximise(lambda w: (-float(w @ w), -2.0 * w), limits), [0.4])
