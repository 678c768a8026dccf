"""What weights may be, and whether any can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from puffin.portfolio import Constraints
from puffin.portfolio.optimise import maximise, maximise_linear

NAMES = ("a", "b", "c")


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ({"max_weights": 0.3}, "max_weights allow 0.9 in all for 3 weights, and total is 1"),
        ({"min_weights": 0.4}, "min_weights need 1.2 in all for 3 weights, and total is 1"),
        ({"min_weights": {"b": 1.5}}, "min_weights of 'b' is 1.5, above its max_weights, 1"),
        ({"min_weights": {"z": 0.1}}, "min_weights has 'z', which is not among 'a', 'b', 'c'"),
        ({"max_weights": {"z": 0.1}}, "max_weights has 'z'"),
        ({"total": 2.0}, "gross_exposure is 1, but min_weights, max_weights and total need at"),
        (
            {"min_weights": {"a": -1.0}, "max_weights": {"a": -0.5}},
            "gross_exposure is 1, .* need at least 2;",
        ),
    ],
)
def test_what_cannot_be_satisfied_is_said(constraints, message):
    with pytest.raises(ValueError, match=message):
        Constraints(**constraints).on(NAMES)


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ({"min_weights": "none"}, "min_weights must be a number"),
        ({"max_weights": {"a": np.nan}}, r"max_weights\['a'\] must be finite"),
        ({"total": True}, "total must be a number"),
        ({"gross_exposure": 0.0}, "gross_exposure must be above zero"),
    ],
)
def test_what_is_no_number_is_said(constraints, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Constraints(**constraints)


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
