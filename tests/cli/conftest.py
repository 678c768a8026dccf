"""Three strategies that move with one market."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.cli.command_line import DATES


@pytest.fixture
def returns():
    random = np.random.default_rng(7)
    market = random.standard_t(5, len(DATES)) * 0.006
    return pd.DataFrame(
        {
            "good": 0.002 + market + random.normal(0, 0.002, len(DATES)),
            "poor": -0.002 + market + random.normal(0, 0.002, len(DATES)),
            "market": market,
        },
        index=pd.Index(DATES, name="date"),
    )
