"""Returns in percent or basis points are not taken for fractions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from puffin.risk import kelly_fraction, stop_distance, tail_risk, volatility_target
from tests.risk.constant_draws import fitted

DECISIONS = {
    "stop": lambda model: stop_distance(model, 5),
    "wealth": lambda model: tail_risk(model, loss="wealth"),
    "kelly": kelly_fraction,
    "target": lambda model: volatility_target(model, 0.1),
}


def moving_by(sd):
    return fitted(400, mean=0.0, mu=2 * np.log(sd), h_next=2 * np.log(sd), sigma=0.1, phi=0.9)


@pytest.mark.parametrize("name", DECISIONS)
def test_units_are_noticed(name):
    decide = DECISIONS[name]
    for fraction in (1e-5, 0.01, 0.05, 0.15):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            decide(moving_by(fraction))
    with pytest.warns(UserWarning, match=r"move by 0\.\d+ a period, .* are they in percent"):
        decide(moving_by(0.35))
    for percent_or_basis_points in (1.0, 100.0):
        with pytest.raises(ValueError, match=r"most of what there is, where 0\.01 is 1%"):
            decide(moving_by(percent_or_basis_points))


def test_a_loss_in_the_returns_own_unit_may_have_any():
    one, other = tail_risk(moving_by(0.01)), tail_risk(moving_by(1.0))
    np.testing.assert_allclose(other.value_at_risk, 100.0 * one.value_at_risk, rtol=1e-6)
