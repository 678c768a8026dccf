"""The sweeps of Student-t regression against their plain twin."""

from __future__ import annotations

import math

import numpy as np

from puffin.compiling.random_bits import new_generators
from puffin.inference.student_t_sweeps import (
    ChainState,
    Data,
    Kept,
    Scratch,
    SweepPrior,
    sweeps,
)
from tests.inference import plain_gibbs

FACTOR = np.array([[0.1, 0.0], [0.05, 0.4]])
GENERATORS = new_generators(np.random.default_rng(9))


def test_sweeps_match_their_twin():
    data = np.random.default_rng(1)
    Z, y = data.normal(size=(3, 90)), data.standard_t(3, 90)
    numbers = (np.array([1.0, 0.5, 2.0]), 1.0, math.log(1e-6), 10.0)
    start, scale_tail, count = np.array([0.1, 0.2, 0.3]), np.array([-0.2, 1.0]), 8
    kept = Kept.empty(count, 3)
    sweeps(
        np.random.default_rng(2),
        GENERATORS.copy(),
        Data(Z, y),
        SweepPrior(*numbers),
        FACTOR,
        ChainState(start.copy(), scale_tail.copy()),
        Scratch.of(Z),
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
