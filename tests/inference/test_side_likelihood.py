from __future__ import annotations

import numpy as np
import pytest

from puffin.inference.side_likelihood import autoregressive_kernels, independent_kernels


def twin(errors, left_factor, right_factor, left_power, right_power):
    factors = np.where(errors < 0.0, left_factor, right_factor)
    powers = np.where(errors < 0.0, left_power, right_power)
    return np.sum(powers * np.log1p(factors * errors**2))


@pytest.mark.parametrize("size", [2, 64, 1000])
def test_kernels_match_their_twin(size):
    stream = np.random.default_rng(1)
    x = stream.standard_t(3, size)
    modes, rhos = stream.normal(size=40), stream.uniform(-0.9, 0.9, 40)
    modes[:3] = [-1e9, 1e9, np.sort(x)[size // 2]]
    sides = stream.uniform(0.01, 9.0, (4, 40))
    ours = independent_kernels(np.sort(x), modes, *sides)
    theirs = [twin(x - mode, *side) for mode, side in zip(modes, sides.T, strict=True)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)
    ours = autoregressive_kernels(x, rhos, modes, *sides)
    theirs = [
        twin(x[1:] - rho * x[:-1] - mode, *side)
        for rho, mode, side in zip(rhos, modes, sides.T, strict=True)
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)
