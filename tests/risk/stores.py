"""Stores to try things on, made once and copied."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel, simulate
from puffin.risk import daily_risk

DATES = pd.bdate_range("2020-01-01", periods=140)
RETURNS = pd.Series(simulate(140, mu=-9.0, random_seed=3)["returns"].to_numpy(), DATES, name="a")
OTHER = pd.Series(simulate(140, mu=-9.0, random_seed=4)["returns"].to_numpy(), DATES, name="a")
OPTIONS = {"model": StochasticVolatilityModel(), "random_seed": 1, "samples": 500}
FIRST, LAST = 120, 123


def run(returns, store, **options):
    return daily_risk(returns, store, **(OPTIONS | options))


@pytest.fixture(scope="session")
def made_store(tmp_path_factory):
    """A store with a history of four rows, not to be changed."""
    store = tmp_path_factory.mktemp("made") / "store"
    for day in range(FIRST, LAST + 1):
        run(RETURNS[:day], store)
    return store


@pytest.fixture
def store(made_store, tmp_path):
    return shutil.copytree(made_store, tmp_path / "store")


def content(store):
    """The bytes of each file, but for the lock."""
    return {one.name: one.read_bytes() for one in store.iterdir() if one.name != "lock"}
