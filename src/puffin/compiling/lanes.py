"""Eight floats that Numba treats as one number: SIMD lanes across independent proposals.

The recursions of a state-space model are serial in time but independent across proposals, so that
eight proposals run in the lanes of one vector. A `Lanes` value is LLVM's `<8 x double>` (two AVX2
registers, one AVX-512 register, or four of NEON): it is added, multiplied and divided like a float,
also with floats, and lives in registers. In memory it is a row of eight in a float64 array of
shape (..., 8).

Within compiled code only; nothing here is called from Python.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_cast
from numba.core.typeconv.rules import default_casting_rules
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from puffin.compiling.kernels import part

__all__ = [
    "LANES",
    "align_stack",
    "exp_lanes",
    "load",
    "log_gamma_lanes",
    "log_lanes",
    "maximum",
    "normal_pair",
    "sqrt_lanes",
    "store",
    "turn",
    "where_less",
]

LANES = 8
"""How many proposals share a vector."""

_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_BITS = ir.VectorType(ir.IntType(64), LANES)
_INDEX = ir.IntType(32)


class _Lanes(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name=f"float64x{LANES}")


_lanes = _Lanes()
Lanes = Any
"""What annotations call such a value."""


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


class _Arithmetic(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, _: Any) -> Any:
        if _lanes in args and all(
            kind is _lanes or isinstance(kind, types.Float | types.Integer) for kind in args
        ):
            return signature(_lanes, *[_lanes] * len(args))
        return None


def _lower_with(instruction: str) -> Callable[..., Any]:
    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)

    return lower


for _operator, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    infer_global(_operator)(type("_LanesOperator", (_Arithmetic,), {}))
    lower_builtin(_operator, _lanes, _lanes)(_lower_with(_instruction))
infer_global(operator.neg)(type("_LanesNegation", (_Arithmetic,), {}))
lower_builtin(operator.neg, _lanes)(_lower_with("fneg"))

for _scalar in (types.float64, types.int64):
    default_casting_rules.unsafe(_scalar, _lanes)


@lower_cast(types.Float, _lanes)
@lower_cast(types.Integer, _lanes)
def _splat(context: Any, builder: Any, kind: Any, _: Any, value: Any) -> Any:
    """Return a vector with the scalar in every lane."""
    scalar = context.cast(builder, value, kind, types.float64)
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INDEX, 0))
    everywhere = ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, everywhere)


def _floats(value: float) -> Any:
    return ir.Constant(_VECTOR, [value] * LANES)


def _integers(value: int) -> Any:
    return ir.Constant(_BITS, [value] * LANES)


def _row(context: Any, builder: Any, signature: Any, args: Any, vector: Any = _VECTOR) -> Any:
    """Return a pointer to the row of eight numbers that begins at a flat index."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), vector.as_pointer())


@intrinsic
def load(_: Any, array: Any, start: Any) -> Any:
    """Return eight elements of a contiguous array, from a flat index."""

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_row(context, builder, signature, args), align=8)

    return _lanes(array, types.intp), lower


@intrinsic
def store(_: Any, array: Any, start: Any, value: Any) -> Any:
    """Write eight elements of a contiguous array, from a flat index."""

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _row(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), lower


@intrinsic
def turn(_: Any, rows: Any, start: Any, columns: Any, place: Any, apart: Any) -> Any:
    """Write eight rows of eight floats as eight columns, in single precision.

    The rows begin at the flat index `start`; element i of each goes to the flat index
    `place + i * apart` of `columns`, those of the next rows behind it.
    """

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        source = context.make_array(kinds[0])(context, builder, args[0])
        target = context.make_array(kinds[2])(context, builder, args[2])
        single = ir.VectorType(ir.FloatType(), LANES)
        block = []
        for row in range(LANES):
            index = builder.add(args[1], ir.Constant(args[1].type, row * LANES))
            pointer = builder.bitcast(builder.gep(source.data, [index]), _VECTOR.as_pointer())
            block.append(builder.fptrunc(builder.load(pointer, align=8), single))
        for step in (1, 2, 4):
            block = _swap(builder, block, step)
        index = args[3]
        for row in block:
            pointer = builder.bitcast(builder.gep(target.data, [index]), single.as_pointer())
            builder.store(row, pointer, align=4)
            index = builder.add(index, args[4])
        return context.get_dummy_value()

    return types.void(rows, types.intp, columns, types.intp, types.intp), lower


def _swap(builder: Any, block: list[Any], step: int) -> list[Any]:
    """Exchange what a transpose exchanges between rows, and positions, `step` apart."""

    def shuffle(first: Any, second: Any, take: Callable[[int], int]) -> Any:
        mask = ir.Constant(ir.VectorType(_INDEX, LANES), [take(p) for p in range(LANES)])
        return builder.shuffle_vector(first, second, mask)

    turned = list(block)
    for i in range(LANES):
        if i & step:
            continue
        a, b = block[i], block[i + step]
        turned[i] = shuffle(a, b, lambda p: LANES + p - step if p & step else p)
        turned[i + step] = shuffle(a, b, lambda p: LANES + p if p & step else p + step)
    return turned


