"""Features and target of a regression."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.regressors import as_regressors, as_target

X = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}, pd.date_range("2020", periods=3))


def test_columns_are_put_in_the_order_of_the_fit():
    fitted = as_regressors(X)
    found = as_regressors(X[["b", "a"]].assign(c=0.0), fitted=fitted)
    np.testing.assert_array_equal(found.values, X)
    assert found.names == ("a", "b")
    with pytest.raises(ValueError, match=r"X lacks the columns \['b'\]"):
        as_regressors(X[["a"]], fitted=fitted)
    with pytest.raises(ValueError, match="must have the 2 columns that the model was fitted on"):
        as_regressors(np.ones((3, 1)), fitted=fitted)


def test_one_dimension_is_one_feature():
    assert as_regressors([1.0, 2.0]).names == ("x0",)
    assert as_regressors(X["a"]).names == ("a",)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.ones(2), "y has 2 rows and X has 3"),
        (np.ones((3, 2)), "y must be one-dimensional"),
        (pd.Series(np.ones(3)), "y and X have different indexes"),
        ([1.0, np.nan, 2.0], "y has 1 NaN value, first at row 1"),
    ],
)
def test_a_target_must_match_the_features(y, message):
    regressors = as_regressors(X)
    np.testing.assert_array_equal(as_target(X[["a"]], regressors), X["a"])
    with pytest.raises(ValueError, match=message):
        as_target(y, regressors)
