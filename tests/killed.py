"""Processes that are killed at random moments."""

from __future__ import annotations

import os
import signal
import time


def killed_at_random(work, count, stream, longest):
    """Begin `work` in a process of its own, kill that, and yield, so many times.

    Parameters
    ----------
    work : callable
        What does not end by itself, or soon.
    longest : float
        Seconds within which it is killed.
    """
    for _ in range(count):
        process = os.fork()
        if process == 0:
            try:
                work()
            finally:
                os._exit(1)
        time.sleep(stream.uniform(0.0, longest))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        yield
