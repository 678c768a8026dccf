"""How every kernel is compiled.

`nogil` lets chains run on threads. The fast-math flags allow sums and products to be reordered,
which is what lets the compiler use vector instructions; NaN and infinity keep their meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TypeVar, cast

import numba

from puffin.compiling.cache import kept

__all__ = ["drawing_kernel", "kernel", "kernel_of", "part", "part_of"]

Function = TypeVar("Function", bound=Callable[..., object])
_REORDER = {"reassoc", "contract", "nsz", "arcp"}
_OPTIONS = {"nogil": True, "fastmath": _REORDER, "error_model": "numpy"}
_LEAN = {"_nrt": False, **_OPTIONS}
"""Without Numba's counts of references: for what allocates nothing."""
_INLINED = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, **_LEAN}


def kernel(function: Function) -> Function:
    """Compile on the first call, and keep the machine code: see `cache`.

    A kernel writes to arrays that it is given. It allocates none, returns none, and assigns none to
    a slice: each of these would have some of Numba's own library compiled too, for seconds.
    """
    return kept(function, _LEAN)


def drawing_kernel(function: Function) -> Function:
    """Compile a kernel that takes a `numpy.random.Generator`, whose references are counted."""
    return kept(function, _OPTIONS)


def kernel_of(template: Function, name: str, **parts: object) -> Function:
    """Compile a function with some of its module's globals replaced, such as the parts it calls.

    Functions that a kernel takes as arguments, or that it closes over, keep it from being found on
    disk by the next process; globals do not. Each kernel is cached beside the template's module,
    under its name.
    """
    return kernel(_rebound(template, name, parts))


def part(function: Function) -> Function:
    """Make a function part of every kernel that calls it.

    A call between kernels is resolved when they are loaded: to one copy of the callee where it was
    just compiled, to another where it came from disk, and the two may round differently. Part of
    its caller, it gives the same draws on the first run as on the next.

    Python cannot call it: the wrappers that would let it take a third of the time to compile. It
    allocates nothing, as a `kernel`; if it returns an array that it was given, it is no part of a
    `drawing_kernel`.
    """
    inlined: Function = numba.njit(**_INLINED)(function)
    return inlined


def part_of(template: Function, **parts: object) -> Function:
    """Make a function a part, with some of its module's globals replaced: see `kernel_of`."""
    return part(_rebound(template, template.__name__, parts))


def _rebound(template: Function, name: str, parts: Mapping[str, object]) -> Function:
    source = cast(FunctionType, template)
    function = FunctionType(source.__code__, {**source.__globals__, **parts}, name)
    function.__qualname__, function.__doc__ = name, source.__doc__
    return cast(Function, function)
