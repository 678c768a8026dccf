"""What a person is told when something fails or is doubtful."""

from __future__ import annotations

import warnings

from puffin.cli.failures import one_line_failures


class BothWarning(UserWarning, DeprecationWarning):
    """As some libraries have for those who call what will go."""


def test_warnings_are_for_people(capsys):
    """Once each, in a line, and none that is for programmers."""
    with one_line_failures():
        for _ in range(2):
            warnings.warn("the file is odd", UserWarning, stacklevel=1)
        warnings.warn("oneOf is deprecated", BothWarning, stacklevel=1)
        warnings.warn("no longer", DeprecationWarning, stacklevel=1)
        warnings.warn("overflow", RuntimeWarning, stacklevel=1)
    assert capsys.readouterr().err == "puffin: warning: the file is odd\n"
