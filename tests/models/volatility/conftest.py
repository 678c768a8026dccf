from __future__ import annotations

import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel
from tests.models.volatility.kinds import returns_of


class Fits(dict):
    """A fit of each model, by (distribution, leverage), made when it is first asked for."""

    def __missing__(self, one):
        self[one] = StochasticVolatilityModel(*one).fit(returns_of(), 1000, random_seed=1)
        return self[one]


@pytest.fixture(scope="session")
def fits():
    return Fits()
