"""What a store is of: kept as JSON, and compared."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    StochasticVolatilityModel,
    VolatilityPriors,
)
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


def terms(series=SERIES, levels=(0.01, 0.05), loss="return", **options):
    return Terms.of(series, StochasticVolatilityModel(**{"distribution": "student", **options}),
                    levels, loss)  # fmt: skip


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize(
    ("name", "changes", "is_model"),
    [
        ("column", {"series": dataclasses.replace(SERIES, name="other")}, False),
        ("dated", {"series": dataclasses.replace(SERIES, index=pd.RangeIndex(3))}, False),
        ("loss", {"loss": "wealth"}, False),
        ("levels", {"levels": (0.01,)}, False),
        ("distribution", {"distribution": "normal"}, True),
        ("leverage", {"leverage": True}, True),
        ("priors", {"priors": VolatilityPriors(mu_sd=3.0)}, True),
    ],
)
def test_differences_are_named(name, changes, is_model, refit):
    found = TERMS.difference(terms(**changes), refit)
    if is_model and refit:
        assert found is None
    else:
        assert f"The store has {name}=" in found
        assert ("or refit" in found) == is_model


def test_averages():
    """Of the same models in the same order; a model alone is none."""
    models = {"a": StochasticVolatilityModel(), "b": StochasticVolatilityModel("student")}
    average, other, swapped = (
        Terms.of(SERIES, AveragedVolatilityModel(each), (0.01, 0.05), "return")
        for each in (
            models,
            models | {"b": StochasticVolatilityModel("student", leverage=True)},
            {"b": models["b"], "a": models["a"]},
        )
    )
    assert Terms.of_json(json.loads(json.dumps(average.as_json()))) == average
    assert "average of 'a', 'b'; found one model" in average.difference(TERMS, refit=False)
    assert "one model; found an average" in TERMS.difference(average, refit=False)
    assert "b: leverage=False; found True" in average.difference(other, refit=False)
    assert "average of 'b', 'a'" in average.difference(swapped, refit=False)
    assert average.difference(TERMS, refit=True) is None


@pytest.mark.parametrize("found", [[], None, 3, {}, {"column": "fund"}, {"column": 3}])
def test_others_are_refused(found):
    with pytest.raises(ValueError, match=r"is no ForecastTerms|missing|column is 3"):
        Terms.of_json(found)
