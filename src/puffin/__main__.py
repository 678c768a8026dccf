"""`python -m puffin`, and the command `puffin`: the command line in a process of its own.

This much is imported before anything that takes time, so that Ctrl-C is heard from the start.
"""

from __future__ import annotations

import os
import sys

from puffin.process.interrupts import Interrupted, end_when_asked
from puffin.process.streams import OutputError, ReaderGoneError, open_streams

__all__ = ["main"]

_BAD_INPUT = 2


def main() -> None:
    """Run the command line, and leave with its exit code."""
    try:
        end_when_asked()
        open_streams()
        from puffin.cli.app import app

        app()
    except ReaderGoneError:
        sys.exit(0)
    except OutputError as error:
        print(f"puffin: error: {error}", file=sys.stderr)
        sys.exit(_BAD_INPUT)
    except Interrupted as stop:
        os._exit(stop.exit_code)  # Threads may be at work, and are not waited for.


if __name__ == "__main__":
    main()
