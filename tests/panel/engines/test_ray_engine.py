"""A local cluster of Ray's, some of whose workers are killed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import puffin as pf
from puffin.panel.engines.ray_engine import RayEngine
from tests.panel.engines.dying import dying, results, square
from tests.panel.panels import assert_same, regressed, wide

ray = pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

SQUARES = {number: number**2 for number in range(60)}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def cluster():
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_worker_niceness", "0")  # the others' turn comes first by default
        ray.init(
            num_cpus=2, include_dashboard=False, log_to_driver=False,
            runtime_env={"env_vars": {"PYTHONPATH": path}},
        )  # fmt: skip
        yield
        ray.shutdown()


def test_without_a_cluster():
    ray.shutdown()
    with pytest.raises(ValueError, match=r"call ray\.init\(\) before"):
        RayEngine()


def test_results_of_all(cluster):
    assert RayEngine().workers == 2
    assert results(RayEngine(), square, range(60)) == (SQUARES, [])
    assert results(RayEngine(), square, []) == ({}, [])


def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    assert results(RayEngine(), dying(tmp_path, n3=1, n30=1), range(60)) == (SQUARES, [])
    assert len(list(tmp_path.iterdir())) == 2


def test_what_kills_every_worker_is_given_up_alone(cluster, tmp_path):
    found, lost = results(RayEngine(), dying(tmp_path, n3=99), range(60))
    assert lost == [3]
    assert found == {number: value for number, value in SQUARES.items() if number != 3}


def test_a_panel_on_a_cluster_is_the_same(cluster):
    assert_same(regressed(wide(40), n_jobs=None, backend="ray"), regressed(wide(40)))
    volatility = {"samples": 100, "chains": 2, "seed": 1}
    assert_same(
        pf.fit_each(pf.StochasticVolatilityModel(), wide(3), backend="ray", **volatility),
        pf.fit_each(pf.StochasticVolatilityModel(), wide(3), n_jobs=1, **volatility),
    )
