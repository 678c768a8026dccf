"""Compilations are heard of, and calls of what is compiled are not."""

from __future__ import annotations

import numba

from puffin.compiling.first_time import listening


def test_a_kernel_is_heard_once_and_its_parts_never():
    @numba.njit
    def one_more(x):
        return x + 1

    @numba.njit
    def two_more(x):
        return one_more(one_more(x))

    heard = []
    with listening(heard.append):
        assert (two_more(1), two_more(5)) == (3, 7)
    assert heard == [two_more, None]
    two_more(1.0)
    assert len(heard) == 2
