"""Fitted models on disk and in pickles."""

from __future__ import annotations

import dataclasses
import itertools
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from puffin.inference.failure import SamplingError
from puffin.models.stochastic_vol import StochasticVolatilityModel
from puffin.posterior.saving import read_file, write_file
from tests.killed import killed_at_random
from tests.models.volatility.fitting import fit
from tests.models.volatility.saved import numbers_of, some_models
from tests.models.volatility.updated import N, Y, assert_same, since_fit

VERSION_1 = Path(__file__).parent / "data" / "version_1.nc"


@pytest.fixture(scope="module")
def models():
    with warnings.catch_warnings():
        # Few draws are enough for a file.
        warnings.simplefilter("ignore")
        return some_models()


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


def test_every_kind_is_read_as_it_was(models, tmp_path):
    for name, model in models.items():
        model.save(tmp_path / name)
        read = StochasticVolatilityModel.load(tmp_path / name)
        assert numbers_of(read) == numbers_of(model)
        assert read.summary().equals(model.summary())


@pytest.mark.filterwarnings("ignore::puffin.posterior.FallbackWarning")
def test_a_fallback_is_kept_as_one(tmp_path, monkeypatch):
    def fail(*_):
        raise SamplingError("no draws")

    monkeypatch.setattr("puffin.models.volatility.sampling._sample", fail)
    model = StochasticVolatilityModel().fit(Y[:N], 100, random_seed=1)
    model.save(tmp_path / "model.npz")
    read = StochasticVolatilityModel.load(tmp_path / "model.npz")
    assert read.method == model.method
    assert read.fitted.is_fallback
    assert read.volatility_forecast == model.volatility_forecast


def test_the_container_of_a_saved_model_is_the_same(models, tmp_path):
    pytest.importorskip("h5netcdf")
    model = models["student-True"]
    model.save(tmp_path / "model.npz")
    read = StochasticVolatilityModel.load(tmp_path / "model.npz")
    read.idata.to_netcdf(tmp_path / "draws.nc", engine="h5netcdf")
    draws = xr.open_datatree(tmp_path / "draws.nc", engine="h5netcdf")
    for container in (read.idata, draws):
        for name in ("mu", "phi", "nu", "rho", "h"):
            np.testing.assert_array_equal(
                container["posterior"][name], model.idata["posterior"][name]
            )


def test_files_of_version_1_are_read(tmp_path):
    """Numbers as the version that wrote the file gave them."""
    pytest.importorskip("h5netcdf")
    model = StochasticVolatilityModel.load(VERSION_1)
    assert model.volatility_forecast == 0.010321978648422254
    assert model.posterior.report["log_marginal_likelihood"] == 188.3096136700023
    assert (model.distribution, model.leverage) == ("student", True)
    last = model.volatility().index[-1]
    assert last == pd.Timestamp("2021-03-02", tz="Europe/Berlin")
    model.save(tmp_path / "model.npz")
    read = StochasticVolatilityModel.load(tmp_path / "model.npz")
    assert numbers_of(read) == numbers_of(model)


@pytest.mark.slow
def test_a_changed_draw_in_a_file_of_version_1_is_found(tmp_path):
    h5py = pytest.importorskip("h5py")
    pytest.importorskip("h5netcdf")
    (tmp_path / "model.nc").write_bytes(VERSION_1.read_bytes())
    with h5py.File(tmp_path / "model.nc", "a") as file:
        file["posterior/sigma"][1, 3] *= 2.0
    with pytest.raises(ValueError, match=r"model\.nc' is damaged \(draws of sigma have changed"):
        StochasticVolatilityModel.load(tmp_path / "model.nc")


