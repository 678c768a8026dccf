"""Normal variates, eight pairs at once, from eight generators side by side."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic
from numpy.typing import NDArray

from puffin.compiling.elementary import log_lanes
from puffin.compiling.kernels import part
from puffin.compiling.lanes import (
    BITS,
    LANES,
    LANES_TYPE,
    VECTOR,
    Lanes,
    integers,
    row_at,
    sqrt_lanes,
)

__all__ = ["normal_pair", "uniform_lanes"]


@intrinsic
def _advance(_: Any, state: Any) -> Any:
    """Advance eight xoshiro256+ generators (Blackman & Vigna 2021); return floats in [1, 2).

    `state` is a uint64 array of shape (4, 8).
    """

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = [
            row_at(context, builder, signature, [args[0], ir.Constant(ir.IntType(64), start)], BITS)
            for start in range(0, 4 * LANES, LANES)
        ]
        s = [builder.load(row, align=8) for row in rows]
        result = builder.add(s[0], s[3])
        shifted = builder.shl(s[1], integers(17))
        s[2] = builder.xor(s[2], s[0])
        s[3] = builder.xor(s[3], s[1])
        s[1] = builder.xor(s[1], s[2])
        s[0] = builder.xor(s[0], s[3])
        s[2] = builder.xor(s[2], shifted)
        s[3] = builder.or_(builder.shl(s[3], integers(45)), builder.lshr(s[3], integers(19)))
        for row, value in zip(rows, s, strict=True):
            builder.store(value, row, align=8)
        mantissa = builder.or_(builder.lshr(result, integers(12)), integers(0x3FF << 52))
        return builder.bitcast(mantissa, VECTOR)

    return LANES_TYPE(state), lower


Bits = NDArray[np.uint64]
"""The state of eight generators, shape (4, 8)."""
_random_bits: Callable[[Bits], Lanes] = _advance

_SIN = tuple((-1.0) ** n * math.pi ** (2 * n + 1) / math.factorial(2 * n + 1) for n in range(8))
_COS = tuple((-1.0) ** n * math.pi ** (2 * n) / math.factorial(2 * n) for n in range(9))


@part
def normal_pair(state: Bits) -> tuple[Lanes, Lanes]:
    """Return two independent standard normals (Box & Muller 1958); see `_random_bits`."""
    radius = sqrt_lanes(-2.0 * log_lanes(2.0 - _random_bits(state)))
    # The angle is 2 pi v with v in [-1/2, 1/2): twice that whose sine and cosine are summed here.
    v = _random_bits(state) - 1.5
    s = v * v
    sine = _SIN[4] + s * (_SIN[5] + s * (_SIN[6] + s * _SIN[7]))
    sine = v * (_SIN[0] + s * (_SIN[1] + s * (_SIN[2] + s * (_SIN[3] + s * sine))))
    cosine = _COS[4] + s * (_COS[5] + s * (_COS[6] + s * (_COS[7] + s * _COS[8])))
    cosine = _COS[0] + s * (_COS[1] + s * (_COS[2] + s * (_COS[3] + s * cosine)))
    return 2.0 * radius * sine * cosine, radius * (1.0 - 2.0 * sine * sine)


@part
def uniform_lanes(state: Bits) -> Lanes:
    """Return a uniform variate above 0, up to 1; see `_random_bits`."""
    return 2.0 - _random_bits(state)
