"""What a matrix of correlations must be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.validation.correlation import as_correlation

NAMES = ("a", "b", "c")
GOOD = np.array([[1.0, 0.2, 0.1], [0.2, 1.0, -0.3], [0.1, -0.3, 1.0]])


def test_a_frame_is_put_in_order():
    shuffled = pd.DataFrame(GOOD, NAMES, NAMES).loc[["c", "a", "b"], ["b", "c", "a"]]
    np.testing.assert_array_equal(as_correlation("r", shuffled, NAMES), GOOD)
    np.testing.assert_array_equal(as_correlation("r", GOOD.tolist(), NAMES), GOOD)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (GOOD[:2], "a row and a column for each of a, b, c"),
        (4.0 * GOOD, "ones on its diagonal; found 4 for 'a'. Is it a covariance matrix"),
        (GOOD + np.triu(np.full((3, 3), 0.1), 1), "must be symmetric"),
        (np.ones((3, 3)), "must be positive definite"),
        (np.where(np.eye(3), 1.0, np.nan), "r has 6 NaN values"),
        (pd.DataFrame(GOOD, ["a", "b", "x"], ["a", "b", "x"]), "no row and column 'c'"),
        (
            pd.DataFrame(GOOD, NAMES, NAMES).iloc[[0, 1, 2, 2], [0, 1, 2, 2]],
            "a row or column twice",
        ),
    ],
)
def test_what_is_no_correlation_is_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        as_correlation("r", matrix, NAMES)
