from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="module")
def data():
    stream = np.random.default_rng(1)
    X = stream.normal(size=(120, 3))
    return X, X @ [1.0, 0.0, -0.5] + 0.4 * stream.standard_t(5, 120)
