"""The compiled parts of a law are its NumPy face, and their slopes those of the density."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

from puffin.compiling.kernels import kernel_of
from puffin.compiling.lanes import LANES, load, store
from puffin.laws import LAWS
from puffin.laws.parts import normal_quantile
from tests.laws.cases import SHAPES, arrays
from tests.laws.gumbel import Gumbel

CASES = [
    (law, arrays(shape))
    for name, law in LAWS.items()
    if hasattr(law, "parts")
    for shape, _ in SHAPES[name]
]
CASES += [(Gumbel(), {})]
every_law_with_parts = pytest.mark.parametrize(
    ("law", "shape"), CASES, ids=lambda value: getattr(value, "name", "")
)
X = np.array([-5.0, -1.5, -0.2, 0.0, 0.3, 1.0, 4.0, 12.0])
LAW = SCORE = None


def _evaluate(rows, x, table, out):
    constants = LAW.prepare(rows, 0, 8)
    errors = load(x, 0)
    store(out, 0, LAW.log_density(constants, errors))
    first, second = LAW.slopes(constants, errors)
    store(out, 8, first)
    store(out, 16, second)
    LAW.tabulate(constants, table)
    store(out, 24, LAW.normal_score(constants, table, errors))


def _quantiles(prob, log_tail, out):
    store(out, 0, SCORE(load(prob, 0), load(log_tail, 0)))


@every_law_with_parts
def test_parts_agree_with_the_law(law, shape):
    rows = np.repeat(np.array([[shape[name]] for name in law.shape_names] or [[0.0]]), LANES, 1)
    evaluate = kernel_of(_evaluate, f"evaluate_{law.name}", LAW=law.parts)
    out, width = np.empty((4, LANES)), 1e-4
    evaluate(rows, X, np.empty((32, LANES)), out)
    np.testing.assert_allclose(out[0], law.log_density(X, shape), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(out[3], law.normal_score(X, shape), rtol=1e-8, atol=1e-9)
    around = np.array([law.log_density(X + step, shape) for step in (-width, 0.0, width)])
    np.testing.assert_allclose(out[1], (around[2] - around[0]) / (2 * width), rtol=1e-5, atol=1e-6)
    curvature = (around[2] - 2.0 * around[1] + around[0]) / width**2
    np.testing.assert_allclose(out[2], curvature, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("start", [-35.0, -9.0, -1.5, -0.3, 1.0, 10.0])
def test_normal_quantile_inverts_scipys(start):
    z = start + 0.4 * np.arange(LANES)
    out = np.empty(LANES)
    kernel_of(_quantiles, "quantiles", SCORE=normal_quantile)(ndtr(z), log_ndtr(-np.abs(z)), out)
    np.testing.assert_allclose(out, z, rtol=1e-9, atol=1e-10)


def test_normal_quantile_levels_off():
    out, prob = np.empty(LANES), np.repeat([0.0, 1.0], 4)
    tail = np.full(LANES, -np.array([800.0, 1e4, 1e300, 730.0] * 2))
    kernel_of(_quantiles, "quantiles", SCORE=normal_quantile)(prob, tail, out)
    np.testing.assert_allclose(np.abs(out), out[-1])
    assert (out[:4] < -37.0).all()
    assert (out[4:] > 37.0).all()
