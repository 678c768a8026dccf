"""One measure's parameters, and a state drawn given its measures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from puffin.inference.measures import Measure, draw_measured_state
from tests.inference.measured_problems import PRIORS_OF_MEASURES

PARAMETERS = {
    "xi_a": np.array([0.3]), "tau_a": np.array([0.4]),
    "xi_b": np.array([-2.0]), "psi_b": np.array([0.5]), "tau_b": np.array([0.2]),
}  # fmt: skip
MEASURES = (Measure("a", False), Measure("b", True))


def test_state_and_density_are_those_of_a_grid():
    """Means and standard deviations of 200,000 draws: false alarms 1e-5 each."""
    x, m, s = np.array([1.1, -1.7]), 0.2, 0.6
    moments = np.full(200_000, m), np.full(200_000, s)
    h, log_density = draw_measured_state(moments, x, MEASURES, PARAMETERS, np.random.default_rng(1))
    grid = np.linspace(m - 8 * s, m + 8 * s, 4001)
    weights = stats.norm.pdf(grid, m, s) * stats.norm.pdf(x[0], 0.3 + grid, 0.4)
    weights *= stats.norm.pdf(x[1], -2.0 + 0.5 * grid, 0.2)
    evidence = weights.sum() * (grid[1] - grid[0])
    np.testing.assert_allclose(log_density, math.log(evidence), rtol=1e-9)
    mean = weights @ grid / weights.sum()
    sd = math.sqrt(weights @ (grid - mean) ** 2 / weights.sum())
    assert abs(h.mean() - mean) < 4.5 * sd / math.sqrt(h.size)
    assert abs(h.std() / sd - 1.0) < 4.5 / math.sqrt(2 * h.size)


def test_measures_that_are_missing_say_nothing():
    moments = np.array([0.2, 0.5]), np.array([0.6, 0.1])
    known = np.array([1.1, np.nan])
    both, one = (
        draw_measured_state(
            moments, x[: len(measures)], measures, PARAMETERS, np.random.default_rng(1)
        )
        for x, measures in ((known, MEASURES), (known, MEASURES[:1]))
    )
    np.testing.assert_array_equal(both, one)
    alone, density = draw_measured_state(
        moments, np.array([np.nan]), MEASURES[:1], PARAMETERS, np.random.default_rng(1)
    )
    shocks = np.random.default_rng(1).standard_normal(2)
    np.testing.assert_allclose(alone, moments[0] + moments[1] * shocks)
    assert not density.any()


@pytest.mark.parametrize("free", [True, False])
def test_what_is_estimated(free):
    measure = Measure("a", free)
    names = [parameter.name for parameter in measure.parameters(PRIORS_OF_MEASURES)]
    assert names == ["xi_a", *["psi_a"] * free, "tau_a"] == list(measure.estimated)
    assert measure.fixed == ({} if free else {"psi_a": 1.0})


def test_the_search_starts_where_the_data_are():
    stream = np.random.default_rng(2)
    h = 0.02 * np.cumsum(stream.normal(size=2000))
    x = 5.0 + h + 0.4 * stream.normal(size=2000)
    x[100:120] = np.nan
    located = Measure("a", False).located(x, float(h.mean()))
    assert located["xi_a"] == pytest.approx(5.0, abs=0.05)
    assert located["tau_a"] == pytest.approx(0.4, rel=0.1)
    assert Measure("a", False).located(np.array([np.nan, 1.0]), 0.0)["tau_a"] == 0.5
