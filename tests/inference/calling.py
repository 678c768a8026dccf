"""Parts, which Python cannot call, inside a kernel."""

from __future__ import annotations

import numba


def called(part):
    """Return a function that Python can call and that does nothing but call a part."""

    @numba.njit
    def call(*arguments):
        return part(*arguments)

    return call
