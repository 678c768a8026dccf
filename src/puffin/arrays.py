"""The one array type of the samplers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array"]

Array = NDArray[np.floating[Any]]
"""An array of floats; float64 unless a docstring says otherwise."""
