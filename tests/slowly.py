"""Parameters of which `make quick` leaves some out."""

from __future__ import annotations

import pytest


def slowly(*parameters):
    """Return the parameters, each of them marked slow."""
    return [
        pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.slow)
        for one in parameters
    ]
