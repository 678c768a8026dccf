"""Exponential, logarithm and log Gamma of eight floats at once, from their series.

LLVM has no vector form of these that Numba could call without another library.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from puffin.compiling.kernels import part
from puffin.compiling.lanes import (
    BITS,
    LANES_TYPE,
    VECTOR,
    Lanes,
    floats,
    integers,
    maximum,
    round_lanes,
)

__all__ = ["exp_lanes", "log_gamma_lanes", "log_lanes"]


@intrinsic
def _scale(_: Any, x: Any, k: Any) -> Any:
    """Return x * 2**k for whole k."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        shifted = builder.fadd(args[1], floats(_SHIFT))
        exponent = builder.shl(builder.bitcast(shifted, BITS), integers(52))
        return builder.bitcast(builder.add(builder.bitcast(args[0], BITS), exponent), VECTOR)

    return LANES_TYPE(LANES_TYPE, LANES_TYPE), lower


@intrinsic
def _divide(_: Any, x: Any) -> Any:
    """Return f in [sqrt(1/2), sqrt(2)) and k with x = f * 2**k, for positive normal x."""
    offset = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
    kind = types.UniTuple(LANES_TYPE, 2)

    def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], BITS)
        k = builder.ashr(builder.sub(bits, integers(offset)), integers(52))
        fraction = builder.bitcast(builder.sub(bits, builder.shl(k, integers(52))), VECTOR)
        # There is no AVX2 conversion of 64-bit integers; adding to the bits of 1.5 * 2**52 is one.
        magic = builder.add(k, integers(int(np.float64(_SHIFT).view(np.int64))))
        number = builder.fsub(builder.bitcast(magic, VECTOR), floats(_SHIFT))
        return context.make_tuple(builder, kind, [fraction, number])

    return kind(LANES_TYPE), lower


_times_power_of_two: Callable[[Lanes, Lanes], Lanes] = _scale
_split: Callable[[Lanes], tuple[Lanes, Lanes]] = _divide

_SHIFT = 1.5 * 2.0**52
"""Added to a whole number, it leaves that number in the low bits."""
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93145751953125e-1, 1.42860682030941723212e-6
_EXP = tuple(1.0 / math.factorial(n) for n in range(10))


@part
def exp_lanes(x: Lanes) -> Lanes:
    """Return exp(x); x is clipped to [-700, 700]. Relative error below 1e-11."""
    x = maximum(x, x * 0.0 - 700.0)
    x = -maximum(-x, x * 0.0 - 700.0)
    k = round_lanes(x * _LOG2_E)
    r = x - k * _LN2_HIGH - k * _LN2_LOW
    s = r * r
    low = (1.0 + r) + s * (_EXP[2] + _EXP[3] * r)
    middle = (_EXP[4] + _EXP[5] * r) + s * (_EXP[6] + _EXP[7] * r)
    high = _EXP[8] + _EXP[9] * r
    fourth = s * s
    return _times_power_of_two(low + fourth * (middle + fourth * high), k)


@part
def log_lanes(x: Lanes) -> Lanes:
    """Return log(x) of positive normal x, by the series of atanh. Error below 1e-12."""
    fraction, k = _split(x)  # k is whole; rounding it keeps its subtraction from being distributed
    ratio = (fraction - 1.0) / (fraction + 1.0)
    s = ratio * ratio
    series = 1.0 / 9.0 + s * (1.0 / 11.0 + s * (1.0 / 13.0 + s * (1.0 / 15.0)))
    series = 1.0 + s * (1.0 / 3.0 + s * (1.0 / 5.0 + s * (1.0 / 7.0 + s * series)))
    return 2.0 * ratio * series + round_lanes(k) * (_LN2_HIGH + _LN2_LOW)


@part
def log_gamma_lanes(x: Lanes) -> Lanes:
    """Return log Gamma(x), x > 0: Stirling's series eight further on. Error below 1e-13 there."""
    product = x
    for i in range(1, 8):
        product = product * (x + i)
    far = x + 8.0
    over = 1.0 / far
    s = over * over
    series = over * (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0))))
    total = (far - 0.5) * log_lanes(far) - far + 0.5 * math.log(2.0 * math.pi) + series
    return total - log_lanes(product)
