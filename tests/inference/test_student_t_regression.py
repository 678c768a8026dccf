"""Student-t regression against its plain twin."""

from __future__ import annotations

import math

import numpy as np

from puffin.compiling.random_bits import new_generators
from puffin.inference import student_t_regression
from puffin.inference.linear_regression import RegressionPrior
from puffin.inference.settings import Settings
from puffin.inference.student_t_regression import sample_student_t_regression
from tests.inference import plain_gibbs

FACTOR = np.array([[0.1, 0.0], [0.05, 0.4]])


GENERATORS = new_generators(np.random.default_rng(9))


def test_student_t_regression_matches_its_twin():
    data = np.random.default_rng(1)
    Z, y = data.normal(size=(3, 90)), data.standard_t(3, 90)
    numbers = (np.array([1.0, 0.5, 2.0]), 1.0, math.log(1e-6), 10.0)
    start, scale_tail, count = np.array([0.1, 0.2, 0.3]), np.array([-0.2, 1.0]), 8
    kept = student_t_regression.Kept.empty(count, 3)
    student_t_regression._sweeps(
        np.random.default_rng(2),
        GENERATORS.copy(),
        student_t_regression.Data(Z, y),
        student_t_regression.SweepPrior(*numbers),
        FACTOR,
        student_t_regression.ChainState(start.copy(), scale_tail.copy()),
        student_t_regression.Scratch.of(Z),
        kept,
    )
    twin = plain_gibbs.student_t_regression(
        np.random.default_rng(2),
        GENERATORS.copy(),
        Z,
        y,
        *numbers,
        FACTOR,
        start,
        scale_tail,
        count,
    )
    np.testing.assert_allclose(np.column_stack(kept[:2]), twin, rtol=1e-8)


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
