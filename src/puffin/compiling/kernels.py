"""How every kernel is compiled.

`nogil` lets chains run on threads. The fast-math flags allow sums and products to be reordered,
which is what lets the compiler use vector instructions; NaN and infinity keep their meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TypeVar, cast

import numba

__all__ = ["kernel", "kernel_of", "lean_part", "part", "part_of"]

Function = TypeVar("Function", bound=Callable[..., object])
_REORDER = {"reassoc", "contract", "nsz", "arcp"}
_OPTIONS = {"nogil": True, "fastmath": _REORDER, "error_model": "numpy"}
_INLINED = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, **_OPTIONS}
_LEAN = {"_nrt": False}
"""Without Numba's counts of references: for what allocates nothing."""


def kernel(function: Function) -> Function:
    """Compile on the first call, and keep the machine code on disk."""
    compiled: Function = numba.njit(cache=True, **_OPTIONS)(function)
    return compiled


def kernel_of(template: Function, name: str, **parts: object) -> Function:
    """Compile a function with some of its module's globals replaced, such as the parts it calls.

    Functions that a kernel takes as arguments, or that it closes over, keep it from being found on
    disk by the next process; globals do not. Each kernel is cached beside the template's module,
    under its name. It may allocate nothing.
    """
    compiled: Function = numba.njit(cache=True, **_OPTIONS, **_LEAN)(
        _rebound(template, name, parts)
    )
    return compiled


def part(function: Function) -> Function:
    """Make a function part of every kernel that calls it.

    A call between kernels is resolved when they are loaded: to one copy of the callee where it was
    just compiled, to another where it came from disk, and the two may round differently. Part of
    its caller, it gives the same draws on the first run as on the next.

    Python cannot call it: the wrappers that would let it take a third of the time to compile.
    """
    inlined: Function = numba.njit(**_INLINED)(function)
    return inlined


def lean_part(function: Function) -> Function:
    """Make a part of a function that allocates nothing: it compiles in three quarters of the time.

    If it returns an array that it was given, the kernel must be one of `kernel_of`.
    """
    inlined: Function = numba.njit(**_INLINED, **_LEAN)(function)
    return inlined


def part_of(template: Function, **parts: object) -> Function:
    """Make a function a lean part, with some of its module's globals replaced: see `kernel_of`."""
    return lean_part(_rebound(template, template.__name__, parts))


def _rebound(template: Function, name: str, parts: Mapping[str, object]) -> Function:
    source = cast(FunctionType, template)
    function = FunctionType(source.__code__, {**source.__globals__, **parts}, name)
    function.__qualname__, function.__doc__ = name, source.__doc__
    return cast(Function, function)
