"""Eight floats that Numba treats as one number: SIMD lanes across independent proposals.

The recursions of a state-space model are serial in time but independent across proposals, so that
eight proposals run in the lanes of one vector. A `Lanes` value is LLVM's `<8 x double>` (two AVX2
registers, one AVX-512 register, or four of NEON): it is added, multiplied and divided like a float,
also with floats, and lives in registers. In memory it is a row of eight in a float64 array of
shape (..., 8).

Within compiled code only; nothing here is called from Python.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_cast
from numba.core.typeconv.rules import default_casting_rules
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numpy.typing import NDArray

from puffin.arrays import Array

__all__ = [
    "BITS",
    "LANES",
    "LANES_TYPE",
    "VECTOR",
    "Lanes",
    "align_stack",
    "floats",
    "integers",
    "load",
    "maximum",
    "round_lanes",
    "row_at",
    "sqrt_lanes",
    "store",
    "turn",
    "where_less",
]

LANES = 8
"""How many proposals share a vector."""

VECTOR = ir.VectorType(ir.DoubleType(), LANES)
BITS = ir.VectorType(ir.IntType(64), LANES)
_INDEX = ir.IntType(32)


class _Lanes(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name=f"float64x{LANES}")


LANES_TYPE = _Lanes()
"""What Numba calls such a value."""


class Lanes(Protocol):
    """What annotations call such a value: a number, also beside floats."""

    def __add__(self, other: Lanes | float, /) -> Lanes: ...
    def __radd__(self, other: float, /) -> Lanes: ...
    def __sub__(self, other: Lanes | float, /) -> Lanes: ...
    def __rsub__(self, other: float, /) -> Lanes: ...
    def __mul__(self, other: Lanes | float, /) -> Lanes: ...
    def __rmul__(self, other: float, /) -> Lanes: ...
    def __truediv__(self, other: Lanes | float, /) -> Lanes: ...
    def __rtruediv__(self, other: float, /) -> Lanes: ...
    def __neg__(self) -> Lanes: ...


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


class _Arithmetic(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, _: Any) -> Any:
        if LANES_TYPE in args and all(
            kind is LANES_TYPE or isinstance(kind, types.Float | types.Integer) for kind in args
        ):
            return signature(LANES_TYPE, *[LANES_TYPE] * len(args))
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
    lower_builtin(_operator, LANES_TYPE, LANES_TYPE)(_lower_with(_instruction))
infer_global(operator.neg)(type("_LanesNegation", (_Arithmetic,), {}))
lower_builtin(operator.neg, LANES_TYPE)(_lower_with("fneg"))

for _scalar in (types.float64, types.int64):
    default_casting_rules.unsafe(_scalar, LANES_TYPE)


@lower_cast(types.Float, LANES_TYPE)
@lower_cast(types.Integer, LANES_TYPE)
def _splat(context: Any, builder: Any, kind: Any, _: Any, value: Any) -> Any:
    """Return a vector with the scalar in every lane."""
    scalar = context.cast(builder, value, kind, types.float64)
    undefined = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INDEX, 0))
    everywhere = ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, everywhere)


def floats(value: float) -> Any:
    """Return a constant vector of floats."""
    return ir.Constant(VECTOR, [value] * LANES)


def integers(value: int) -> Any:
    """Return a constant vector of 64-bit integers."""
    return ir.Constant(BITS, [value] * LANES)


def row_at(context: Any, builder: Any, signature: Any, args: Any, vector: Any = VECTOR) -> Any:
    """Return a pointer to the row of eight numbers that begins at a flat index."""
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), vector.as_pointer())


@intrinsic
def _load(_: Any, array: Any, start: Any) -> Any:
    """Return eight elements of a contiguous array, from a flat index."""

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(row_at(context, builder, signature, args), align=8)

    return LANES_TYPE(array, types.intp), lower


@intrinsic
def _store(_: Any, array: Any, start: Any, value: Any) -> Any:
    """Write eight elements of a contiguous array, from a flat index."""

    def lower(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], row_at(context, builder, signature, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, LANES_TYPE), lower


@intrinsic
def _turn(_: Any, rows: Any, start: Any, columns: Any, place: Any, apart: Any) -> Any:
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
            pointer = builder.bitcast(builder.gep(source.data, [index]), VECTOR.as_pointer())
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
def _align_stack(_: Any) -> Any:
    """Have the kernel's stack begin at a line of the cache, wherever its caller's ended.

    Vectors that do not fit into registers are kept there. Half the callers, by chance, would make
    the kernel a sixth slower.
    """

    def lower(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        place = cgutils.alloca_once(builder, VECTOR)
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
            kind = ir.FunctionType(VECTOR, [VECTOR])
            full = f"llvm.{name}.v{LANES}f64"
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, full), args)

        return LANES_TYPE(LANES_TYPE), lower

    return function


@intrinsic
def _maximum(_: Any, x: Any, least: Any) -> Any:
    """Return the larger of two vectors, lane by lane; the second where the first is NaN."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return LANES_TYPE(LANES_TYPE, LANES_TYPE), lower


@intrinsic
def _where_less(_: Any, x: Any, bound: Any, below: Any, otherwise: Any) -> Any:
    """Return `below` in the lanes where x < bound, else `otherwise`."""

    def lower(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[2], args[3])

    return LANES_TYPE(LANES_TYPE, LANES_TYPE, LANES_TYPE, LANES_TYPE), lower


load: Callable[[Array, int], Lanes] = _load
store: Callable[[Array, int, Lanes], None] = _store
turn: Callable[[Array, int, NDArray[np.float32], int, int], None] = _turn
align_stack: Callable[[], None] = _align_stack
sqrt_lanes: Callable[[Lanes], Lanes] = _llvm("sqrt")
round_lanes: Callable[[Lanes], Lanes] = _llvm("rint")
maximum: Callable[[Lanes, Lanes], Lanes] = _maximum
where_less: Callable[[Lanes, Lanes, Lanes, Lanes], Lanes] = _where_less
"""What kernels call: Numba does not say what an intrinsic takes and returns."""
