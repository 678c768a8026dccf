"""The average of what several models say: against its parts, and SciPy.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.laws import Normal, StudentT
from puffin.posterior import AveragedPredictive, PredictiveReturn, monte_carlo_error
from puffin.posterior.averaged import in_proportion
from tests.risk.garch import NormalPaths

WEIGHTS = np.array([0.2, 0.5, 0.3])


def parts():
    """Normal and Student-t errors, of other numbers of chains and draws; the last is one number."""
    stream = np.random.default_rng(1)

    def draws(*shape):
        return stream.normal(0.1, 0.05, shape), np.exp(stream.normal(0.0, 0.3, shape))

    normal = PredictiveReturn(*draws(2, 50), Normal(), {})
    student = PredictiveReturn(*draws(4, 30), StudentT(), {"nu": np.full((4, 30), 5.0)})
    one = PredictiveReturn(np.full((1, 1), -0.2), np.full((1, 1), 2.0), Normal(), {})
    return [normal, student, one]


@pytest.fixture(scope="module")
def averaged():
    return AveragedPredictive(parts(), WEIGHTS)


def expected(of_part):
    return WEIGHTS @ [float(of_part(part)) for part in parts()]


@pytest.mark.parametrize("y", [-8.0, -1.0, 0.0, 2.5])
def test_it_is_the_mixture_of_its_parts(averaged, y):
    assert averaged.cdf(y) == pytest.approx(expected(lambda part: part.cdf(y)), rel=1e-12)
    tail = expected(lambda part: part.tail_expectation(y))
    assert averaged.tail_expectation(y) == pytest.approx(tail, rel=1e-12)
    density = expected(lambda part: np.exp(part.log_density(y)))
    assert averaged.log_density(y) == pytest.approx(np.log(density), rel=1e-12)
    shortfall = expected(lambda part: part.conditional_shortfall(y).mean())
    assert averaged.average(averaged.conditional_shortfall(y)) == pytest.approx(shortfall)


@pytest.mark.parametrize("prob", [1e-4, 0.01, 0.05, 0.5, 0.99])
def test_quantile_is_the_inverse(averaged, prob):
    assert averaged.cdf(averaged.quantile(prob)) == pytest.approx(prob, rel=1e-9)


def test_moments_are_those_of_the_density(averaged):
    def moment(power):
        return integrate.quad(
            lambda y: y**power * np.exp(averaged.log_density(y)), -60, 60, limit=400, points=[0.0]
        )[0]

    mean = averaged.average(averaged.location)
    assert moment(0) == pytest.approx(1.0, abs=1e-5)
    assert mean == pytest.approx(moment(1), abs=1e-4)
    sd = np.sqrt(moment(2) - mean**2)
    assert averaged.standard_deviation == pytest.approx(sd, rel=5e-3)


def test_conditional_densities_and_weights_say_the_same(averaged):
    """Both ways to the average: over the parts, and over all draws."""
    assert averaged.weights.sum() == pytest.approx(1.0, rel=1e-12)
    assert averaged.conditional_cdf(0.3).shape == averaged.location.shape == (1, 221)
    logs = averaged.conditional_log_density(0.3)[0]
    assert np.log(averaged.weights @ np.exp(logs)) == pytest.approx(averaged.log_density(0.3))


def test_errors_of_the_parts_add_up():
    two = parts()[:2]
    weights = np.array([0.25, 0.75])
    averaged = AveragedPredictive(two, weights)
    errors = [monte_carlo_error(part.conditional_cdf(-1.0)) for part in two]
    found = averaged.error(averaged.conditional_cdf(-1.0))
    assert found == pytest.approx(np.hypot(*(weights * errors)))


def test_order_of_the_parts_changes_nothing(averaged):
    order = [2, 0, 1]
    other = AveragedPredictive([parts()[k] for k in order], WEIGHTS[order])
    for of in (
        lambda one: one.quantile(0.01),
        lambda one: one.log_density(0.2),
        lambda one: one.standard_deviation,
        lambda one: one.interval(one.spread, 0.9),
    ):
        np.testing.assert_allclose(of(averaged), of(other), rtol=1e-10)


def test_equal_parts_are_like_one():
    part = parts()[0]
    twice = AveragedPredictive([part, part], np.array([0.5, 0.5]))
    assert twice.quantile(0.05) == pytest.approx(part.quantile(0.05), rel=1e-9)
    assert twice.standard_deviation == pytest.approx(part.standard_deviation)
    # 82 of 100 draws, and the same 164 of 200.
    np.testing.assert_allclose(
        twice.interval(twice.spread, 0.815), part.interval(part.spread, 0.815)
    )


def test_simulated_returns_are_of_each_in_proportion():
    """Of three models whose returns do not overlap; some error of rounding, none of luck."""
    index = None
    far = [
        NormalPaths(np.full((1, 1), c), np.ones((1, 1)), np.full((1, 1000, 2), c / 2), index)
        for c in (-10.0, 0.0, 10.0)
    ]
    draws = AveragedPredictive(far, WEIGHTS).draws
    assert draws.shape == (1, 1000, 2)
    sums = draws.sum(axis=2)[0]
    assert [np.count_nonzero(sums == c) for c in (-10.0, 0.0, 10.0)] == [200, 500, 300]
    first_half = [np.count_nonzero(sums[:500] == c) for c in (-10.0, 0.0, 10.0)]
    assert first_half == [100, 250, 150]


def test_proportions_are_rounded_to_as_many_as_there_are():
    stream = np.random.default_rng(3)
    for _ in range(20):
        weights = stream.dirichlet(np.full(4, 0.3))
        draws = [np.column_stack([np.arange(n), np.full(n, k)]) for k, n in enumerate(
            stream.integers(50, 80, 4)
        )]  # fmt: skip
        total = min(map(len, draws))
        taken = in_proportion(draws, weights)
        assert len(taken) == total
        counts = np.bincount(taken[:, 1], minlength=4)
        assert np.abs(counts - total * weights).max() < 1.0
        assert len(np.unique(taken, axis=0)) == total


def test_nodes_are_those_of_each():
    """Gauss-Hermite where all have it, so that the expectation is exact; else simulated returns."""
    two, weights = parts()[::2], np.array([0.4, 0.6])
    averaged = AveragedPredictive(two, weights)
    y, of_nodes = averaged.nodes()
    square = averaged.average(np.asarray(y**2 @ of_nodes))
    mean = averaged.average(averaged.location)
    assert square == pytest.approx(averaged.standard_deviation**2 + mean**2, rel=1e-9)
    path = NormalPaths(np.zeros((1, 1)), np.ones((1, 1)), np.zeros((1, 40, 1)), None)
    y, of_nodes = AveragedPredictive([two[0], path], weights).nodes()
    assert (y.shape, of_nodes.tolist()) == ((1, 40, 1), [1.0])


def test_posterior_means_are_each_models_own(averaged):
    plug_in = averaged.at_posterior_mean()
    found = [(part.location.mean(), part.spread.mean()) for part in parts()]
    student = stats.t(5.0, *found[1][:1], found[1][1] * np.sqrt(3 / 5))
    cdfs = [stats.norm.cdf(-1.0, *found[0]), student.cdf(-1.0), stats.norm.cdf(-1.0, -0.2, 2.0)]
    assert plug_in.cdf(-1.0) == pytest.approx(WEIGHTS @ cdfs)
