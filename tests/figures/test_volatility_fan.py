"""The fan of what may follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.figures import volatility_fan
from puffin.models.volatility import VolatilityForecast
from tests.findings.volatility_examples import made_up

LEVELS = [0.03, 0.25, 0.5, 0.75, 0.97]


def forecast(horizon):
    draws = 0.01 * np.exp(np.random.default_rng(1).normal(size=(500, horizon)))
    return VolatilityForecast.of(draws, draws, LEVELS)


@pytest.mark.parametrize("index", [None, pd.RangeIndex(300)])
def test_goes_on_where_the_path_ends(index):
    n_times = 5000 if index is None else 300
    volatility = made_up(n_times, index, forecast=forecast(21))
    [ax] = volatility_fan(volatility).axes
    drawn = [line for line in ax.lines if line.get_alpha() != 0.0]
    past, ahead = (one.get_xdata(orig=False).astype(float) for one in drawn[:2])
    assert past[-1] < ahead[0]
    assert len(ahead) == 21
    assert len(past) >= 4


def test_none_without_a_forecast():
    assert volatility_fan(made_up()) is None
