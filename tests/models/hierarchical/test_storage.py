"""Fitted hierarchies on disk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from puffin.models.bayesian import BayesianHierarchical, HierarchicalPriors
from puffin.posterior.saving import read_file, write_file
from tests.models.hierarchical.funds import simulated


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    funds = simulated(1, n=5)
    model = BayesianHierarchical(
        unit="volatility",
        distribution="spike",
        residual_factors=1,
        priors=HierarchicalPriors(alpha_spread_sd=0.4, share_b=2.0),
    ).fit(funds.returns, funds.factors, funds.groups, samples=100, tune=50, random_seed=1)
    path = tmp_path_factory.mktemp("saved") / "funds.npz"
    model.save(path)
    return model, path


def test_comes_back_as_it_was(saved):
    model, path = saved
    loaded = BayesianHierarchical.load(path)
    pd.testing.assert_frame_equal(loaded.table, model.table)
    pd.testing.assert_frame_equal(loaded.groups, model.groups)
    assert repr(loaded) == repr(model)
    assert loaded.priors == model.priors
    assert loaded.skilled(0.3).assets == model.skilled(0.3).assets


def test_damage_is_found(saved, tmp_path):
    _, path = saved
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "damaged.npz").write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        BayesianHierarchical.load(tmp_path / "damaged.npz")


def test_arrays_of_another_fit_are_found(saved, tmp_path):
    _, path = saved
    groups, facts = read_file(path, "BayesianHierarchical")
    groups["observed_data"]["group_of"] = np.full(5, 7.0)
    write_file(tmp_path / "other.npz", "BayesianHierarchical", groups, facts)
    with pytest.raises(ValueError, match="group that is not there"):
        BayesianHierarchical.load(tmp_path / "other.npz")
