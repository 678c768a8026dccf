"""Work in threads that ends when nobody waits for it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from puffin.inference.threads import go_on, in_threads


def test_results_in_order():
    told = []
    assert in_threads(lambda one: one**2, range(5), 2, told.append) == [0, 1, 4, 9, 16]
    assert told == [1] * 5


def test_no_thread_is_left_when_one_fails():
    def work(one):
        if one == 0:
            raise ValueError("first")
        for _ in range(1000):
            go_on()
            time.sleep(0.01)

    began, before = time.monotonic(), threading.active_count()
    with pytest.raises(ValueError, match="first"):
        in_threads(work, range(4), 4)
    assert threading.active_count() == before
    assert time.monotonic() - began < 5.0


def test_an_error_that_is_a_timeout_is_that():
    def work(_):
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        in_threads(work, [1], 1)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_threads_within_threads():
    stopped = threading.Semaphore(0)

    def work(_):
        try:
            for _ in range(3000):
                go_on()
                time.sleep(0.01)
        finally:
            stopped.release()

    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        in_threads(lambda _: in_threads(work, range(2), 2), range(2), 2)
    for _ in range(4):
        assert stopped.acquire(timeout=5.0)
    assert time.monotonic() - began < 5.0
    go_on()  # What this thread does itself is wanted.
