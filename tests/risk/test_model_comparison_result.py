"""The table of models side by side, and what is said of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from puffin.models.volatility.results import Estimate
from puffin.risk import RollingForecast, VolatilityComparison, diebold_mariano_test

N = 200


def averaged(evidences, errors=None):
    """What a comparison asks of an average: four models, whose evidences are given."""
    index = pd.Index(list("abcd")[: len(evidences)], name="model")
    values = np.array(evidences, float)
    weights = np.where(np.isnan(values), 0.0, np.exp(values - np.nanmax(values)))
    table = pd.DataFrame(
        {
            "log_evidence": values,
            "error": 0.01 if errors is None else errors,
            "probability": weights / weights.sum(),
        },
        index,
    )
    table.loc[np.isnan(values), "error"] = np.nan
    return SimpleNamespace(
        evidence=table,
        weights=table["probability"],
        models=dict.fromkeys(index),
        note="Some are zero.",
        doubts=("a: too few draws",),
        log_marginal_likelihood=Estimate(-1.0, 0.02),
    )


def forecast(seed, worse=0.0):
    """Right forecasts of standard normal returns, whose scores are moved."""
    stream = np.random.default_rng(7)
    returned = stream.standard_normal(N)
    noise = np.random.default_rng(seed).normal(0.0, 0.05, N)
    table = pd.DataFrame(
        {
            "returned": returned,
            "log_density": -0.5 * returned**2 - 0.92 - worse + noise,
            "pit": stream.random(N),
        }
    )
    at_risk = pd.DataFrame({0.01: np.full(N, 2.326), 0.05: np.full(N, 1.645)})
    return RollingForecast(table, at_risk, at_risk + 0.3)


@pytest.fixture
def comparison():
    names = ["a", "b", "c", "average"]
    forecasts = {name: forecast(k, 0.1 * (name == "b")) for k, name in enumerate(names)}
    return VolatilityComparison(averaged([-5.0, -3.0, -9.0]), forecasts)


def test_rows_are_in_the_order_of_evidence(comparison):
    table = comparison.table
    assert list(table.index) == ["b", "a", "c", "average"]
    assert table.index.name == "model"
    assert comparison.best == "b"
    assert table.loc["average", ["log_evidence", "evidence_error"]].tolist() == [-1.0, 0.02]
    assert np.isnan(table["probability"]["average"])
    assert table.attrs["expected"] == {0.01: 2.0, 0.05: 10.0}
    assert (table.attrs["held_out"], table.attrs["note"]) == (N, "Some are zero.")


def test_differences_of_scores_are_those_of_diebold_and_mariano(comparison):
    table, scores = comparison.table, comparison.forecasts
    best = table["log_score"].idxmax()
    assert table.loc[best, ["score_difference", "score_error"]].tolist() == [0.0, 0.0]
    for name in table.index.drop(best):
        test = diebold_mariano_test(scores[name].log_density, scores[best].log_density)
        assert table["log_score"][name] == pytest.approx(scores[name].log_density.mean())
        assert table["score_difference"][name] == pytest.approx(test.mean)
        assert table["score_error"][name] == pytest.approx(test.error)


def test_tests_of_value_at_risk_are_those_of_the_forecasts(comparison):
    table = comparison.table
    for name, one in comparison.forecasts.items():
        tests = one.tests()["p_value"]
        for level in (0.01, 0.05):
            assert table[f"violations_{level:g}"][name] == one.violations(level).sum()
            found = [column for column in table if column.startswith("p_") and column.endswith(
                f"_{level:g}"
            )]  # fmt: skip
            assert len(found) == 5
            np.testing.assert_array_equal(table.loc[name, found].astype(float), tests[level])
            assert (
                table[f"p_expected_shortfall_{level:g}"][name]
                == (tests[level, "Du-Escanciano, expected shortfall"])
            )


@pytest.mark.parametrize(
    ("evidences", "errors", "said"),
    [
        ([0.0, -9.0], None, ["a is the most probable: P = 1."]),
        ([0.0, -0.02, -9.0], None, ["P = 0.505", "evidence of b is less by no more than 2 Monte"]),
        ([0.0, -0.5, -0.4, -9.0], None, ["P = 0.4", "hardly tell it from b and c: Bayes factors"]),
        ([0.0, -0.5, -9.0], [0.3, 0.1, 0.1], ["P = 0.622", "evidence of b is less by no more"]),
        ([0.0, np.nan, -3.0], None, ["P = 0.953", "Without an evidence, since sampling failed: b"]),
    ],
)
def test_what_the_evidence_tells_apart(evidences, errors, said):
    notes = VolatilityComparison(averaged(evidences, errors)).notes
    assert len(notes) == len(said) + 1
    for note, part in zip(notes, [*said, "Some are zero."], strict=True):
        assert part in note


def test_what_the_scores_tell_apart(comparison):
    """One is worse by 0.1, which is many errors of 0.05 sqrt(2 / 200)."""
    assert any("standard errors better than b." in note for note in comparison.notes)
    alike = {name: forecast(k) for k, name in enumerate(["a", "b", "average"])}
    notes = VolatilityComparison(averaged([0.0, -9.0]), alike).notes
    assert any("no other's is worse by more than 2 standard errors" in note for note in notes)


def test_repr_is_short(comparison):
    title, said, doubt = repr(comparison).split("\n")
    assert title == "VolatilityComparison(3 models; 200 periods held out)"
    assert doubt == "! a: too few draws"
    assert said.startswith("b is the most probable: P = 0.879.")


def test_plot(comparison):
    left, right = comparison.plot().axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["b", "a", "c", "average"]
    assert left.get_xlabel() == "log evidence, less the best"
    assert right.get_xlabel() == "mean log score of 200 periods, less the best"
    points = left.lines[1].get_xdata()
    np.testing.assert_allclose(points, [-2.0, -4.0, -8.0, 0.0])
    [only] = VolatilityComparison(averaged([0.0, -1.0])).plot().axes
    assert [label.get_text() for label in only.get_yticklabels()] == ["a", "b"]
