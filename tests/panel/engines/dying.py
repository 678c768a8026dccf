"""Work whose process is killed, as that of a machine without memory is."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from pathlib import Path


def square(number):
    return number**2


def pid(number):
    """Return the number of the process that runs this, which takes it a moment."""
    time.sleep(0.05)
    return os.getpid()


def square_or_die(place, deadly, number):
    """Square a number; a deadly one kills the process, as often as `deadly` says."""
    times = deadly.get(number, 0)
    deaths = len(list(Path(place).glob(f"{number}-*")))
    if deaths < times:
        (Path(place) / f"{number}-{deaths}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def dying(place, **deadly):
    """Return work that dies of some numbers: `dying(path, n3=1)` once of 3."""
    return partial(square_or_die, str(place), {int(key[1:]): n for key, n in deadly.items()})


def results(engine, work, tasks):
    """Return results by task, and which were lost."""
    done = list(engine.run(work, tasks))
    assert sorted(one.task for one in done) == sorted(tasks)
    return {one.task: one.result for one in done if not one.lost}, [
        one.task for one in done if one.lost
    ]
