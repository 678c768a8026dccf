from __future__ import annotations

import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel
from tests.models.volatility.kinds import MODELS, returns_of


@pytest.fixture(scope="session")
def fits():
    """A fit of each model, by (distribution, leverage)."""
    return {
        one: StochasticVolatilityModel(*one).fit(returns_of(), 1000, random_seed=1)
        for one in MODELS
    }
