"""Draws, and the container that ArviZ takes."""

from __future__ import annotations

import numpy as np
from arviz_base import convert_to_datatree

from puffin.posterior import Posterior

BETA = np.random.default_rng(1).normal(size=(2, 30, 3))
POSTERIOR = Posterior(
    variables={"beta": BETA},
    method="exact",
    engine="native",
    dims={"beta": ["feature"], "y": ["row"]},
    coords={"feature": ["a", "b", "c"], "row": [10, 20]},
    observed={"y": np.array([1.0, 2.0])},
    statistics={"accepted": np.ones((2, 30))},
    report={"acceptance": 0.9},
)


def test_chains_in_a_row():
    np.testing.assert_array_equal(POSTERIOR.flat("beta"), BETA.reshape(60, 3))


def test_container_has_all_groups_with_their_labels():
    container = POSTERIOR.idata
    assert set(convert_to_datatree(container).children) == {
        "posterior",
        "observed_data",
        "sample_stats",
    }
    np.testing.assert_array_equal(container["posterior"]["beta"].sel(feature="b"), BETA[..., 1])
    assert list(container["observed_data"]["row"]) == [10, 20]
    assert container["posterior"].attrs["method"] == "exact"
    assert container["posterior"].attrs["acceptance"] == 0.9
    assert POSTERIOR.idata is container


def test_groups_without_content_are_left_out():
    container = Posterior({"beta": BETA}, "exact", "native").idata
    assert set(convert_to_datatree(container).children) == {"posterior"}
