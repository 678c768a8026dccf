"""What weights may be, and whether any can be."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.portfolio import Constraints
from tests.portfolio.limits import NAMES


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
