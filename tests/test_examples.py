"""The example scripts run, say something, and leave a figure; without an edge they find none."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

EXAMPLES = Path(__file__).parents[1] / "examples"
PNG = b"\x89PNG"


def load(name):
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("strategy_development", ("probability",)),
        ("pairs_trading", ("after costs", "edge")),
        ("strategy_tuning", ("Of the apparent", "is left")),
        ("risk_management", ("value at risk was exceeded", "volatility")),
    ],
)
def test_example_runs(name, said, tmp_path, capsys):
    figure = tmp_path / "figure.png"
    conclusion = load(name).main(str(figure))
    assert all(words in conclusion for words in said)
    assert figure.read_bytes().startswith(PNG)
    printed = capsys.readouterr().out
    assert "nan" not in printed.lower()
    assert len(printed.splitlines()) > 5


def test_every_example_is_tested():
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {
        "strategy_development",
        "strategy_tuning",
        "pairs_trading",
        "risk_management",
    }


@pytest.mark.slow
def test_random_walks_have_no_edge_before_costs():
    """The mean Sharpe ratio of 10 pairs of random walks is none: false alarm 1e-4, two-sided."""
    workflow = load("pairs_trading")
    stream = np.random.default_rng(7)
    dates = pd.bdate_range("2010-01-01", periods=900)
    found = []
    for _ in range(10):
        steps = 0.01 * stream.standard_normal((dates.size, 2))
        prices = pd.DataFrame(50.0 * np.exp(steps.cumsum(axis=0)), dates, ["a", "b"])
        traded = workflow.trade(("a", "b"), prices, "2012-03")
        found.append(traded.result.summary().loc["sharpe", "gross"])
    assert stats.ttest_1samp(found, 0.0).pvalue > 1e-4
    assert np.std(found) > 0.0
