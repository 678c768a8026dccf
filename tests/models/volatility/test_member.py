"""Which models may stand side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import (
    AveragedVolatilityModel,
    RealizedVolatilityBayes,
    StochasticVolatilityModel,
)
from puffin.models.volatility.member import as_models
from tests.models.volatility.kinds import DATES
from tests.models.volatility.updated import N, Y
from tests.risk.garch import Garch


def test_names_are_given_or_say_what_it_is():
    models = [
        StochasticVolatilityModel("student", leverage=True),
        StochasticVolatilityModel(mean="zero"),
        StochasticVolatilityModel("asymmetric", leverage=True, mean="zero"),
    ]
    assert list(as_models(models)) == [
        "Student-t + leverage",
        "normal, zero mean",
        "asymmetric Student-t + leverage, zero mean",
    ]
    assert list(as_models({1: models[0], "b": models[1]})) == ["1", "b"]


@pytest.mark.parametrize(
    ("models", "error", "message"),
    [
        ([], ValueError, "models is empty"),
        ({}, ValueError, "models is empty"),
        ("normal", TypeError, "mapping of names .* found str"),
        (StochasticVolatilityModel(), TypeError, "found StochasticVolatilityModel"),
        ([StochasticVolatilityModel(), Garch()], TypeError, "number 2 is Garch"),
        (2 * [StochasticVolatilityModel()], ValueError, "'normal' twice; give each a name"),
    ],
)
def test_bad_models(models, error, message):
    with pytest.raises(error, match=message):
        as_models(models)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (pd.Series(1.01 * Y[:N], DATES[:N]), "of other returns"),
        (pd.Series(Y[: N - 1], DATES[: N - 1]), "on other dates"),
        (pd.Series(Y[:N], DATES[1 : N + 1]), "on other dates"),
        (Y[:N], "on other dates"),
    ],
)
def test_evidences_of_different_returns_do_not_compare(other, message):
    def fit(y):
        return StochasticVolatilityModel().fit(y, 100, random_seed=1)

    one = fit(pd.Series(Y[:N], DATES[:N]))
    with pytest.raises(ValueError, match=rf"models\['b'\] is fitted {message} than 'a'"):
        AveragedVolatilityModel.of_fitted({"a": one, "b": fit(other)})


def test_what_is_missing_must_be_the_same():
    known = np.where(np.arange(N) == 7, np.nan, Y[:N])
    one = StochasticVolatilityModel().fit(Y[:N], 100, random_seed=1)
    other = StochasticVolatilityModel().fit(known, 100, random_seed=1, missing="skip")
    with pytest.raises(ValueError, match="of other returns"):
        AveragedVolatilityModel.of_fitted({"a": one, "b": other})
    AveragedVolatilityModel.of_fitted({"a": other, "b": other})


def test_evidence_of_measures_is_not_that_of_returns_alone():
    """Densities of returns and measures together are no densities of returns."""
    measured = RealizedVolatilityBayes().fit(
        Y[:N], 200, measures=np.maximum(Y[:N] ** 2, 1e-6), random_seed=1
    )
    alone = StochasticVolatilityModel().fit(Y[:N], 200, random_seed=1)
    with pytest.raises(ValueError, match="fitted with other measures than 'a'"):
        AveragedVolatilityModel.of_fitted({"a": alone, "b": measured})
    both = AveragedVolatilityModel.of_fitted({"a": measured, "b": measured})
    assert both.weights.tolist() == pytest.approx([0.5, 0.5])
