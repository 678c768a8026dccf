"""The six models, and returns to fit them to."""

from __future__ import annotations

import pandas as pd
import pytest

from puffin.models.stochastic_vol import simulate
from tests.slowly import slowly

FALSE_ALARM = 1e-4
MODELS = [
    (law, leverage) for leverage in (False, True) for law in ("normal", "student", "asymmetric")
]
QUICK_MODELS = [("normal", False), ("student", True)]
ALL_MODELS = pytest.mark.parametrize(("distribution", "leverage"), MODELS)
ALL_AT_LENGTH = pytest.mark.parametrize(
    ("distribution", "leverage"),
    [*QUICK_MODELS, *slowly(*(one for one in MODELS if one not in QUICK_MODELS))],
)
"""Where a test takes long: `make quick` has two of the six."""
DATES = pd.date_range("2021-01-01", periods=120, freq="B", name="date")


def returns_of(n=120, seed=1, **parameters):
    settings = {"mu": -9.0, "phi": 0.95, "sigma": 0.3, "nu": 6.0, "rho": -0.5} | parameters
    return simulate(n, random_seed=seed, index=DATES[:n], **settings)["returns"]


PARAMETERS = {"mean": 0.1, "mu": -0.5, "phi": 0.9, "sigma": 0.4}
"""Fixed ones, for a step of the log-variance."""
