"""What a person does with `.idata`: hand it to ArviZ's functions, whichever ArviZ is installed."""

from __future__ import annotations

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from puffin.posterior import Posterior, arviz_data
from puffin.posterior.arviz_data import add_group

BEFORE_TREES = arviz_data._has_arviz_before_trees()
DRAWS = np.random.default_rng(1).normal(size=(4, 200))


def posterior():
    return Posterior({"mu": DRAWS}, "exact", "native", statistics={"accepted": np.ones((4, 200))})


def installed(monkeypatch, found):
    arviz_data._has_arviz_before_trees.cache_clear()
    monkeypatch.setattr(arviz_data, "version", found)


@pytest.fixture(autouse=True)
def _forget():
    yield
    arviz_data._has_arviz_before_trees.cache_clear()


def none(name):
    raise arviz_data.PackageNotFoundError(name)


@pytest.mark.parametrize("found", [none, lambda _: "1.0.0", lambda _: "1.3.2"])
def test_a_tree_for_arviz_from_1_on_and_its_parts(monkeypatch, found):
    installed(monkeypatch, found)
    container = posterior().idata
    assert isinstance(container, xr.DataTree)
    np.testing.assert_array_equal(container.posterior["mu"], DRAWS)
    assert arviz_stats.summary(container)["mean"].size == 1


@pytest.mark.slow
def test_the_functions_of_the_arviz_that_is_installed():
    """Those that people use most, of whatever release; and arviz-stats takes it too."""
    az = pytest.importorskip("arviz")
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    container = posterior().idata
    assert az.summary(container)["mean"].size == 1
    assert float(az.ess(container)["mu"]) > 100.0
    assert az.hdi(container)["mu"].size == 2
    assert az.extract(container, var_names="mu").size == DRAWS.size
    az.plot_trace(container)
    np.testing.assert_array_equal(container.posterior["mu"], DRAWS)
    np.testing.assert_array_equal(container["posterior"]["mu"], DRAWS)
    assert arviz_stats.summary(container)["mean"].size == 1


@pytest.mark.parametrize("found", [none, lambda _: "0.23.4"])
def test_a_group_is_added(monkeypatch, found):
    if found is not none and not BEFORE_TREES:
        pytest.skip("needs an ArviZ before 1.0")
    installed(monkeypatch, found)
    container = posterior().idata
    assert "states" not in container
    add_group(container, "states", xr.Dataset({"h": ("time", np.arange(3.0))}))
    assert "states" in container
    np.testing.assert_array_equal(container["states"]["h"], np.arange(3.0))
