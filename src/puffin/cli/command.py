"""What makes a function a command: its help, and failures that are one line each."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import ParamSpec

from puffin.cli.failures import one_line_failures

__all__ = ["EXIT_CODES", "command"]

EXIT_CODES = (
    "Exit code 0: done. 2: something in the input is wrong, and one line on standard error says "
    "what; columns that are fine are still shown. 130: interrupted."
)

_FILES = (
    "FILE has a header and a column for each strategy: simple returns as fractions (0.01 is 1%), "
    "or prices with --prices. Returns in percent, 1 + r, cumulative returns and bars of open, "
    "high, low and close are recognised. Dates may stand in any column, in any order, and be "
    "written in nearly any way; without dates, rows are in order of time. What was understood is "
    "said first, in one line on standard error; what is not certain is asked back. Empty cells "
    "before a strategy's first value or after its last mean that it did not exist then."
)
_WITHIN_PARAGRAPH = re.compile(r"(?<!\n)\n(?!\n)")

Parameters = ParamSpec("Parameters")


def command(function: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Return a function as Typer takes it for a command.

    Its docstring is the help: `{FILES}` in it stands for what all commands say of the file, and a
    paragraph may have several lines. What it raises becomes a line on standard error and an exit
    code. Whatever takes time to import it must import when it runs, so that help is quick.
    """

    @functools.wraps(function)
    def run(*args: Parameters.args, **options: Parameters.kwargs) -> None:
        with one_line_failures():
            function(*args, **options)

    paragraphs = _WITHIN_PARAGRAPH.sub(" ", inspect.getdoc(function) or "")
    run.__doc__ = paragraphs.replace("{FILES}", _FILES)
    return run
