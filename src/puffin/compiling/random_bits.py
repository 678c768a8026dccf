"""Random bits by the thousand, inside kernels.

A `numpy.random.Generator` gives one number a call, through a function pointer. Where a sweep
needs thousands, most of their cost is that call. So there are SFC64 generators (Doty-Humphrey's,
the one behind NumPy's `SFC64`) side by side here, which step together in vector registers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from puffin.compiling.kernels import part

__all__ = ["LANES", "Bits", "fill_bits", "new_generators", "whole_turns"]

LANES = 16
"""Generators side by side; bits are made so many at a time."""

Bits = NDArray[np.uint64]

_ROUNDS_BEFORE_USE = 12


def new_generators(stream: np.random.Generator) -> Bits:
    """Return the state of `LANES` generators seeded from `stream`, shape (4, LANES)."""
    state = stream.integers(0, 2**64, size=(4, LANES), dtype=np.uint64)
    state[3] = 1
    # As NumPy does, so that the seed's words are mixed.
    for _ in range(_ROUNDS_BEFORE_USE):
        total = state[0] + state[1] + state[3]
        state[0] = state[1] ^ (state[1] >> np.uint64(11))
        state[1] = state[2] + (state[2] << np.uint64(3))
        state[2] = ((state[2] << np.uint64(24)) | (state[2] >> np.uint64(40))) + total
        state[3] += np.uint64(1)
    return state


def whole_turns(count: int) -> int:
    """Return the least multiple of `LANES` that is not below `count`."""
    return (count + LANES - 1) // LANES * LANES


@part
def fill_bits(state: Bits, bits: Bits) -> None:
    """Fill `bits`, whose size is a multiple of `LANES`; the lanes take turns."""
    a, b, c, counter = state[0], state[1], state[2], state[3]
    for turn in range(bits.size // LANES):
        out = bits[turn * LANES : (turn + 1) * LANES]
        for lane in range(LANES):
            total = a[lane] + b[lane] + counter[lane]
            counter[lane] += np.uint64(1)
            a[lane] = b[lane] ^ (b[lane] >> np.uint64(11))
            b[lane] = c[lane] + (c[lane] << np.uint64(3))
            c[lane] = ((c[lane] << np.uint64(24)) | (c[lane] >> np.uint64(40))) + total
            out[lane] = total
