"""A local cluster of Dask's, some of whose workers are killed."""

from __future__ import annotations

import pytest

import puffin as pf
from puffin.panel.engines.dask_engine import DaskEngine
from tests.panel.engines.dying import dying, results, square
from tests.panel.panels import assert_same, regressed, wide

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SQUARES = {number: number**2 for number in range(60)}


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, dashboard_address=None, memory_limit=0
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_results_of_all(client):
    engine = DaskEngine(client)
    assert engine.workers == 3
    assert results(engine, square, range(60)) == (SQUARES, [])
    assert results(engine, square, []) == ({}, [])


def test_a_killed_worker_loses_nothing(client, tmp_path):
    work = dying(tmp_path, n3=1, n30=1)
    assert results(DaskEngine(client), work, range(60)) == (SQUARES, [])
    assert len(list(tmp_path.iterdir())) == 2


def test_what_kills_every_worker_is_given_up(client, tmp_path):
    found, lost = results(DaskEngine(client), dying(tmp_path, n3=99), range(60))
    assert 3 in lost
    assert found == {number: value for number, value in SQUARES.items() if number not in lost}


def test_a_panel_on_a_cluster_is_the_same(client):
    expected = regressed(wide(40))
    assert_same(regressed(wide(40), n_jobs=None, backend="dask"), expected)
    assert_same(regressed(wide(40), n_jobs=None, backend=client), expected)
    volatility = {"samples": 100, "chains": 2, "seed": 1}
    assert_same(
        pf.fit_each(pf.StochasticVolatilityModel(), wide(3), backend=client, **volatility),
        pf.fit_each(pf.StochasticVolatilityModel(), wide(3), n_jobs=1, **volatility),
    )


def test_a_panel_of_which_a_worker_is_killed_is_the_same(client, tmp_path):
    from tests.panel.engines.killing import killing_a_worker

    with killing_a_worker(client):
        panel = regressed(wide(200), n_jobs=None, backend=client, store=tmp_path / "store")
    assert_same(panel, regressed(wide(200)))


def test_n_jobs_is_not_for_a_cluster(client):
    with pytest.raises(ValueError, match="n_jobs=2 is for joblib's processes"):
        regressed(wide(2), n_jobs=2, backend=client)


def test_no_client(monkeypatch):
    def none():
        raise ValueError("No clients found")

    monkeypatch.setattr(distributed, "default_client", none)
    with pytest.raises(ValueError, match="backend='dask' needs a client"):
        DaskEngine()
