"""What a store is of: kept as JSON, and compared."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel, VolatilityPriors
from puffin.risk.terms import Terms
from puffin.validation import ReturnSeries

SERIES = ReturnSeries(np.zeros(3), None, "fund")
TERMS = Terms.of(SERIES, StochasticVolatilityModel("student"), (0.01, 0.05), "return")


def test_there_and_back():
    assert Terms.of_json(json.loads(json.dumps(TERMS.as_json()))) == TERMS
    assert TERMS.difference(TERMS, refit=False) is None


def test_priors_of_an_earlier_version_are_completed():
    found = TERMS.as_json()
    del found["priors"]["rho_b"]
    assert Terms.of_json(found) == TERMS


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize(
    ("changes", "is_model"),
    [
        ({"column": "other"}, False),
        ({"dated": True}, False),
        ({"loss": "wealth"}, False),
        ({"levels": [0.01]}, False),
        ({"distribution": "normal"}, True),
        ({"leverage": True}, True),
        ({"priors": VolatilityPriors(mu_sd=3.0)}, True),
    ],
)
def test_differences_are_named(changes, is_model, refit):
    found = TERMS.difference(dataclasses.replace(TERMS, **changes), refit)
    if is_model and refit:
        assert found is None
    else:
        assert next(iter(changes)) in found
        assert ("or refit" in found) == is_model


@pytest.mark.parametrize("found", [[], None, 3, {}, {"column": "fund"}, {"column": 3}])
def test_others_are_refused(found):
    with pytest.raises(ValueError, match=r"is no Terms|missing|column is 3"):
        Terms.of_json(found)
