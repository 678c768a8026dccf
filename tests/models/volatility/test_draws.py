"""Draws with weights, and what is taken of them.

A statistical test raises a false alarm with probability 1e-4 or less, and its seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from puffin.models.volatility.draws import efficiency
from tests.models.volatility.fitting import fit
from tests.models.volatility.kinds import ALL_AT_LENGTH, FALSE_ALARM
from tests.models.volatility.updated import N, Y, since_fit


def test_efficiency():
    assert efficiency(np.zeros((2, 3)) - 700.0) == 1.0
    assert efficiency(np.log([[4.0, 2.0], [1.0, 1.0]])) == pytest.approx(64 / 4 / 22)


@ALL_AT_LENGTH
def test_draws_are_taken_by_weight_and_in_order(distribution, leverage):
    model = fit(Y[:N], distribution, leverage, 500).update(Y[N : N + 3])
    sampled, variables = model.fitted.sampled, model.posterior.variables
    for chain in range(4):
        weights = np.exp(sampled.log_weights[chain] - sampled.log_weights[chain].max())
        base = {name: draws[chain] for name, draws in sampled.variables.items()}
        # No two draws of the fit have the same next state, though all else may be the same.
        number = {value: place for place, value in enumerate(base["h_next"])}
        places = np.array([number[value] for value in variables["h_next"][chain]])
        assert np.count_nonzero(np.diff(places) < 0) <= 1
        expected, counts = 500 * weights / weights.sum(), np.bincount(places, minlength=500)
        assert (counts >= np.floor(expected)).all()
        assert (counts <= np.ceil(expected)).all()
        for name, draws in base.items():
            np.testing.assert_array_equal(variables[name][chain], draws[places], name)


def test_accepted_are_draws_that_differ():
    model = fit(Y[:N], samples=500).update(Y[N : N + 2])
    accepted = model.posterior.statistics["accepted"]
    differs = np.diff(model.posterior.variables["phi"], axis=1) != 0.0
    np.testing.assert_array_equal(accepted[:, 1:], differs)
    assert accepted[:, 0].all()


def test_one_chain_has_an_error_of_its_evidence():
    model = fit(Y[:N], chains=1).update(Y[N : N + 1])
    assert since_fit(model) == 1
    assert 0.0 < model.log_marginal_likelihood.error < 0.2


def test_predictive_density_is_that_of_forecasts():
    """Its distribution function against draws of the next return."""
    model = fit(Y[:N], "student", True).update(Y[N : N + 2])
    draws = model.forecast(1).return_draws[:, 0]
    grid = np.linspace(-0.2, 0.2, 801)
    density = np.exp([model.log_predictive_density(y) for y in grid])
    cdf = integrate.cumulative_trapezoid(density, grid, initial=0.0)
    # One in eight: draws that are taken more than once are not independent.
    p = stats.kstest(draws[::8], lambda x: np.interp(x, grid, cdf)).pvalue
    assert p > FALSE_ALARM
