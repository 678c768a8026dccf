"""`puffin portfolio`, as a person or a script meets it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import puffin as pf
from tests.cli.command_line import as_json, refused, run

pytestmark = pytest.mark.filterwarnings("ignore::puffin.posterior.ConvergenceWarning")

FAST = ["--samples", "50", "--seed", "1"]


@pytest.fixture(scope="module")
def returns():
    stream = np.random.default_rng(1)
    market = 0.01 * stream.standard_normal(120)
    own = 0.005 * stream.standard_normal((120, 3))
    days = pd.bdate_range("2024-01-01", periods=120, name="date")
    return pd.DataFrame(market[:, None] + own, days, ["KO", "JPM", "X=Y"])


@pytest.fixture
def file(returns, save):
    return save(returns, "returns.csv")


@pytest.mark.slow
def test_agrees_with_the_library(returns, file):
    found = as_json("portfolio", file, "-w", "KO=0.6", "-w", "X=Y=-0.1", *FAST)
    model = pf.MultivariateSV(1).fit(returns, samples=50, random_seed=1)
    held = model.portfolio({"KO": 0.6, "X=Y": -0.1})
    assert found["volatility"] == pytest.approx(float(held.predictive().standard_deviation))
    assert found["annual_volatility"] == pytest.approx(
        found["volatility"] * np.sqrt(found["periods_per_year"])
    )
    at_risk = pf.risk.tail_risk(held).table["value_at_risk"]
    assert [row["value_at_risk"] for row in found["risk"]] == pytest.approx(at_risk.to_list())
    table = pd.DataFrame(found["table"]).set_index("asset")
    assert table["risk_share"].sum() == pytest.approx(1.0)
    assert table["weight"].to_dict() == {"KO": 0.6, "X=Y": -0.1}
    assert table["equal_risk_weight"].sum() == pytest.approx(1.0)


def test_equal_weights_and_where_the_risk_comes_from(file):
    result = run("portfolio", file, *FAST, "--distribution", "student", columns="60")
    assert result.exit_code == 0
    for words in (
        "Student-t",
        "Risk of the next day",
        "share",
        "X=Y",
        "Diversification takes",
    ):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-w", "KO"], "NAME=SHARE"),
        (["-w", "KO=nan"], "NAME=SHARE"),
        (["-w", "KO=1", "-w", "KO=2"], "twice"),
        (["-w", "PEP=1"], "PEP"),
        (["-c", "KO"], "two columns or more"),
        (["-w", "KO=0"], "all zero"),
    ],
)
def test_what_is_refused(file, options, words):
    assert words in refused("portfolio", file, *options, *FAST)
