"""What the reader raises when it cannot be certain."""

from __future__ import annotations

__all__ = ["ReadingError"]


class ReadingError(ValueError):
    """A file or an index is not understood; the message says what was found and what to do."""
