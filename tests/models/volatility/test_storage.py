"""Fitted models on disk and in pickles."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import (
    StochasticVolatilityModel,
)
from tests.models.volatility.updated import N, Y, assert_same, fit, since_fit


@pytest.mark.parametrize("keep", ["all", 3])
def test_what_is_saved_or_pickled_goes_on(tmp_path, keep):
    index = pd.date_range("2021-01-01", periods=N + 6, tz="Europe/Berlin")
    y = pd.Series(Y, index, name="fund")
    model = fit(y[:N], "student", samples=400, keep_states=keep)
    model.update(y[N : N + 2])
    assert since_fit(model) == 2
    pickled = pickle.loads(pickle.dumps(model))
    model.save(tmp_path / "model.nc")
    saved = StochasticVolatilityModel.load(tmp_path / "model.nc")
    for copy in (pickled, saved):
        assert_same(model, copy)
        np.testing.assert_array_equal(model.fitted.states, copy.fitted.states)
        copy.update(y[N + 2 : N + 3])
        assert since_fit(copy) == 3
    model.update(y[N + 2 : N + 3])
    for copy in (pickled, saved):
        assert_same(model, copy)
        np.testing.assert_array_equal(model.fitted.states, copy.fitted.states)
        pd.testing.assert_frame_equal(model.volatility(), copy.volatility(), check_freq=False)
        pd.testing.assert_frame_equal(
            model.volatility("filtered"), copy.volatility("filtered"), check_freq=False
        )
        assert copy.fitted.series.name == "fund"
    assert model.volatility().index.equals(index[: N + 3])


def test_fit_by_pymc_is_read_without_pymc(tmp_path, monkeypatch):
    model = fit(Y[:N], samples=200)
    model.engine = "pymc"
    model._fitted = dataclasses.replace(
        model.fitted, engine="pymc", sampled=dataclasses.replace(model.fitted.sampled, start=None)
    )
    model.save(tmp_path / "model.nc")

    def missing(*_):
        raise ImportError("no pymc")

    monkeypatch.setattr("puffin.models.settings._check_pymc", missing)
    read = StochasticVolatilityModel.load(tmp_path / "model.nc")
    assert read.engine == read.diagnostics["engine"] == "pymc"
    assert_same(read, model)
    assert read.forecast(2).returns.shape == (2, 5)
    with pytest.raises(ImportError, match="no pymc"):
        read.update(Y[N : N + 1])
    with pytest.raises(ImportError, match="no pymc"):
        read.fit(Y[:N])
    assert_same(read, model)
