"""A panel's store: results as they come, whole whatever happens."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from puffin.panel import StoreError, outcome, run
from puffin.panel.asset import Asset
from puffin.panel.outcome import Outcome
from puffin.panel.questions.regression import RegressionQuestion
from puffin.panel.store import PanelStore
from tests.panel.panels import DAYS, assert_same, regressed, wide

pytestmark = pytest.mark.filterwarnings("ignore:.*could not be fitted:UserWarning")


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def fits(monkeypatch):
    """Names of the assets that are fitted from now on."""
    names, fit = [], outcome.fit_asset

    def counted(question, asset, seed):
        names.append(asset.name)
        return fit(question, asset, seed)

    monkeypatch.setattr(outcome, "fit_asset", counted)
    return names


def test_a_store_has_what_the_panel_has(store):
    table = wide()
    table["asset 2"] = np.nan
    panel = regressed(table, store=store)
    assert_same(regressed(table), panel)
    read = pf.panel.read(store)
    assert_same(read, panel)
    assert read.model == "BayesianLinearRegression"


def test_what_is_there_is_not_fitted_again(store, fits):
    table = wide()
    table["asset 2"] = np.nan
    regressed(table.iloc[:, :3], store=store)
    assert len(fits) == 3
    panel = regressed(table, store=store, seed=None)
    assert fits[3:] == ["asset 3", "asset 4", "asset 5"]
    assert_same(panel, regressed(table))
    changed = table.copy()
    changed.iloc[7, 4] *= 1.001
    fits.clear()
    assert_same(regressed(changed, store=store), regressed(changed))
    assert fits[:1] == ["asset 4"]


def test_goes_on_without_the_data(store, fits):
    table = wide()
    regressed(table.iloc[:-1], store=store)
    fits.clear()
    kept = regressed(None, X=None, store=store)
    assert fits == []
    again = kept.update(table.iloc[-1], X=pd.DataFrame({"market": [0.01]}, table.index[-1:]))
    assert fits == list(table.columns)
    assert_same(pf.panel.read(store), again)
    assert len(list((store / "parts").iterdir())) == len(table.columns)


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(60),
        DAYS,
        DAYS.tz_localize("America/New_York"),
        DAYS.as_unit("s"),
        pd.Index([chr(97 + n % 26) + chr(97 + n // 26) for n in range(60)]),
        pd.period_range("2020-01-01", periods=60, freq="D"),
    ],
    ids=["numbers", "dates", "zone", "seconds", "text", "periods"],
)
def test_data_come_back_as_they_were(store, index):
    table = wide(2).set_axis(index, axis="index")
    arguments = {"n_jobs": 1, "seed": 1, "samples": 50, "store": store}
    panel = pf.fit_each(pf.bayesian_sharpe, table, **arguments)
    kept = pf.fit_each(pf.bayesian_sharpe, None, **arguments)
    assert_same(kept, panel)
    assert kept.fit("asset 1") == panel.fit("asset 1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"samples": 60}, "options"),
        ({"seed": 2}, "seed 1, and this run asks for 2"),
        ({"hdi_prob": 0.5}, "hdi_prob"),
    ],
)
def test_other_arguments_are_refused(store, arguments, words):
    regressed(wide(2), store=store)
    before = sorted(store.rglob("*"))
    with pytest.raises(StoreError, match=words):
        regressed(wide(3), store=store, **arguments)
    assert sorted(store.rglob("*")) == before


def test_another_model_or_prior_is_refused(store):
    arguments = {"samples": 50, "chains": 2, "seed": 1, "n_jobs": 1, "store": store}
    pf.fit_each(pf.StochasticVolatilityModel(), wide(2), **arguments)
    with pytest.raises(StoreError, match="model StochasticVolatilityModel"):
        pf.fit_each(pf.bayesian_sharpe, wide(2), **arguments)
    priors = pf.VolatilityPriors(mu_sd=3.0)
    with pytest.raises(StoreError, match=r"arguments .*mu_sd=3"):
        pf.fit_each(pf.StochasticVolatilityModel(priors=priors), wide(2), **arguments)


def test_directories_of_others_are_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"such as notes\.txt"):
        regressed(wide(2), store=tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(StoreError, match="is a file"):
        regressed(wide(2), store=tmp_path / "notes.txt")
    with pytest.raises(StoreError, match=r"is no panel's store"):
        pf.panel.read(tmp_path)
    with pytest.raises(StoreError, match="has no assets yet"):
        regressed(None, X=None, store=tmp_path / "new")


def test_one_run_at_a_time(store):
    regressed(wide(2), store=store)
    with PanelStore(store).locked(), pytest.raises(StoreError, match="Another run is using"):
        regressed(wide(2), store=store)


@pytest.mark.parametrize("content", [b"", b"PAR1 no more", None])
def test_a_damaged_part_is_named(store, content):
    panel = regressed(wide(4), store=store)
    part = sorted((store / "parts").iterdir())[1]
    part.write_bytes(part.read_bytes()[:-9] if content is None else content)
    with pytest.raises(StoreError, match=part.name):
        pf.panel.read(store)
    with pytest.raises(StoreError, match="Remove it: its assets"):
        regressed(wide(4), store=store)
    part.unlink()
    assert_same(regressed(wide(4), store=store), panel)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', "[" * 100_000])
def test_damaged_terms_are_named(store, text):
    regressed(wide(2), store=store)
    (store / "panel.json").write_text(text)
    with pytest.raises(StoreError, match=r"panel\.json is damaged, or not of a panel"):
        regressed(wide(2), store=store)


def test_another_parquet_file_among_the_parts(store):
    regressed(wide(2), store=store)
    pd.DataFrame({"asset": ["x"]}).to_parquet(store / "parts" / "000009.parquet")
    with pytest.raises(StoreError, match=r"000009\.parquet"):
        pf.panel.read(store)


def test_tidy_takes_out_what_a_later_file_has(store):
    place = PanelStore(store)
    one, two, three = (
        (Outcome(name, 1, name), Asset(name, pd.Series([0.1, 0.2]))) for name in "abc"
    )
    newer = (Outcome("b", 2, "b"), two[1])
    with place.locked():
        place.write([one, two])
        place.write([three])
        place.write([newer])
        place.write([three])
        place.tidy()
    assert [part.name for part in sorted((store / "parts").iterdir())] == [
        "000000.parquet", "000002.parquet", "000003.parquet",
    ]  # fmt: skip
    assert {name: found.seed for name, found in place.outcomes().items()} == {
        "a": 1, "b": 2, "c": 1,
    }  # fmt: skip
    assert list(place.assets()["a"].y) == [0.1, 0.2]


def test_a_full_disk_loses_nothing(store, monkeypatch):
    panel, writes, write = regressed(wide(4)), [], PanelStore.write

    def until_full(self, outcomes):
        writes.append(1)
        if len(writes) > 2:
            raise OSError(28, "No space left on device")
        write(self, outcomes)

    monkeypatch.setattr(PanelStore, "write", until_full)
    with pytest.raises(OSError, match="No space left"):
        regressed(wide(4), store=store)
    monkeypatch.undo()
    assert len(pf.panel.read(store).assets) == 2
    assert_same(regressed(wide(4), store=store), panel)


def test_lost_workers_are_tried_again_next_time(store, monkeypatch):
    lost = [run.Batch(None, 1, (Asset("asset 1", wide(2)["asset 1"]),))]
    monkeypatch.setattr(run.Run, "_run", lambda self, assets, size: iter(lost if assets else []))
    with pytest.raises(ValueError, match=r"none of 1 assets .*the workers that fitted it were"):
        regressed(wide(2)[["asset 1"]], store=store)
    monkeypatch.undo()
    assert_same(regressed(wide(2)[["asset 1"]], store=store), regressed(wide(2)[["asset 1"]]))


def test_what_says_nothing_of_the_asset_is_tried_again(store, monkeypatch):
    def out_of_memory(*_):
        raise MemoryError

    table = wide(2)
    with monkeypatch.context() as patch:
        patch.setattr(RegressionQuestion, "fit", out_of_memory)
        with pytest.raises(ValueError, match="none of 2 assets"):
            regressed(table, store=store)
    assert_same(regressed(table, store=store), regressed(table))


SCRIPT = """
import sys
from tests.panel.panels import regressed, wide
regressed(wide(400), store=sys.argv[1], n_jobs=int(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_killed_runs_go_on_where_they_were(store, n_jobs):
    expected, done = regressed(wide(400)), [0]
    moments = random.Random(n_jobs)
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(store), str(n_jobs)])
        before = done[-1]
        while process.poll() is None and len(list(store.glob("parts/0*"))) <= before:
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        done.append(len(list(store.glob("parts/0*"))))
        assert set(pf.panel.read(store).outcomes) <= set(expected.outcomes)
    assert done == sorted(done)
    assert done[1] > 0
    assert_same(regressed(wide(400), store=store), expected)
    assert not list(store.glob("parts/.*"))


def test_a_store_may_be_moved_and_is_plain(store, tmp_path):
    panel = regressed(wide(3), store=store)
    shutil.move(store, tmp_path / "moved")
    assert_same(pf.panel.read(tmp_path / "moved"), panel)
    terms = json.loads((tmp_path / "moved" / "panel.json").read_text())
    assert terms["asked"]["options"] == {"samples": "50"}
    table = pd.read_parquet(tmp_path / "moved" / "parts", columns=["asset", "summary"])
    assert list(table["asset"]) == list(panel.assets.index)
    assert table["summary"][0][0]["mean"] == panel.summary["mean"].iloc[0]
