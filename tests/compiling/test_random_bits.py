"""Random words in lanes against NumPy."""

from __future__ import annotations

import numpy as np

from puffin.compiling.kernels import kernel
from puffin.compiling.random_bits import LANES, fill_bits, new_generators


@kernel
def words(generators, bits):
    fill_bits(generators, bits)


def test_every_lane_is_numpys_sfc64():
    generators = new_generators(np.random.default_rng(13))
    ours = np.empty((5, LANES), np.uint64)
    words(generators.copy(), ours.reshape(-1))
    for lane, state in enumerate(generators.T):
        twin = np.random.SFC64()
        twin.state = {**twin.state, "state": {"state": state.copy()}, "has_uint32": 0}
        np.testing.assert_array_equal(ours[:, lane], twin.random_raw(5))