def changed(groups, facts, place, value):
    """Set what stands at a place, such as "facts/settings/draws"; None removes it."""
    *path, last = place.split("/")
    target = {"facts": facts, "groups": groups}
    for name in path:
        target = target[name]
    if value is None:
        del target[last]
    else:
        target[last] = value(target[last]) if callable(value) else value


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("facts/specification", 3),
        ("facts/specification/priors", None),
        ("facts/specification/priors/mu_sd", "wide"),
        ("facts/specification/priors/mu_sd", -1.0),
        ("facts/specification/engine", "other"),
        ("facts/specification/distribution", "other"),
        ("facts/specification/mean", "median"),
        ("facts/specification/leverage", 1),
        ("facts/settings/draws", "60"),
        ("facts/settings/draws", 61),
        ("facts/thin", 0),
        ("facts/thin", 10**30),
        ("facts/scale", "one"),
        ("facts/scale", -1.0),
        ("facts/law", "other"),
        ("facts/law", "normal"),
        ("facts/missing", "perhaps"),
        ("facts/unit", "fortnights"),
        ("facts/timezone", "Mars"),
        ("facts/checks", []),
        ("facts/checks/mu/mean", 17.0),
        ("facts/report", {"a": "b"}),
        ("facts/name", ["a"]),
        ("groups/posterior", None),
        ("groups/posterior/h_next", None),
        ("groups/posterior/mu", None),
        ("groups/posterior/mu", lambda draws: draws[:, 1:]),
        ("groups/posterior/mu", lambda draws: draws.astype(np.float32)),
        ("groups/posterior/mu", lambda draws: draws * np.nan),
        ("groups/posterior/mu", lambda draws: draws.astype(str)),
        ("groups/sample_stats/accepted", lambda draws: draws[0]),
        ("groups/states/h", lambda states: states[:, :, 1:]),
        ("groups/states/h", lambda states: states.astype(np.float64)),
        ("groups/observed_data/time", lambda labels: labels[1:]),
        ("groups/observed_data/time", lambda labels: labels.astype(str)),
        ("groups/observed_data/returns", lambda returns: returns[:, None]),
        ("groups/start/states", lambda states: np.concatenate([states, states])),
        ("groups/start/point", None),
        ("groups/start/covariance", lambda covariance: covariance[1:]),
    ],
)
def test_facts_and_arrays_of_other_kinds(models, tmp_path, place, value):
    """Sealed with the right digest: what is in it is not what a fit leaves."""
    path = tmp_path / "model.npz"
    models["student-True"].save(path)
    groups, facts = read_file(path, "StochasticVolatilityModel")
    write_file(path, "StochasticVolatilityModel", groups, facts)
    StochasticVolatilityModel.load(path)
    changed(groups, facts, place, value)
    write_file(path, "StochasticVolatilityModel", groups, facts)
    with pytest.raises(ValueError, match=r"model\.npz"):
        StochasticVolatilityModel.load(path)


def test_a_full_disk_leaves_the_model_before(models, tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "model.npz"
    models["thinned"].save(path)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 10, 10_000, 90_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                models["zero"].save(path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_killed_while_it_is_saved(models, tmp_path):
    """Sixty times: the file is one of the two that were saved, byte for byte."""
    path, one, other = tmp_path / "model.npz", models["zero"], models["updated"]
    whole = set()
    for model in (one, other):
        model.save(path)
        whole.add(path.read_bytes())

    def save():
        for model in itertools.cycle([one, other]):
            model.save(path)

    found = set()
    for _ in killed_at_random(save, 60, np.random.default_rng(2), 0.1):
        found.add(path.read_bytes())
    assert found <= whole
    assert found == whole


@pytest.mark.slow
def test_mutated_files(models, tmp_path):
    """1,600 accidents, and the same with a digest made right: see `tests.models.volatility.saved`.

    In a process that may take 256 MB, and a second for each.
    """
    if not Path("/proc/self/statm").exists():
        pytest.skip("no /proc to read memory from")
    for name, model in models.items():
        model.save(tmp_path / f"{name}.npz")
    command = [sys.executable, "-m", "tests.models.volatility.saved", str(tmp_path), "200"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("200 mutations") == len(models)
