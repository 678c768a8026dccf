"""Workers of a cluster that are killed while they work."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager


@contextmanager
def killing_a_worker(client):
    """Kill a worker of Dask's a moment after the block has begun; it must have been there."""
    processes = [int(pid) for pid in client.run(os.getpid).values()]
    timer = threading.Timer(0.3, os.kill, [processes[0], signal.SIGKILL])
    timer.start()
    try:
        yield
    finally:
        timer.join()
    assert processes[0] not in client.run(os.getpid).values()
