"""What the reader raises when it cannot be certain, and what it warns of."""

from __future__ import annotations

__all__ = ["OddReturnsWarning", "ReadingError"]


class OddReturnsWarning(UserWarning):
    """Returns given to a function look like something else, or have gaps or a split in them.

    The command line says the same of a file when it reads it.
    """


class ReadingError(ValueError):
    """A file or an index is not understood; the message says what was found and what to do."""
