"""Every law with some values of its shape, and its mirror image's. A new law is a row here.

So is Gumbel's, which is skewed and of the tests alone: nothing here rests on symmetry.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from puffin.laws import LAWS, find_law
from tests.laws.gumbel import Gumbel

SHAPES = {
    "normal": [({}, {})],
    "student": [({"nu": nu}, {"nu": nu}) for nu in (2.3, 3.5, 8.0, 200.0)],
    "asymmetric": [
        (
            {"asymmetry": lean, "nu_left": left, "nu_right": right},
            {"asymmetry": -lean, "nu_left": right, "nu_right": left},
        )
        for lean, left, right in (
            (0.0, 5.0, 5.0),
            (0.8, 4.5, 9.0),
            (-0.6, 2.4, 30.0),
            (0.3, 200.0, 3.5),
        )
    ],
}

JUMPS = [
    {"kappa": kappa, "jump_mean": mean, "jump_sd": sd}
    for kappa, mean, sd in ((0.01, 0.0, 3.0), (0.2, -1.5, 0.4), (0.05, 4.0, 6.0))
]
"""Beside errors of a law, and their mirror image's with the opposite mean."""
QUICK_JUMPS = (0, 4)
"""One with normal errors, and one with Student-t errors: those take a quarter of a second each."""


def jumping():
    """Names of laws with jumps, their shapes, and those of the mirror images.

    The smallest nus are left out: a part of their variance is beyond a million standard deviations,
    farther than the nodes for the mixing variable reach.
    """
    for name in ("normal", "student"):
        for (shape, _), jumps in itertools.product(SHAPES[name][-2:], JUMPS):
            yield name, shape | jumps, shape | jumps | {"jump_mean": -jumps["jump_mean"]}


def arrays(shape):
    return {name: np.array(value) for name, value in shape.items()}


def cases():
    """Parameters (law, shape, shape of the mirror image or None), one for each law and shape."""
    registered = [
        pytest.param(LAWS[name], arrays(shape), arrays(mirror), id=f"{name}-{i}")
        for name, shapes in SHAPES.items()
        for i, (shape, mirror) in enumerate(shapes)
    ]
    registered += [
        pytest.param(
            find_law(name, jumps=True), arrays(shape), arrays(mirror), id=f"{name}-jumps-{i}",
            marks=[] if i in QUICK_JUMPS else pytest.mark.slow,
        )
        for i, (name, shape, mirror) in enumerate(jumping())
    ]  # fmt: skip
    return [*registered, pytest.param(Gumbel(), {}, None, id="gumbel")]
