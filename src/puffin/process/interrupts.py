"""Ctrl-C, and the signals by which a process is asked to end: it ends at once, and tidily.

A signal raises `Interrupted` in the main thread, so that files that are half written are removed on
the way out. Compiled code cannot be interrupted, and a library may swallow what is raised inside
it; so a thread of its own, which the system tells of the signal too, ends the process a moment
later in any case.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType

__all__ = ["Interrupted", "end_when_asked", "raise_what_was_missed"]

_GRACE = 1.0
_asked: list[int] = []
_NUMBERS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interrupted(BaseException):
    """The process is asked to end.

    No `KeyboardInterrupt`, which a function may answer with what it has so far.

    Attributes
    ----------
    exit_code : int
        What a shell reports of a process that ended by the signal: 130 for Ctrl-C.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def end_when_asked() -> None:
    """From now on, end as the module says; signals that are ignored stay so."""
    for number in _NUMBERS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    if os.name == "posix":
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        threading.Thread(target=_end_in_any_case, args=(reading,), daemon=True).start()


def _interrupt(number: int, _: FrameType | None) -> None:
    sys.unraisablehook = lambda _: None  # What is interrupted in a callback is not reported.
    _asked.append(number)
    raise Interrupted(number)


def raise_what_was_missed() -> None:
    """Raise `Interrupted` if there was a signal: a library may have made another error of it."""
    if _asked:
        raise Interrupted(_asked[0])


def _end_in_any_case(reading: int) -> None:
    number = 0
    while number not in _NUMBERS:
        number = os.read(reading, 1)[0]
    time.sleep(_GRACE)
    os._exit(128 + number)