@intrinsic
def align_stack(_: Any) -> Any:
    """Have the kernel's stack begin at a line of the cache, wherever its caller's ended.

    Vectors that do not fit into registers are kept there. Half the callers, by chance, would make
    the kernel a sixth slower.
    """

    def lower(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        place = cgutils.alloca_once(builder, _VECTOR)
        place.align = 8 * LANES
        kind = ir.FunctionType(ir.VoidType(), [place.type])
        builder.asm(kind, "", "r", [place], side_effect=True)
        return context.get_dummy_value()

    return types.void(), lower


def _llvm(name: str) -> Any:
    """Return the function of one vector that LLVM knows by this name."""

    @intrinsic
    def function(_: Any, x: Any) -> Any:
        def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            kind = ir.FunctionType(_VECTOR, [_VECTOR])
            full = f"llvm.{name}.v{LANES}f64"
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, full), args)

        return _lanes(_lanes), lower

    return function


sqrt_lanes = _llvm("sqrt")
_round = _llvm("rint")


@intrinsic
def maximum(_: Any, x: Any, least: Any) -> Any:
    """Return the larger of two vectors, lane by lane; the second where the first is NaN."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return _lanes(_lanes, _lanes), lower


@intrinsic
def where_less(_: Any, x: Any, bound: Any, below: Any, otherwise: Any) -> Any:
    """Return `below` in the lanes where x < bound, else `otherwise`."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return _lanes(_lanes, _lanes, _lanes, _lanes), lower


@intrinsic
def _times_power_of_two(_: Any, x: Any, k: Any) -> Any:
    """Return x * 2**k for whole k."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        shifted = builder.fadd(args[1], _floats(_SHIFT))
        exponent = builder.shl(builder.bitcast(shifted, _BITS), _integers(52))
        return builder.bitcast(builder.add(builder.bitcast(args[0], _BITS), exponent), _VECTOR)

    return _lanes(_lanes, _lanes), lower


@intrinsic
def _split(_: Any, x: Any) -> Any:
    """Return f in [sqrt(1/2), sqrt(2)) and k with x = f * 2**k, for positive normal x."""
    offset = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
    kind = types.UniTuple(_lanes, 2)

    def lower(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _BITS)
        k = builder.ashr(builder.sub(bits, _integers(offset)), _integers(52))
        fraction = builder.bitcast(builder.sub(bits, builder.shl(k, _integers(52))), _VECTOR)
        # There is no AVX2 conversion of 64-bit integers; adding to the bits of 1.5 * 2**52 is one.
        magic = builder.add(k, _integers(int(np.float64(_SHIFT).view(np.int64))))
        number = builder.fsub(builder.bitcast(magic, _VECTOR), _floats(_SHIFT))
        return context.make_tuple(builder, kind, [fraction, number])

    return kind(_lanes), lower


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
    k = _round(x * _LOG2_E)
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
    return 2.0 * ratio * series + _round(k) * (_LN2_HIGH + _LN2_LOW)


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


@intrinsic
def _random_bits(_: Any, state: Any) -> Any:
    """Advance eight xoshiro256+ generators (Blackman & Vigna 2021); return floats in [1, 2).

    `state` is a uint64 array of shape (4, 8).
    """

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = [
            _row(context, builder, signature, [args[0], ir.Constant(ir.IntType(64), start)], _BITS)
            for start in range(0, 4 * LANES, LANES)
        ]
        s = [builder.load(row, align=8) for row in rows]
        result = builder.add(s[0], s[3])
        shifted = builder.shl(s[1], _integers(17))
        s[2] = builder.xor(s[2], s[0])
        s[3] = builder.xor(s[3], s[1])
        s[1] = builder.xor(s[1], s[2])
        s[0] = builder.xor(s[0], s[3])
        s[2] = builder.xor(s[2], shifted)
        s[3] = builder.or_(builder.shl(s[3], _integers(45)), builder.lshr(s[3], _integers(19)))
        for row, value in zip(rows, s, strict=True):
            builder.store(value, row, align=8)
        mantissa = builder.or_(builder.lshr(result, _integers(12)), _integers(0x3FF << 52))
        return builder.bitcast(mantissa, _VECTOR)

    return _lanes(state), lower


_SIN = tuple((-1.0) ** n * math.pi ** (2 * n + 1) / math.factorial(2 * n + 1) for n in range(8))
_COS = tuple((-1.0) ** n * math.pi ** (2 * n) / math.factorial(2 * n) for n in range(9))


@part
def normal_pair(state: Any) -> tuple[Lanes, Lanes]:
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
