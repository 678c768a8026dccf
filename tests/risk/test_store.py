"""The directory of a store: ours is kept whole, others' is left alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from puffin.models.stochastic_vol import StochasticVolatilityModel
from puffin.risk import RiskStore, StoreError, daily_risk
from tests.risk.stores import DATES, FIRST, LAST, RETURNS, content, run

VERSION_1 = Path(__file__).parents[1] / "models" / "volatility" / "data" / "version_1.nc"
LEVELS = (0.01, 0.05)


@pytest.mark.parametrize("name", ["history.csv", "model.npz", "model.nc"])
@pytest.mark.parametrize("refit", [False, True])
def test_files_of_others_are_no_store(tmp_path, name, refit):
    (tmp_path / name).write_text("date,bought\n2020-01-01,3\n")
    with pytest.raises(StoreError, match=rf"has a {name} but no terms\.json.*another directory"):
        run(RETURNS, tmp_path, refit=refit)
    assert content(tmp_path) == {name: b"date,bought\n2020-01-01,3\n"}
    assert not (tmp_path / "lock").exists()


def test_a_file_is_no_store(tmp_path):
    (tmp_path / "store").write_text("mine")
    with pytest.raises(StoreError, match="is a file, and a store is a directory"):
        run(RETURNS, tmp_path / "store")
    assert (tmp_path / "store").read_text() == "mine"


def test_an_empty_path_is_no_store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="store is an empty path"):
        run(RETURNS, "")
    assert content(tmp_path) == {}


@pytest.mark.parametrize(
    "text", ["[]", "3", "null", "{}", "{", "", '{"column": 3}', "[" * 10_000, "\x00", '"a"']
)
def test_terms_of_others(store, text):
    (store / "terms.json").write_text(text)
    before = content(store)
    for refit in (False, True):
        with pytest.raises(StoreError, match=r"terms\.json is damaged.*copy of it back"):
            run(RETURNS, store, refit=refit)
    assert content(store) == before


def test_terms_that_are_gone(store):
    (store / "terms.json").unlink()
    with pytest.raises(StoreError, match=r"put the terms\.json of the store back"):
        run(RETURNS, store)


def test_a_lock_of_somebody_is_not_written_to(tmp_path):
    (tmp_path / "lock").write_text("the key is under the mat")
    with RiskStore(tmp_path).locked():
        assert (tmp_path / "lock").read_text() == "the key is under the mat"
    assert (tmp_path / "lock").read_text() == "the key is under the mat"


def test_a_lock_that_is_a_link_is_refused(tmp_path):
    target, store = tmp_path / "target", tmp_path / "store"
    store.mkdir()
    target.write_text("mine")
    (store / "lock").symlink_to(target)
    with pytest.raises(StoreError, match="cannot be used as a lock"), RiskStore(store).locked():
        pytest.fail("it let us in")
    assert target.read_text() == "mine"
    (store / "lock").unlink()
    (store / "lock").mkdir()
    with pytest.raises(StoreError, match="cannot be used as a lock"), RiskStore(store).locked():
        pytest.fail("it let us in")


def test_half_files_of_ours_go_and_others_stay(tmp_path):
    ours = [".history.csv.0123abcd", ".model.npz.89abcdef", ".terms.json.00000000"]
    others = [".report.partial", ".history.csv.partial", ".model.npz.mine", "notes.txt"]
    for name in [*ours, *others]:
        (tmp_path / name).touch()
    with RiskStore(tmp_path).locked():
        pass
    assert {one.name for one in tmp_path.iterdir()} == {*others, "lock"}


def test_links_to_files_stay_links(store, tmp_path):
    for name in ("history.csv", "model.npz"):
        (store / name).rename(tmp_path / name)
        (store / name).symlink_to(tmp_path / name)
    run(RETURNS[: LAST + 1], store)
    assert (store / "history.csv").is_symlink()
    assert (tmp_path / "history.csv").read_text().count("\n") == LAST - FIRST + 3


def test_adding_makes_no_copy(store):
    before = (store / "history.csv").read_bytes()
    found = run(RETURNS[: LAST + 2], store)
    assert found.backup is None
    assert (store / "history.csv").read_bytes().startswith(before)
    assert set(content(store)) == {"history.csv", "model.npz", "terms.json"}


def test_what_is_rewritten_is_kept(store):
    before = (store / "history.csv").read_bytes()
    found = run(RETURNS[:LAST], store, refit=True, samples=400)
    assert found.backup == store / "history-backup-1.csv"
    assert found.backup.read_bytes() == before
    again = (store / "history.csv").read_bytes()
    assert again != before
    (store / "history.csv").write_bytes(again.replace(b"\n", b"\r\n"))
    found = run(RETURNS[: LAST + 1], store)
    assert found.backup == store / "history-backup-2.csv"
    assert (store / "history-backup-1.csv").read_bytes() == before


def test_one_saved_while_the_model_is_fitted_is_kept(store, monkeypatch):
    """A person saves the history in the seconds between its reading and its writing."""
    write = RiskStore.write

    def late(self, history, model):
        (store / "history.csv").write_text("mine")
        return write(self, history, model)

    monkeypatch.setattr(RiskStore, "write", late)
    found = run(RETURNS[: LAST + 1], store)
    assert found.backup.read_text() == "mine"


def test_a_damaged_model(store):
    whole = (store / "model.npz").read_bytes()
    (store / "model.npz").write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    before = content(store)
    with pytest.raises(StoreError, match=r"model\.npz' is damaged.*--refit"):
        run(RETURNS, store)
    assert content(store) == before
    assert run(RETURNS[: LAST + 1], store, refit=True).fitted
    assert len(run(RETURNS[: LAST + 2], store).history) == LAST - FIRST + 3


def test_a_full_disk_leaves_the_store(store):
    resource = pytest.importorskip("resource")
    before, limits = content(store), resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in (0, 700, 20_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                run(RETURNS[: LAST + 1], store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        after = content(store)
        assert after.keys() == before.keys()
        assert after["model.npz"] == before["model.npz"]
        assert after["history.csv"].startswith(before["history.csv"])
    undisturbed = run(RETURNS[: LAST + 1], store)
    assert undisturbed.added == 1
    assert len(undisturbed.history) == LAST - FIRST + 2


@pytest.mark.slow
def test_a_store_of_version_1_goes_on(tmp_path):
    pytest.importorskip("h5netcdf")
    model = StochasticVolatilityModel.load(VERSION_1)
    known = model.fitted.series.pandas
    next_day = known.index[-1:] + pd.Timedelta(days=1)
    series = pd.concat([known, pd.Series([0.004], next_day, name=known.name)])
    daily_risk(
        known, tmp_path, model=StochasticVolatilityModel("student", leverage=True), random_seed=1,
        samples=100,
    )  # fmt: skip
    (tmp_path / "model.npz").unlink()
    shutil.copy(VERSION_1, tmp_path / "model.nc")
    found = daily_risk(series, tmp_path, model=model)
    assert found.added == 1
    expected = StochasticVolatilityModel.load(VERSION_1).update(series[-1:])
    assert found.now["volatility"] == expected.volatility_forecast
    assert {"model.npz", "model.nc"} & set(content(tmp_path)) == {"model.npz"}


def test_a_directory_that_cannot_be_written(store):
    if os.geteuid() == 0:
        pytest.skip("root writes anywhere")
    (store / "lock").unlink()
    store.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be used as a lock"):
            run(RETURNS[: LAST + 1], store)
    finally:
        store.chmod(0o700)


def test_history_and_terms_are_read(store):
    place = RiskStore(store)
    history = place.history(LEVELS, DATES)
    assert list(history.index) == [f"{date:%Y-%m-%d}" for date in DATES[FIRST - 1 : LAST]]
    np.testing.assert_array_equal(history["return"], RETURNS[FIRST - 1 : LAST])
    assert place.terms().as_json() == json.loads((store / "terms.json").read_text())
    assert RiskStore(store / "none").history(LEVELS, DATES) is None
    assert RiskStore(store / "none").terms() is None
    assert RiskStore(store / "none").model(StochasticVolatilityModel) is None
