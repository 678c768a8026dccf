"""How much is held of each asset."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.weights import as_weights

NAMES = ("a", "b", "c")


def test_names_left_out_have_no_weight():
    for weights in ({"c": 0.4, "a": 0.6}, pd.Series({"c": 0.4, "a": 0.6}), [0.6, 0.0, 0.4]):
        np.testing.assert_array_equal(as_weights(weights, NAMES), [0.6, 0.0, 0.4])
    np.testing.assert_array_equal(as_weights([2.0, 0, 0], NAMES, total=None), [2.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5, 0.5], "one for each of the 3 assets"),
        ({"z": 1.0}, "weights has z, which the returns have not"),
        ({1: 0.5, "1": 0.5}, "names an asset twice"),
        ([0.5, 0.0, 0.0], "must add up to 1; found 0.5"),
        ([0.5, np.nan, 0.5], "1 NaN value"),
    ],
)
def test_what_is_wrong_is_said(weights, message):
    with pytest.raises(ValueError, match=message):
        as_weights(weights, NAMES)
