"""Draws of Student-t regression."""

from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.settings import Settings
from puffin.inference.student_t_regression import sample_student_t_regression


@pytest.mark.slow
def test_regression_draws_do_not_depend_on_cores():
    x = np.random.default_rng(5).standard_t(4, (50, 2))
    one, many = (
        sample_student_t_regression(
            x[:, :1], x[:, 1], RegressionPrior(1, 1, 1, 1e-6, 10),
            Settings(200, 200, 3, cores, 1, False),
        )
        for cores in (1, 3)
    )  # fmt: skip
    for name, values in one.variables.items():
        np.testing.assert_array_equal(values, many.variables[name])
