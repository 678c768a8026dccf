"""The package as a whole: what importing it costs, what it caches, how it forks, what it ships."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import puffin
from puffin import datasets, presets

SHARPE = (
    "import numpy as np, puffin, json, sys;"
    "r = np.random.default_rng(1).standard_t(4, 200);"
    "s = puffin.bayesian_sharpe(r, 100, random_seed=1);"
)


def run(code, **environment):
    finished = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | environment,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_import_loads_nothing_heavy():
    heavy = {"numpy", "pandas", "numba", "scipy", "xarray", "arviz_base", "matplotlib", "pymc"}
    loaded = json.loads(run("import puffin, sys, json; print(json.dumps(list(sys.modules)))"))
    assert not heavy & set(loaded)


def test_sampling_needs_neither_pymc_nor_matplotlib():
    code = SHARPE + "print(json.dumps(list(sys.modules)))"
    loaded = set(json.loads(run(code)))
    assert not {"pymc", "pytensor", "nutpie", "statsmodels", "rich"} & loaded


def test_every_public_name_is_there():
    for name in puffin.__all__:
        assert getattr(puffin, name) is not None
    assert set(puffin.__all__) <= set(dir(puffin))
    with pytest.raises(AttributeError, match="attribute nothing"):
        _ = puffin.nothing


@pytest.mark.slow
def test_second_process_finds_every_kernel_compiled_and_draws_the_same(tmp_path):
    """Cold and warm, the draws are the same bit for bit, and the warm process compiles nothing."""
    code = SHARPE + (
        "X = np.random.default_rng(2).normal(size=(50, 2));"
        "m = puffin.BayesianLinearRegression(likelihood='student');"
        "m.fit(X, r[:50], 50, random_seed=1);"
        "c = puffin.strategy_comparison({'a': r, 'b': r[::-1]}, 50, random_seed=1);"
        "a = puffin.bayesian_sharpe(r, 100, autocorrelation='ar1', random_seed=1);"
        "from puffin.inference import independence, side_likelihood, student_t_sweeps;"
        "kernels = [independence._metropolis, student_t_sweeps.sweeps,"
        " side_likelihood._independent, side_likelihood._autoregressive];"
        "misses = sum(sum(k.stats.cache_misses.values()) for k in kernels);"
        "hits = sum(sum(k.stats.cache_hits.values()) for k in kernels);"
        "draws = [x.hex() for x in (s.draws.sum(), m.posterior.flat('beta').sum(),"
        " c.draws.sum(), a.draws.sum())];"
        "print(json.dumps([misses, hits, draws]))"
    )
    cold, warm = (json.loads(run(code, NUMBA_CACHE_DIR=str(tmp_path))) for _ in range(2))
    assert cold[0] == warm[1] > 0
    assert cold[1] == warm[0] == 0
    assert cold[2] == warm[2]


@pytest.mark.slow
def test_threads_then_fork():
    """A threaded fit, then a forked pool over assets, as the contract shows it."""
    code = SHARPE + (
        "from multiprocessing import get_context\n"
        "def one(seed):\n"
        "    return puffin.bayesian_sharpe(r, 100, random_seed=seed)['mean']\n"
        "with get_context('fork').Pool(2) as pool:\n"
        "    print(json.dumps(pool.map_async(one, [1, 2, 3]).get(timeout=120)))\n"
    )
    means = json.loads(run(code))
    assert len(set(means)) == 3


def test_presets_fit_every_drawing_function():
    returns = np.random.default_rng(1).normal(size=50)
    for preset in (presets.DEVELOPMENT, presets.TESTING):
        assert puffin.bayesian_sharpe(returns, **preset).posterior.variables["mu"].shape == (
            4,
            preset["samples"],
        )
        puffin.compare_strategies({"a": returns}, **preset)
        puffin.BayesianLinearRegression().fit(returns, returns**2, **preset)
    assert presets.PRODUCTION["samples"] <= presets.CRITICAL["samples"]
    with pytest.raises(TypeError):
        presets.TESTING["samples"] = 1


def test_datasets():
    index, prices = datasets.load_sp500(), datasets.load_equities()
    assert index.shape == (5031,)
    assert prices.shape == (8313, 20)
    for data in (index.to_frame(), prices):
        assert data.index.is_monotonic_increasing
        assert data.index.is_unique
        assert (data > 0).all().all()
    assert {"KO", "PEP", "XOM", "CVX", "JPM"} <= set(prices.columns)
    licences = (Path(datasets.__file__).parent / "data" / "LICENSES.md").read_text()
    assert "sp500.csv.gz" in licences
    assert "equities.csv.gz" in licences
