"""Returns that several files share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def returns():
    return 0.0005 + 0.01 * np.random.default_rng(1).standard_t(4, 400)
