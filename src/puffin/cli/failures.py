"""Failures and warnings become one line each on stderr: nobody at a terminal wants a traceback."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import typer

from puffin.process.interrupts import raise_what_was_missed
from puffin.process.streams import OutputError
from puffin.showing.printable import printable

__all__ = ["BAD_INPUT", "BadInputError", "leave_out", "one_line_failures", "say", "tell"]

BAD_INPUT, INTERRUPTED, DEFECT = 2, 130, 1
"""Exit codes, beside 0."""


class BadInputError(Exception):
    """The user's file, column or option is at fault, and the message says how."""


def say(kind: str, message: str) -> None:
    """Write one line of some kind to stderr."""
    tell(f"{kind}: {message}")


def tell(message: str) -> None:
    """Write one line to stderr."""
    print(f"puffin: {' '.join(printable(message).split())}", file=sys.stderr)


def leave_out(rejected: Mapping[str, str]) -> None:
    """Say why columns were left out, and leave with the exit code of bad input if any were."""
    for reason in rejected.values():
        say("left out", reason)
    if rejected:
        raise typer.Exit(BAD_INPUT)


@contextmanager
def one_line_failures() -> Iterator[None]:
    """Turn what goes wrong inside into one line and an exit code."""
    try:
        with _warnings_in_one_line():
            try:
                yield
            finally:
                sys.stdout.flush()
    except (typer.Exit, OutputError):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except (BadInputError, ValueError, ImportError, OSError) as error:
        raise_what_was_missed()
        say("error", _reason(error))
        raise typer.Exit(BAD_INPUT) from None
    except MemoryError:
        say("error", "out of memory; try fewer columns or fewer --samples.")
        raise typer.Exit(BAD_INPUT) from None
    except Exception as error:
        raise_what_was_missed()
        say("internal error", f"{type(error).__name__}: {error}. Please report it.")
        raise typer.Exit(DEFECT) from None


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Say each of the library's warnings once, in one line, when the work is over or has failed."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)  # of libraries, if both
        try:
            yield
        except (KeyboardInterrupt, OutputError):
            caught.clear()
            raise
        finally:
            for message in dict.fromkeys(str(one.message) for one in caught):
                say("warning", message)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)
